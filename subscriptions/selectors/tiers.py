"""Which API tier a user has, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from subscriptions.errors import NotOnSale
from subscriptions.models import ApiTier, Licence
from subscriptions.types import TierLimits

from . import licences

FREE = licences.FREE
# A limit must not strand credits that somebody paid for.
LEAST_OF_PAYING_BUSINESS = "pro"

# One round trip before each paid call: the plan of the user's licence in force, and what the business has
# paid for that is still there. Frozen and expired credits can't be spent, so they are not stranded.
_FACTS = """
SELECT month.plan, month.created_at, month.ends_at,
       EXISTS (SELECT FROM subscriptions_creditgrant
                WHERE business_id = %(business)s AND remaining > 0 AND unit_value_ghs > 0
                  AND frozen_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)),
       EXISTS (SELECT FROM subscriptions_aimonthlyaddon
                WHERE business_id = %(business)s AND status = 'ACTIVE' AND period_end > %(now)s)
  FROM (VALUES (1)) AS always
  LEFT JOIN subscriptions_licence licence
         ON licence.user_id = %(user)s AND licence.kind = 'api_tier' AND licence.status <> 'suspended'
  LEFT JOIN subscriptions_licencemonth month
         ON month.licence_id = licence.id AND month.status = 'paid'
        AND month.ends_at > %(now)s AND month.starts_at <= %(now)s
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`own` is the user's licence (None: free), until `own_until`; the rest is what the business paid for."""

    tier: ApiTier
    own: ApiTier | None
    own_until: datetime | None
    paid_credits: bool
    addon: bool


def tier_limits(*, user_id: int, business_id: UUID, now: datetime) -> TierLimits:
    """The limits of the user's calls for this business. One query. Raises NotOnSale without a free tier."""
    tier = standing(user_id=user_id, business_id=business_id, now=now).tier
    return TierLimits(
        slug=tier.slug,
        requests_per_day=tier.requests_per_day,
        requests_per_month=tier.requests_per_month,
    )


def standing(*, user_id: int, business_id: UUID, now: datetime) -> Standing:
    """The user's own licence in force, else free; at least `pro` while the business has paid for something.

    One query. A tier that was withdrawn is kept until it ends by whoever bought it, as it was then. Raises
    NotOnSale when the catalogue has no free tier.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"user": user_id, "business": business_id, "now": now})
        plan, bought_at, until, paid_credits, addon = cursor.fetchone()
    own = None if plan is None else ApiTier.find(plan, now) or ApiTier.find(plan, bought_at)
    least = ApiTier.find(LEAST_OF_PAYING_BUSINESS if paid_credits or addon else FREE, now)
    # The first of equals: the user's own before what the business brings.
    tier = max((one for one in (own, least, ApiTier.find(FREE, now)) if one), key=_size, default=None)
    if tier is None:
        raise NotOnSale
    return Standing(tier=tier, own=own, own_until=until, paid_credits=paid_credits, addon=addon)


def overview(*, user_id: int, business_id: UUID, now: datetime) -> dict[str, Any]:
    """The tier with its reason in words, and every tier on offer at today's price.

    Raises NotOnSale, FxRateUnknown.
    """
    found = standing(user_id=user_id, business_id=business_id, now=now)
    mine = Licence.objects.filter(user=user_id, kind=Licence.Kind.API_TIER, status=Licence.Status.SUSPENDED)
    reason, because = _reason(found)
    return {
        "tier": found.tier,
        "reason": reason,
        "because": because,
        "expires_at": found.own_until if reason == "licence" else None,
        "suspended": mine.exists(),
        "tiers": licences.offers(kind=Licence.Kind.API_TIER, now=now),
    }


def _reason(found: Standing) -> tuple[str, str]:
    name = found.tier.name
    if found.tier is found.own and found.own_until is not None:
        return "licence", f"{name}, by your licence until {found.own_until:%-d %B %Y}."
    if found.tier.slug == FREE:
        return "free", f"{name}. Buy a tier, or credits for your business, to do more."
    if found.paid_credits:
        return "paid_credits", f"{name}, because your business holds paid credits."
    return "addon", f"{name}, because your business has the monthly add-on."


def _size(tier: ApiTier) -> tuple[int, int]:
    return tier.requests_per_day, tier.requests_per_month
