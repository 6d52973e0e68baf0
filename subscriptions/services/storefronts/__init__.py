"""The storefront plan: ordered, paid, changed, renewed or asked for, ended. It never blocks a storefront."""

from .completing import PURPOSE, complete, remember_card
from .ending import after_money_back, cancel
from .ordering import Changed, change, subscribe
from .renewing import advance, due

__all__ = [
    "PURPOSE",
    "Changed",
    "advance",
    "after_money_back",
    "cancel",
    "change",
    "complete",
    "due",
    "remember_card",
    "subscribe",
]
