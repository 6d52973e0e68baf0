"""Why a statement was refused. It took nothing; of a hold, rows are read again to say what was full."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError

from accounts import selectors as accounts
from config.core import money
from subscriptions.errors import (
    BudgetReached,
    DailyLimitReached,
    KeyAlreadyCharged,
    TierDayUsedUp,
    TierLimitReached,
    TierMonthUsedUp,
)
from subscriptions.models import TierCounter
from subscriptions.selectors import budgets, quota
from subscriptions.selectors.tiers import FREE
from subscriptions.types import TierLimits


def of_hold(error: IntegrityError, asked: dict[str, Any], tier: TierLimits | None) -> Exception:
    """What the table's complaint stands for; `error` itself when for none. `asked`: the hold's parameters."""
    said = getattr(error.__cause__, "diag", None)
    column, constraint = getattr(said, "column_name", None), getattr(said, "constraint_name", None)
    if column == "counter_id":
        return _daily_limit(asked)
    if column == "budget_counters":
        return _budget(asked)
    if constraint == "hold_has_room_in_tier" and tier is not None:
        return _tier(asked, tier)
    if constraint == "hold_key_charged_once":
        return KeyAlreadyCharged()
    return error


def saw_too_few_grants(error: IntegrityError) -> bool:
    """Whether a capture waited while credits came and older ones were used up: the next look sees them."""
    return getattr(getattr(error.__cause__, "diag", None), "column_name", None) == "revenue_ghs"


def _daily_limit(asked: dict[str, Any]) -> DailyLimitReached:
    zone = accounts.zone(business_id=asked["business"])
    resets_at = quota.next_midnight(asked["now"], zone)
    return DailyLimitReached(
        limit_usd=asked["daily_limit"], resets_at=resets_at, retry_after=_seconds(asked["now"], resets_at)
    )


def _budget(asked: dict[str, Any]) -> BudgetReached:
    now, business_id = asked["now"], asked["business"]
    lines = budgets.applying(
        business_id=business_id, membership_id=asked["membership"], feature=asked["feature"], now=now
    )
    hard = [line for line in lines if not line.soft_only]
    if not hard:  # removed meanwhile: the next try finds room
        return BudgetReached()
    wanted = {"usd": asked["cost"], "credits": asked["credits"]}
    full = max(hard, key=lambda line: (line.spent + line.held + wanted[line.unit]) / line.limit)
    limit = budgets.amount_text(full.limit, full.unit)
    return BudgetReached(
        f"The monthly AI budget for {full.what}, {limit}, has no room for this. It starts again on"
        f" {full.resets_at:%d %B %Y}; an owner can raise it. Answers from your own data stay free.",
        budget_id=full.id,
        scope=full.scope,
        unit=full.unit,
        limit=money.credits(full.limit),
        resets_at=full.resets_at,
        retry_after=_seconds(now, full.resets_at),
    )


def _tier(asked: dict[str, Any], tier: TierLimits) -> TierLimitReached:
    now, zone = asked["now"], ZoneInfo(settings.PLATFORM_TIME_ZONE)
    counter = TierCounter.objects.filter(user_id=asked["user"], month=asked["tier_month"]).first()
    refusal: type[TierLimitReached]
    if tier.requests_per_month <= (counter.requests if counter else 0):
        refusal, limit, every = TierMonthUsedUp, tier.requests_per_month, "month"
        resets_at = budgets.next_month(asked["tier_month"], zone)
    else:
        refusal, limit, every = TierDayUsedUp, tier.requests_per_day, "day"
        resets_at = quota.next_midnight(now, zone)
    larger = "Buy a credit pack or a larger tier" if tier.slug == FREE else "Buy a larger tier"
    return refusal(
        f"The {tier.slug} tier's {limit:,} AI requests a {every} are used up. {larger} to go on now, or wait"
        f" until {resets_at:%d %B %Y}. Answers from your own data stay free.",
        tier=tier.slug,
        limit=limit,
        resets_at=resets_at,
        retry_after=_seconds(now, resets_at),
    )


def _seconds(now: datetime, then: datetime) -> int:
    return int((then - now).total_seconds()) + 1
