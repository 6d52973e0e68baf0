"""Money back to the payer. A refund is kept first, sent afterwards, and asked about until it has ended."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from payments.errors import NotRefundable, RefundInProgress, RefundTooLarge
from payments.models import Refund
from payments.types import PaymentStatus

from . import locks


@transaction.atomic
def open_refund(
    *, payment_id: int, amount_ghs: Decimal, reason: str, requested_by: int | None, now: datetime
) -> Refund:
    """Keeps a refund and has it sent once the caller's transaction has committed. No network.

    Locks the payment. Raises NotRefundable when nothing was paid, RefundInProgress, RefundTooLarge, and
    ValueError for an amount that is not whole pesewas above zero.
    """
    if amount_ghs <= 0 or amount_ghs != amount_ghs.quantize(Decimal("0.01")):
        raise ValueError(f"{amount_ghs} is not an amount in whole pesewas above zero")
    payment = locks.payment(payment_id=payment_id)
    if payment.status != PaymentStatus.SUCCESSFUL or payment.paid_ghs is None:
        raise NotRefundable
    if payment.refunds.filter(status__in=Refund.OPEN).exists():
        raise RefundInProgress
    if amount_ghs > payment.paid_ghs - payment.refunded_ghs:
        raise RefundTooLarge(refundable=payment.paid_ghs - payment.refunded_ghs)
    return Refund.objects.create(
        payment=payment,
        amount_ghs=amount_ghs,
        reason=reason,
        requested_by=requested_by,
        created_at=now,
        next_check_at=now,
    )
