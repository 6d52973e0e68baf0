"""What of a sale could be refunded now. The one place of that rule: who asks, who confirms and who lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.core import money
from config.core.errors import DomainError
from payments import selectors as payments
from payments.errors import NotRefundable, RefundInProgress
from payments.types import MoneyBack, PaymentStatus
from subscriptions.errors import NothingToRefund, RefundWindowOver
from subscriptions.models import AICreditPurchase, CreditGrant, LicenceMonth

from . import account, licences, sold

OWNER_WINDOW = timedelta(days=7)
_DISPUTED = "The payer's bank disputes this payment, so it can't be refunded as well."


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a refund would take and give now, and what stays.

    Of the `sold` credits, `credits` would be taken; `used` are gone, `kept` stay for calls that are running.
    Of `paid_ghs`, `amount_ghs` would go back. `refunds` is how many there were before.
    """

    credits: Decimal
    amount_ghs: Decimal
    sold: Decimal
    used: Decimal
    kept: Decimal
    paid_ghs: Decimal
    refunds: int

    @property
    def seal(self) -> str:
        """The same as long as a refund would do the same, and no other has been made in between."""
        return f"{self.credits:.2f}/{self.amount_ghs:.2f}/{self.used:.2f}/{self.kept:.2f}/{self.refunds}"


def quote(*, payment_id: int, now: datetime) -> Quote:
    """Three queries. True to the end of the transaction for whoever has locked payment and account.

    amount = unspent ÷ total × paid, down to the pesewa; of a month of a licence, its days left ÷ its days, a
    day that has begun counting as left; for a payment that was kept as unapplied, all that is
    left of it. Raises NothingToRefund, NotRefundable, RefundInProgress.
    """
    grant = sold.grant_sold_by(payment_id=payment_id)
    month = licences.sold_by(payment_id=payment_id) if grant is None else None
    if month is not None:
        return _quote_of_month(payments.money_back(payment_id=payment_id), month, now)
    free = money.ZERO if grant is None else account.available(business_id=grant.business_id, now=now)
    return _quote(payments.money_back(payment_id=payment_id), grant, free, now)


def check_window(*, purchase: AICreditPurchase, now: datetime) -> None:
    """Raises RefundWindowOver 7 days after the purchase was completed."""
    if purchase.completed_at is not None and purchase.completed_at + OWNER_WINDOW <= now:
        raise RefundWindowOver


def for_owner_ghs(*, purchase: Any) -> Decimal:
    """What would go back if the owner asked at `purchase.asked_at`; 0 when that would be refused.

    No query. The purchase is a row of the selector `purchases`, which brings the facts with it.
    """
    now = purchase.asked_at
    if purchase.money_back is None:
        return money.ghs(money.ZERO)
    back = payments.read_money_back(purchase.money_back)
    try:
        check_window(purchase=purchase, now=now)
        return _quote(back, purchase.grant, purchase.free, now).amount_ghs
    except DomainError:
        return money.ghs(money.ZERO)


def _quote(back: MoneyBack, grant: CreditGrant | None, free: Decimal, now: datetime) -> Quote:
    """`free`: what the business can spend now, so what running calls can do without."""
    _check(back, frozen=grant is not None and grant.frozen)
    credits, amount_ghs, sold, used, kept = money.ZERO, back.left_ghs, money.ZERO, money.ZERO, money.ZERO
    if grant is not None:
        sold, credits = grant.credits, _unspent(grant, free, now)
        amount_ghs = min(amount_ghs, money.ghs_down(credits * back.paid_ghs / sold))
        used = max(sold - grant.taken_back - grant.remaining, money.ZERO)
        kept = grant.remaining - credits
    if amount_ghs <= 0:
        raise NothingToRefund
    return Quote(
        credits=credits,
        amount_ghs=amount_ghs,
        sold=sold,
        used=used,
        kept=kept,
        paid_ghs=back.paid_ghs,
        refunds=back.refunds,
    )


def _quote_of_month(back: MoneyBack, month: LicenceMonth, now: datetime) -> Quote:
    _check(back)
    is_here = month.status == LicenceMonth.Status.PAID
    days, left = _days(month.length), _days(month.rest(now=now)) if is_here else 0
    amount_ghs = min(back.left_ghs, money.ghs_down(left * back.paid_ghs / days))
    if amount_ghs <= 0:
        raise NothingToRefund("Nothing of this month is left, so nothing of it can be refunded.")
    return Quote(
        credits=money.ZERO,
        amount_ghs=amount_ghs,
        sold=money.ZERO,
        used=money.ZERO,
        kept=money.ZERO,
        paid_ghs=back.paid_ghs,
        refunds=back.refunds,
    )


def _days(span: timedelta) -> int:
    """Rounded up."""
    return -(-span // timedelta(days=1))


def _check(back: MoneyBack, *, frozen: bool = False) -> None:
    if back.under_way:
        raise RefundInProgress
    if back.disputed or frozen:
        raise NotRefundable(_DISPUTED)
    if back.status not in (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED):
        raise NotRefundable


def _unspent(grant: CreditGrant, free: Decimal, now: datetime) -> Decimal:
    """What could be withdrawn of a grant: unexpired, unfrozen, and not needed by calls that are running.

    Nor more than is still paid for: a charge given back after its money was lost can leave more than that.
    """
    if grant.frozen or (grant.expires_at is not None and grant.expires_at <= now):
        return money.ZERO
    return min(grant.remaining, grant.credits - grant.taken_back, free)
