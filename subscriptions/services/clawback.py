"""Credits follow their money: what of a payment is not ours any more decides what of its grant is taken back.

Nothing here depends on the order in which refunds and disputes are reported. What is to be taken is computed
from all of them, and the grant is moved by what is missing.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from config.core import money
from payments.types import DisputeStatus, PaymentStatus, RefundStatus
from subscriptions.models import AICreditPurchase, CreditEntry
from subscriptions.selectors import sold

from . import addons, ledger, locks

_UNDECIDED = (DisputeStatus.OPEN, DisputeStatus.ANSWERED)

_log = structlog.get_logger("sika.clawback")


def refund_key(refund_id: Any) -> str:
    """Key of the entry that took the unspent credits when a refund was requested here."""
    return f"refund:{refund_id}"


def after_refund(*, payment: Any, refund: Any, now: datetime) -> bool:
    """Follows a refund that is PROCESSED or FAILED. False when the payment paid for nothing.

    The caller has locked the payment; locks purchase or add-on, account and grant. Raises Busy.
    """
    purchase = locks.lock_purchase_paid_by(payment_id=payment.pk)
    was_requested = CreditEntry.objects.filter(key=refund_key(refund.pk)).exists()
    if (
        purchase is not None
        and refund.status == RefundStatus.PROCESSED
        and (was_requested or payment.status == PaymentStatus.REFUNDED)
    ):
        purchase.status = AICreditPurchase.Status.REFUNDED
        purchase.save(update_fields=["status"])
    if purchase is None and _is_gone(payment):
        addons.end_refunded(payment_id=payment.pk)
    return _follow(payment, f"refund:{refund.pk}:{refund.status.lower()}", now)


def after_dispute(*, payment: Any, dispute: Any, now: datetime) -> bool:
    """Follows a dispute that was opened, WON or LOST. False when the payment paid for nothing.

    The caller has locked the payment; locks add-on, account and grant. Raises Busy.
    """
    if _is_gone(payment):
        addons.end_refunded(payment_id=payment.pk)
    return _follow(payment, f"dispute:{dispute.pk}:{dispute.status.lower()}", now)


def after_payment(*, payment: Any, now: datetime) -> None:
    """Follows the disputes that came before the payment was settled. The caller has locked what it sold."""
    if payment.disputes.exists():
        if _is_gone(payment):
            addons.end_refunded(payment_id=payment.pk)
        _follow(payment, f"payment:{payment.pk}:disputed", now)


def credits_without_money(*, payment: Any, credits: Decimal) -> Decimal:
    """How many of the `credits` that `payment` paid for are not paid for any more.

    A refund requested here: what it took, unless it failed. The rest that went back, by a refund made at the
    gateway or a lost dispute, but never more than was left: credits x money ÷ paid, rounded down to 0.01
    credits, in the customer's favour.
    """
    paid: Decimal = payment.paid_ghs or payment.amount_ghs
    refunds = [one for one in payment.refunds.all() if one.status != RefundStatus.FAILED]
    keys = [refund_key(one.pk) for one in refunds]
    taken = dict(CreditEntry.objects.filter(key__in=keys).values_list("key", "amount"))
    requested_ghs, elsewhere_ghs = money.ZERO, money.ZERO
    for refund in refunds:
        if refund_key(refund.pk) in taken:
            requested_ghs += refund.amount_ghs
        elif refund.status == RefundStatus.PROCESSED:
            elsewhere_ghs += refund.amount_ghs
    for dispute in payment.disputes.filter(status=DisputeStatus.LOST):
        elsewhere_ghs += dispute.amount_ghs
    gone_ghs = min(elsewhere_ghs, paid - requested_ghs)
    return min(credits, money.credits_down(credits * gone_ghs / paid) - sum(taken.values()))


def _is_gone(payment: Any) -> bool:
    """Whether a sale is over: all money went back, or that of what was unspent, or the bank took it."""
    lost = payment.disputes.filter(status=DisputeStatus.LOST)
    if payment.status == PaymentStatus.REFUNDED or lost.exists():
        return True
    done = payment.refunds.filter(status=RefundStatus.PROCESSED).values_list("pk", flat=True)
    return CreditEntry.objects.filter(key__in=[refund_key(pk) for pk in done]).exists()


def _follow(payment: Any, cause: str, now: datetime) -> bool:
    grant = sold.grant_sold_by(payment_id=payment.pk)
    if grant is None:
        return False
    target = credits_without_money(payment=payment, credits=grant.credits)
    ledger.set_taken_back(grant_id=grant.pk, credits=target, key=cause, now=now)
    is_open = payment.disputes.filter(status__in=_UNDECIDED).exists()
    ledger.set_frozen(grant_id=grant.pk, frozen=is_open, now=now)
    _log.info("credits_follow_money", cause=cause, grant=grant.key, taken_back=str(target), frozen=is_open)
    return True
