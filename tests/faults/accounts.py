"""What the market's books say, against what the gateway says was paid there and went back."""

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from payments.models import Dispute, Payment, Refund
from payments.types import DisputeStatus, RefundStatus
from subscriptions.models import AICreditPurchase, BusinessAICredits, Receipt

from .buying import PACK_CREDITS, PACK_PESEWAS
from .gateway import LOST

if TYPE_CHECKING:
    from .market import Market

# Credits that are less than a pesewa stay taken; those of a dispute are rounded down to 0.01.
_ROUNDING = Decimal("0.0225")
_NEWEST = "SELECT reference FROM payments_payment WHERE business_id = %s ORDER BY id DESC LIMIT 1"
_BOOKS = """
SELECT coalesce(array_agg(paid.reference), '{}'), coalesce(sum(sold.credits - sold.taken_back), 0),
       coalesce((SELECT balance - debt FROM subscriptions_businessaicredits WHERE business_id = %(shop)s), 0)
  FROM subscriptions_aicreditpurchase bought
  JOIN payments_payment paid ON paid.id = bought.paid_by_id
  JOIN subscriptions_creditgrant sold ON sold.id = bought.grant_id
 WHERE bought.business_id = %(shop)s
"""


def newest(business_id: UUID) -> str | None:
    """Reference of the last payment that was opened."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [business_id])
        row = cursor.fetchone()
    return row[0] if row else None


def books(business_id: UUID) -> tuple[list[str], Decimal, Decimal]:
    """References that were credited for; their credits less what was taken back; balance less debt.

    One statement, as it is asked after every step.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS, {"shop": business_id})
        credited, sold, there = cursor.fetchone()
    return credited, sold, there


def every_success_is_accounted_for(day: "Market") -> None:
    at_the_gateway = day.gateway.successes() & {attempt.reference for attempt in day.attempts}
    assert at_the_gateway == day.paid
    orders = AICreditPurchase.objects.filter(business_id=day.member.business_id)
    ours = Payment.objects.filter(business_id=day.member.business_id)
    credited = set(orders.exclude(paid_by=None).values_list("paid_by__reference", flat=True))
    unapplied = set(ours.filter(unapplied=True).values_list("reference", flat=True))
    review = set(ours.filter(status="REVIEW").values_list("reference", flat=True))
    assert credited | unapplied | review == at_the_gateway
    assert len(credited) + len(unapplied) + len(review) == len(at_the_gateway)
    day.told["= purchases"] += orders.count()
    day.told["= attempts"] += ours.count()
    day.told["= paid at the gateway"] += len(at_the_gateway)
    day.told["= credited"] += len(credited)
    day.told["= unapplied"] += len(unapplied)
    day.told["= in review"] += len(review)


def credits_have_followed_money(day: "Market") -> None:
    """What the gateway says went back, by its own lists, against our refunds, disputes, grants and papers."""
    refunded, disputed = day.gateway.refunds(day.paid), day.gateway.disputes(day.paid)
    ours = Refund.objects.filter(payment__business_id=day.member.business_id)
    for refund in ours:
        there = refunded.pop(refund.gateway_refund_id, {"status": "failed"})
        assert there["status"] == refund.status.lower() and refund.status in ("PROCESSED", "FAILED")
        assert "amount" not in there or there["amount"] == int(refund.amount_ghs * 100)
    assert refunded == {}
    rows = Dispute.objects.filter(payment__business_id=day.member.business_id)
    told = {row.gateway_dispute_id: row.status for row in rows}
    assert told == {which: "LOST" if row["resolution"] in LOST else "WON" for which, row in disputed.items()}

    back: Counter[str] = Counter()
    for refund in ours.filter(status=RefundStatus.PROCESSED).select_related("payment"):
        back[refund.payment.reference] += int(refund.amount_ghs * 100)
    for row in disputed.values():
        if row["resolution"] in LOST:
            back[row["transaction"]["reference"]] += row["refund_amount"]
    taken = Decimal(0)
    sold: Any = AICreditPurchase.objects.filter(business_id=day.member.business_id, grant__isnull=False)
    for one in sold.select_related("grant", "paid_by"):
        gone = Decimal(min(back[one.paid_by.reference], PACK_PESEWAS)) * PACK_CREDITS / PACK_PESEWAS
        assert abs(one.grant.taken_back - gone) <= _ROUNDING
        assert not one.grant.frozen
        taken += one.grant.taken_back
    noted = Receipt.objects.filter(business_id=day.member.business_id, kind="CN")
    processed = ours.filter(status=RefundStatus.PROCESSED)
    assert sorted(noted.values_list("refund_id", flat=True)) == sorted(
        processed.filter(payment__unapplied=False).values_list("pk", flat=True)
    )
    account = BusinessAICredits.objects.get(pk=day.member.business_id)
    day.told["= refunds made"] += processed.count()
    day.told["= of these unapplied"] += processed.filter(payment__unapplied=True).count()
    day.told["= refunds failed"] += ours.filter(status=RefundStatus.FAILED).count()
    day.told["= disputes lost"] += rows.filter(status=DisputeStatus.LOST).count()
    day.told["= disputes won"] += rows.filter(status=DisputeStatus.WON).count()
    day.told["= cedis back"] += sum(back.values()) // 100
    day.told["= credits taken back"] += int(taken)
    day.told["= credits owed"] += int(account.debt)
