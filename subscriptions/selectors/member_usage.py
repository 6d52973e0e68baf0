"""One user across businesses: roles, and what today's use leaves of their allowance."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model

from accounts import access
from accounts import selectors as accounts
from config.core.errors import NotFound
from subscriptions.models import UsageCounter


def member_usage(*, user_id: int, now: datetime) -> dict[str, Any]:
    """Raises NotFound. A use that runs counts with what it may cost."""
    user = get_user_model().objects.filter(pk=user_id).values_list("email", flat=True).first()
    if user is None:
        raise NotFound
    members = list(accounts.memberships_of(user_id=user_id).order_by("pk"))
    counters = {
        (one.membership_id, one.day): one.spent_usd + one.held_usd
        for one in UsageCounter.objects.filter(membership__in=members, day__gte=now.date())
    }
    return {
        "user_id": user_id,
        "email": user,
        "places": [_place(member, counters, now) for member in members],
    }


def _place(member: Any, counters: dict[Any, Decimal], now: datetime) -> dict[str, Any]:
    today = now.astimezone(ZoneInfo(member.business.timezone)).date()
    role = access.role_of(member, now=now)
    limit = role.daily_ai_cost_usd if role is not None else Decimal(0)
    used = counters.get((member.pk, today), Decimal(0))
    return {
        "business_id": member.business_id,
        "business": member.business.name,
        "role": member.role,
        "daily_limit_usd": limit,
        "used_today_usd": used,
        "remaining_today_usd": max(limit - used, Decimal(0)),
    }
