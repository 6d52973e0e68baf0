"""A refund that somebody asks for: the unspent credits go at once, and their money is sent back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core.errors import NotFound
from payments.errors import NotRefundable
from payments.services import locks as payment_locks
from payments.services import refunds as payment_refunds
from subscriptions.errors import RefundChanged
from subscriptions.models import AICreditPurchase, CreditGrant
from subscriptions.selectors import refundable, sold
from subscriptions.selectors.refundable import Quote

from . import clawback, ledger, licences, locks


@dataclass(frozen=True, kw_only=True)
class Requested:
    """`refund` is the payment's; `credits` were taken for it."""

    refund: Any
    credits: Decimal


@transaction.atomic
def request(
    *, payment_id: int, reason: str, requested_by: int, now: datetime, seal: str | None = None
) -> Requested:
    """Takes back what is unspent of what this payment paid for, and opens the refund of its share.

    Both or neither, as `refundable.quote` says. `seal` is that of the quote somebody was shown: nothing is
    done when it holds no more, so what was confirmed once happens once. The credits come back should the
    refund fail. Locks payment, account and grant. Raises NothingToRefund, NotRefundable, RefundInProgress,
    RefundChanged, ReasonRequired.
    """
    found, grant = _locked_quote(payment_id, now)
    if seal is not None and seal != found.seal:
        raise RefundChanged
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
    else:
        licences.follow_money(payment=refund.payment, now=now)
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
    refundable.check_window(purchase=purchase, now=now)
    return request(payment_id=_paid_by(purchase), reason=reason, requested_by=requested_by, now=now)


@transaction.atomic
def request_for_purchase(*, purchase_id: UUID, reason: str, requested_by: int, now: datetime) -> Requested:
    """`request` by support, at any time. Raises NotFound too."""
    return request(
        payment_id=_paid_by(_purchase(purchase_id)), reason=reason, requested_by=requested_by, now=now
    )


def quote_for_purchase(*, purchase_id: UUID, now: datetime) -> Quote:
    """What `request_for_purchase` would take and give now. Changes nothing; raises the same refusals."""
    return refundable.quote(payment_id=_paid_by(_purchase(purchase_id)), now=now)


def _purchase(purchase_id: UUID) -> AICreditPurchase:
    purchase = AICreditPurchase.objects.filter(pk=purchase_id).first()
    if purchase is None:
        raise NotFound("There is no purchase with this id.")
    return purchase


def _paid_by(purchase: AICreditPurchase) -> int:
    if purchase.paid_by_id is None:
        raise NotRefundable("This purchase was not paid, so there is nothing to give back.")
    return purchase.paid_by_id


def _locked_quote(payment_id: int, now: datetime) -> tuple[Quote, CreditGrant | None]:
    """Whatever could change the quote waits from here on for the end of the transaction."""
    payment_locks.payment(payment_id=payment_id)
    grant = sold.grant_sold_by(payment_id=payment_id)
    if grant is not None:
        locks.lock_account(business_id=grant.business_id)
    return refundable.quote(payment_id=payment_id, now=now), grant
