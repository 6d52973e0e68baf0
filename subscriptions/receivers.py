"""What the payments app announces and this app acts on. A line per thing that is sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from payments.signals import payment_refunded, payment_succeeded
from payments.types import Claim, RefundStatus

from .services import addons, purchases, receipts

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


# Connected last: the number of a credit note is the last lock.
@receiver(payment_refunded)
def give_credit_note(payment: Any, refund: Any, now: datetime, **_: Any) -> None:
    """Claims nothing: whoever takes the credits back does. Money that stays here needs no paper."""
    if refund.status == RefundStatus.PROCESSED:
        receipts.issue_credit_note(payment=payment, refund=refund, now=now)
