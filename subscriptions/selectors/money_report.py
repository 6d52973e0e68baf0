"""The platform's money: what was sold, what of it is earned, what is still owed in credits.

Credits that were paid for are deferred revenue until they are burnt, or expire: then they are earned. What
goes back to a payer was never earned. Prices contain tax, and so do these figures.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import TruncDate

from config.core import money
from subscriptions.models import (
    AITransaction,
    BusinessAICredits,
    CreditGrant,
    CreditSlice,
    Receipt,
)

_VALUE = DecimalField(max_digits=24, decimal_places=8)
_NEAR = Decimal("0.8")


def money_report(*, burnt_ghs: Decimal, since: datetime, now: datetime) -> dict[str, Any]:
    """Sales less refunds of the period, what was earned in it, and what is deferred now, in GHS.

    `burnt_ghs`: the revenue of the uses in the period (`analytics` knows it from the daily sums).
    """
    sold, back = _documents(since, now, "SK"), _documents(since, now, "CN")
    expired, reversed_ = _slices("expiry", since, now), _slices("reversal", since, now)
    return {
        "sales_ghs": sold,
        "refunds_ghs": back,
        "net_sales_ghs": sold - back,
        "recognised_ghs": money.ghs(burnt_ghs - reversed_ - expired),
        "of_it_expired_ghs": money.ghs(-expired),
        "deferred_ghs": money.ghs(deferred()),
    }


def deferred() -> Decimal:
    """Value of the credits that were paid for and can still be used, or are frozen, in GHS."""
    value = ExpressionWrapper(F("remaining") * F("unit_value_ghs"), output_field=_VALUE)
    left: Decimal = CreditGrant.objects.filter(remaining__gt=0).aggregate(
        total=Sum(value, default=Decimal(0))
    )["total"]
    return left


def sales_by_day(*, since: datetime, now: datetime) -> list[dict[str, Any]]:
    """What was sold each day (UTC), less what went back, in GHS."""
    documents = Receipt.objects.filter(created_at__gte=since, created_at__lt=now)
    by_day = documents.annotate(day=TruncDate("created_at")).values("day").order_by("day")
    sums = by_day.annotate(
        sold=Sum("total_ghs", filter=Q(kind="SK"), default=Decimal(0)),
        back=Sum("total_ghs", filter=Q(kind="CN"), default=Decimal(0)),
    )
    return [{"day": row["day"], "net_sales_ghs": row["sold"] - row["back"]} for row in sums]


def conversion_opportunities(*, since: datetime, limit: int = 20) -> list[dict[str, Any]]:
    """Businesses that never paid, are active, and have used at least 80% of their free credits."""
    granted = CreditGrant.objects.filter(unit_value_ghs=0).values("business").annotate(free=Sum("credits"))
    free = dict(granted.filter(business__ai_credits__total_purchased=0).values_list("business", "free"))
    accounts = BusinessAICredits.objects.filter(total_purchased=0, total_used__gt=0).select_related(
        "business"
    )
    near = [one for one in accounts if one.total_used >= _NEAR * free.get(one.pk, Decimal(0)) > 0]
    uses = dict(
        AITransaction.objects.filter(business__in=[one.pk for one in near], created_at__gte=since)
        .values("business")
        .annotate(uses=Count("pk"))
        .values_list("business", "uses")
    )
    found = [
        {
            "business_id": one.pk,
            "name": one.business.name,
            "free_credits": free[one.pk],
            "used": one.total_used,
            "uses": uses[one.pk],
        }
        for one in near
        if uses.get(one.pk)
    ]
    return sorted(found, key=lambda row: (-row["uses"], str(row["business_id"])))[:limit]


def _documents(since: datetime, now: datetime, kind: str) -> Decimal:
    total: Decimal = Receipt.objects.filter(kind=kind, created_at__gte=since, created_at__lt=now).aggregate(
        total=Sum("total_ghs", default=Decimal(0))
    )["total"]
    return total


def _slices(kind: str, since: datetime, now: datetime) -> Decimal:
    """Value of what entries of one kind moved, signed."""
    value = ExpressionWrapper(F("amount") * F("grant__unit_value_ghs"), output_field=_VALUE)
    moved = CreditSlice.objects.filter(
        entry__kind=kind, entry__created_at__gte=since, entry__created_at__lt=now
    )
    total: Decimal = moved.aggregate(total=Sum(value, default=Decimal(0)))["total"]
    return total
