"""What was used, what it cost, and the receipt of one AI use."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Q, Sum
from django.db.models.functions import TruncDate

from config.core import money
from subscriptions.models import AITransaction, CreditSlice

from . import account, catalogue

_COUNTS: dict[str, Any] = {
    "credits": Sum("credits_charged", default=money.ZERO),
    "requests": Count("pk"),
    "successful_requests": Count("pk", filter=Q(status="success")),
}


def usage_stats(*, business_id: UUID, days: int, now: datetime, timezone: str) -> dict[str, Any]:
    """The last `days` × 24 hours of a business. Cost in GHS is for staff: the view hides it."""
    held = account.account(business_id=business_id, now=now)
    rows = AITransaction.objects.filter(
        business_id=business_id, created_at__gt=now - timedelta(days=days), created_at__lte=now
    )
    totals = rows.aggregate(
        **_COUNTS,
        cost_ghs=Sum("cost_ghs", default=money.ZERO),
        cached=Count("pk", filter=Q(source="cached")),
        local=Count("pk", filter=Q(source="local")),
        milliseconds=Avg("response_time_ms", filter=Q(status="success")),
    )
    grouped: Any = rows.values("feature").annotate(**_COUNTS)
    by_feature: list[dict[str, Any]] = list(grouped)
    by_feature.sort(key=lambda row: (-row["requests"], row["feature"]))
    by_day = rows.annotate(day=TruncDate("created_at", tzinfo=ZoneInfo(timezone)))
    names = {feature.slug: feature.name for feature in catalogue.features(now=now)}
    return {
        "period_days": days,
        "current_balance": held.balance,
        "total_credits_used": totals["credits"],
        "total_requests": totals["requests"],
        "successful_requests": totals["successful_requests"],
        "success_rate": _percent(totals["successful_requests"], totals["requests"]),
        "total_cost_ghs": money.ghs(totals["cost_ghs"]),
        "avg_response_time_ms": round(totals["milliseconds"] or 0),
        "feature_breakdown": [
            {
                "feature": row["feature"],
                "name": names.get(row["feature"], row["feature"]),
                "requests": row["requests"],
                "successful_requests": row["successful_requests"],
                "credits": row["credits"],
            }
            for row in by_feature
        ],
        "most_used_feature": by_feature[0]["feature"] if by_feature else None,
        "daily": list(by_day.values("day").annotate(**_COUNTS).order_by("day")),
        "cached": totals["cached"],
        "local": totals["local"],
    }


def receipt(*, business_id: UUID, request_id: UUID) -> dict[str, Any]:
    """What one AI use held, captured and gave back, and from which grants. Costs are for staff."""
    used = AITransaction.objects.select_related("hold").get(request_id=request_id, business_id=business_id)
    slices = CreditSlice.objects.filter(entry__hold_id=used.hold_id, entry__kind="capture")
    held = used.hold.credits if used.hold else money.ZERO
    return {
        "transaction_id": used.pk,
        "status": used.status,
        "source": used.source,
        "held": held,
        "captured": used.credits_charged,
        "returned": held - used.credits_charged,
        "late": used.late,
        "grants": [
            {
                "source": part.grant.source,
                "credits": -part.amount,
                "unit_value_ghs": part.grant.unit_value_ghs,
            }
            for part in (slices.select_related("grant").order_by("pk") if used.hold_id else [])
        ],
        "model": used.model or None,
        "price_version": used.price_effective_from,
        "created_at": used.created_at,
        "revenue_ghs": used.revenue_ghs,
        "provider_cost_usd": used.cost_usd,
        "provider_cost_ghs": used.cost_ghs,
        "tokens": {
            "input": used.input_tokens,
            "cached": used.cached_tokens,
            "output": used.output_tokens,
            "reasoning": used.reasoning_tokens,
        },
    }


def _percent(part: int, whole: int) -> Decimal:
    if whole == 0:
        return money.ZERO
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
