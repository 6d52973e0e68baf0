"""What is left for one member: requests of the tier, the role's allowance of the day, monthly budgets."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts import selectors as accounts
from config.core import money
from subscriptions.models import TierCounter, UsageCounter

from . import budgets, tiers


def quota(
    *,
    business_id: UUID,
    membership_id: int,
    user_id: int,
    role: str,
    daily_limit_usd: Decimal,
    now: datetime,
) -> dict[str, Any]:
    """`daily_limit_usd` is the role's. Six queries."""
    return {
        "requests": requests(user_id=user_id, business_id=business_id, now=now),
        "daily_allowance": _allowance(business_id, membership_id, role, daily_limit_usd, now),
        "budgets": budgets.applying(business_id=business_id, membership_id=membership_id, now=now),
    }


def requests(*, user_id: int, business_id: UUID, now: datetime) -> dict[str, Any]:
    """What the user's tier allows today and this month, and what of it is used."""
    zone = ZoneInfo(settings.PLATFORM_TIME_ZONE)
    month, today = budgets.month_of(now, zone), now.astimezone(zone).date()
    tier = tiers.tier_limits(user_id=user_id, business_id=business_id, now=now)
    counter = TierCounter.objects.filter(user_id=user_id, month=month).first()
    used_today = counter.today if counter is not None and counter.day >= today else 0
    return {
        "tier": tier.slug,
        "today": _left(tier.requests_per_day, used_today, next_midnight(now, zone)),
        "this_month": _left(
            tier.requests_per_month, counter.requests if counter else 0, budgets.next_month(month, zone)
        ),
    }


def next_midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)


def _left(limit: int, used: int, resets_at: datetime) -> dict[str, Any]:
    return {"limit": limit, "used": used, "left": max(limit - used, 0), "resets_at": resets_at}


def _allowance(
    business_id: UUID, membership_id: int, role: str, limit: Decimal, now: datetime
) -> dict[str, Any]:
    zone = accounts.zone(business_id=business_id)
    counter = UsageCounter.objects.filter(membership=membership_id, day=now.astimezone(zone).date()).first()
    used = counter.spent_usd + counter.held_usd if counter else money.ZERO
    percent = min(budgets.percent(used, limit), Decimal(100)) if limit else Decimal(100)
    return {
        "role": role,
        "used_percent": percent,
        "left_percent": 100 - percent,
        "limit_usd": limit,
        "used_usd": used,
        "resets_at": next_midnight(now, zone),
    }
