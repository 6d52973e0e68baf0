"""What the payments app announces and this app acts on. A line per thing that is sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from payments.signals import payment_succeeded

from .services import addons, purchases

_COMPLETE: dict[str, Callable[..., None]] = {
    purchases.PURPOSE: purchases.complete,
    addons.PURPOSE: addons.complete_period,
}


@receiver(payment_succeeded)
def on_payment_succeeded(payment: Any, now: datetime, **_: Any) -> bool:
    """Inside the settling transaction: True when the payment was for something sold here."""
    complete = _COMPLETE.get(payment.purpose)
    if complete is None:
        return False
    complete(payment_id=payment.pk, now=now)
    return True
