"""The monthly add-on: ordered, paid, renewed or asked for, ended. Only a paid month grants credits."""

from subscriptions.selectors.addon_calendar import period_start

from .completing import PURPOSE, complete_period, remember_card
from .ending import cancel, end_refunded
from .ordering import renew, subscribe
from .renewing import advance, due
from .rolling import finish_roll_overs

__all__ = [
    "PURPOSE",
    "advance",
    "cancel",
    "complete_period",
    "due",
    "end_refunded",
    "finish_roll_overs",
    "period_start",
    "remember_card",
    "renew",
    "subscribe",
]
