"""A refund that somebody asks for: the unspent credits go at once, and their money is sent back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core import money
from config.core.errors import NotFound
from payments.errors import NotRefundable, RefundInProgress
from payments.services import locks as payment_locks
from payments.services import refund_reports
from payments.services import refunds as payment_refunds
from payments.types import PaymentStatus, RefundStatus
from subscriptions.errors import NothingToRefund, RefundWindowOver
from subscriptions.models import AICreditPurchase, CreditGrant
from subscriptions.selectors import sold

from . import clawback, ledger

OWNER_WINDOW = timedelta(days=7)
_FINISHED = (RefundStatus.PROCESSED, RefundStatus.FAILED)
_DISPUTED = "The payer's bank disputes this payment, so it can't be refunded as well."


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a refund would take and give."""

    credits: Decimal
    amount_ghs: Decimal


@dataclass(frozen=True, kw_only=True)
class Requested:
    """`refund` is the payment's; `credits` were taken for it."""

    refund: Any
    credits: Decimal


@transaction.atomic
def request(*, payment_id: int, reason: str, requested_by: int, now: datetime) -> Requested:
    """Takes back what is unspent of the credits this payment paid for, and opens the refund of their share.

    Both or neither. amount = unspent ÷ total × paid, down to the pesewa; for a payment that was kept as
    unapplied, all that is left of it. The credits come back should the refund fail. Locks payment, account
    and grant. Raises NothingToRefund, NotRefundable, RefundInProgress, ReasonRequired.
    """
    payment = payment_locks.payment(payment_id=payment_id)
    grant = sold.grant_sold_by(payment_id=payment_id)
    found = _quote(payment, grant, now)
    refund = payment_refunds.open_refund(
        payment_id=payment_id,
        amount_ghs=found.amount_ghs,
        reason=reason,
        requested_by=requested_by,
        now=now,
    )
    if grant is not None:
        ledger.withdraw(
            grant_id=grant.pk,
            credits=found.credits,
            key=clawback.refund_key(refund.pk),
            actor_id=requested_by,
            note=reason[:200],
            now=now,
        )
    return Requested(refund=refund, credits=found.credits)


@transaction.atomic
def request_as_owner(
    *, business_id: UUID, purchase_id: UUID, reason: str, requested_by: int, now: datetime
) -> Requested:
    """`request` for a purchase of the business, within 7 days of its completion.

    Raises NotFound for an unknown and for another's purchase alike, RefundWindowOver, and as `request`.
    """
    purchase = AICreditPurchase.objects.filter(pk=purchase_id, business_id=business_id).first()
    if purchase is None:
        raise NotFound
    if purchase.completed_at is not None and purchase.completed_at + OWNER_WINDOW <= now:
        raise RefundWindowOver
    return request(payment_id=_paid_by(purchase), reason=reason, requested_by=requested_by, now=now)


@transaction.atomic
def request_for_purchase(*, purchase_id: UUID, reason: str, requested_by: int, now: datetime) -> Requested:
    """`request` by support, at any time. Raises NotFound too."""
    return request(
        payment_id=_paid_by(_purchase(purchase_id)), reason=reason, requested_by=requested_by, now=now
    )


@transaction.atomic
def quote_for_purchase(*, purchase_id: UUID, now: datetime) -> Quote:
    """What `request_for_purchase` would take and give now. Changes nothing; raises the same refusals."""
    payment_id = _paid_by(_purchase(purchase_id))
    payment = payment_locks.payment(payment_id=payment_id)
    return _quote(payment, sold.grant_sold_by(payment_id=payment_id), now)


def _purchase(purchase_id: UUID) -> AICreditPurchase:
    purchase = AICreditPurchase.objects.filter(pk=purchase_id).first()
    if purchase is None:
        raise NotFound("There is no purchase with this id.")
    return purchase


def _paid_by(purchase: AICreditPurchase) -> int:
    if purchase.paid_by_id is None:
        raise NotRefundable("This purchase was not paid, so there is nothing to give back.")
    return purchase.paid_by_id


def _quote(payment: Any, grant: CreditGrant | None, now: datetime) -> Quote:
    """The payment is locked, and the grant will be: the answer stays true to the end of the transaction."""
    if any(refund.status not in _FINISHED for refund in payment.refunds.all()):
        raise RefundInProgress
    if grant is not None and grant.frozen:
        raise NotRefundable(_DISPUTED)
    if payment.status not in (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED):
        raise NotRefundable
    credits = money.ZERO if grant is None else ledger.unspent(grant_id=grant.pk, now=now)
    amount_ghs = refund_reports.refundable_ghs(payment=payment)
    if grant is not None:
        amount_ghs = min(amount_ghs, money.ghs_down(credits * payment.paid_ghs / grant.credits))
    if amount_ghs <= 0:
        raise NothingToRefund
    return Quote(credits=credits, amount_ghs=amount_ghs)
