"""What the payments app announces and this app acts on. A line per thing that is sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from payments.signals import payment_succeeded
from payments.types import Claim

from .services import addons, purchases

_COMPLETE: dict[str, Callable[..., bool]] = {
    purchases.PURPOSE: purchases.complete,
    addons.PURPOSE: addons.complete_period,
}


@receiver(payment_succeeded)
def on_payment_succeeded(payment: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the settling transaction."""
    complete = _COMPLETE.get(payment.purpose)
    if complete is None:
        return None
    applied = complete(payment_id=payment.pk, order_id=payment.order_id, now=now)
    return Claim.APPLIED if applied else Claim.UNAPPLIED
