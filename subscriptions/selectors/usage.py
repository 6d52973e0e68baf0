"""What was used, what it cost, and the receipt of one AI use."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from config.core import money
from subscriptions.models import AITransaction, CreditSlice

from . import catalogue, usage_sums


def usage_stats(*, business_id: UUID, days: int, now: datetime, timezone: str) -> dict[str, Any]:
    """Today in the business's time zone and the `days` - 1 before it, exact. One query.

    Cost in GHS is for staff: the view hides it.
    """
    last = now.astimezone(ZoneInfo(timezone)).date()
    first = last - timedelta(days=days - 1)
    used = usage_sums.used(business_id=business_id, first=first, last=last, timezone=timezone)
    total = used.total
    names = {feature.slug: feature.name for feature in catalogue.features(now=now)}
    return {
        "period_days": days,
        "period_start": first,
        "period_end": last,
        "current_balance": used.balance,
        "total_credits_used": total.credits,
        "total_requests": total.requests,
        "successful_requests": total.successes,
        "success_rate": _percent(total.successes, total.requests),
        "total_cost_ghs": money.ghs(total.cost_ghs),
        "avg_response_time_ms": _average(total.success_time_ms, total.successes),
        "feature_breakdown": [
            {"feature": slug, "name": names.get(slug, slug), **_row(sums)}
            for slug, sums in used.by_feature.items()
        ],
        "most_used_feature": next(iter(used.by_feature), None),
        "daily": [{"day": day, **_row(sums)} for day, sums in used.by_day.items()],
        "cached": total.cached,
        "local": total.local,
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


def _row(sums: usage_sums.Sums) -> dict[str, Any]:
    return {"requests": sums.requests, "successful_requests": sums.successes, "credits": sums.credits}


def _average(milliseconds: int, count: int) -> int:
    return int((Decimal(milliseconds) / count).to_integral_value(ROUND_HALF_UP)) if count else 0


def _percent(part: int, whole: int) -> Decimal:
    if whole == 0:
        return money.ZERO
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
