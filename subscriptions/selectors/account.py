"""What a business has: balance, grants, runway."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, Greatest

from config.core import money
from subscriptions.models import AIMonthlyAddon, AITransaction, BusinessAICredits, CreditGrant

from . import catalogue

_RUNWAY_WINDOW = timedelta(days=14)
_OF_ROW = Q(business_id=OuterRef("pk"))
_CREDITS = DecimalField(max_digits=14, decimal_places=2)
_IS_PAID = ExpressionWrapper(Q(unit_value_ghs__gt=0), output_field=BooleanField())


@dataclass(frozen=True, kw_only=True)
class Account:
    """`available` is what a call may spend now: neither held nor expired nor frozen."""

    balance: Decimal
    held: Decimal
    debt: Decimal
    available: Decimal
    total_purchased: Decimal
    total_used: Decimal
    low_credit_threshold: Decimal
    used_recently: Decimal
    first_recent_use: datetime | None
    addon: dict[str, Any] | None


def account(*, business_id: UUID, now: datetime) -> Account:
    """One query. A business that never had credits has an account full of zeros."""
    row = (
        BusinessAICredits.objects.filter(pk=business_id)
        .annotate(
            available=_available(now),
            used_recently=_sum(_recent_uses(now), "credits_charged"),
            first_recent_use=Subquery(
                _recent_uses(now).filter(_OF_ROW).order_by("created_at").values("created_at")[:1]
            ),
            addon_price=Subquery(_active_addon(now).values("price_ghs")),
            addon_credits=Subquery(_active_addon(now).values("credits")),
            addon_renewal=Subquery(_active_addon(now).filter(renews=True).values("period_end")),
        )
        .first()
    )
    if row is None:
        nothing: dict[str, Any] = dict.fromkeys(Account.__annotations__, money.ZERO)
        return Account(**{**nothing, "first_recent_use": None, "addon": None})
    addon = None
    if row.addon_price is not None:
        addon = {
            "price": row.addon_price,
            "credits": row.addon_credits,
            "next_renewal": row.addon_renewal,
        }
    return Account(
        balance=row.balance,
        held=row.held,
        debt=row.debt,
        available=row.available,
        total_purchased=row.total_purchased,
        total_used=row.total_used,
        low_credit_threshold=row.low_credit_threshold,
        used_recently=row.used_recently,
        first_recent_use=row.first_recent_use,
        addon=addon,
    )


def balance(*, business_id: UUID) -> Decimal:
    """The balance alone, for answers that charge nothing."""
    found = BusinessAICredits.objects.filter(pk=business_id).values_list("balance", flat=True).first()
    return money.ZERO if found is None else found


def available(*, business_id: UUID, now: datetime) -> Decimal:
    """What a call may spend now, alone."""
    return available_of(business_id=business_id, now=now).first() or money.ZERO


def available_of(*, business_id: UUID, now: datetime) -> QuerySet[BusinessAICredits, Decimal]:
    """`available` as a query to put into another; it finds nothing where there never were credits."""
    return BusinessAICredits.objects.filter(pk=business_id).values_list(_available(now), flat=True)


def live_grants(*, business_id: UUID, now: datetime) -> list[CreditGrant]:
    """Grants with something left, in burn order; a `frozen` one is unusable for now."""
    return list(
        CreditGrant.objects.filter(business_id=business_id, remaining__gt=0)
        .exclude(expires_at__lte=now)
        .order_by("expires_at", _IS_PAID, "created_at", "pk")
    )


def has_active_addon(*, business_id: UUID, now: datetime) -> bool:
    return AIMonthlyAddon.objects.filter(
        business_id=business_id, status="ACTIVE", period_end__gt=now
    ).exists()


def runway(*, held: Account, now: datetime) -> dict[str, Any]:
    """How long, and for how much of each feature, what is available still lasts.

    Days = available ÷ average daily use since the first use of the last 14 days (of one day at least); None
    while nothing was used.
    """
    per_feature = {
        feature.slug: int((held.available / feature.credits).to_integral_value(ROUND_DOWN))
        for feature in catalogue.features(now=now)
    }
    days = None
    per_day = credits_per_day(held=held, now=now)
    if per_day is not None:
        days = int((held.available / per_day).to_integral_value(ROUND_HALF_UP))
    descriptions = per_feature.get("product_description", 0)
    text = f"about {descriptions} product descriptions"
    if days is not None:
        text = f"about {days} {'day' if days == 1 else 'days'}, or {descriptions} product descriptions"
    return {"days": days, "text": text, "per_feature": per_feature}


def credits_per_day(*, held: Account, now: datetime) -> Decimal | None:
    """The average since the first use of the last 14 days (of one day at least); None without a use."""
    if held.used_recently <= 0 or held.first_recent_use is None:
        return None
    return held.used_recently / max((now - held.first_recent_use).days, 1)


def _active_addon(now: datetime) -> QuerySet[AIMonthlyAddon]:
    return AIMonthlyAddon.objects.filter(business_id=OuterRef("pk"), status="ACTIVE", period_end__gt=now)


def _dead(now: datetime) -> Q:
    return Q(expires_at__lte=now) | Q(frozen_at__isnull=False)


def _available(now: datetime) -> Any:
    dead = _sum(CreditGrant.objects.filter(_dead(now), remaining__gt=0), "remaining")
    return Greatest(F("balance") - F("held") - dead, money.ZERO, output_field=_CREDITS)


def _recent_uses(now: datetime) -> QuerySet[AITransaction]:
    return AITransaction.objects.filter(created_at__gt=now - _RUNWAY_WINDOW, credits_charged__gt=0)


def _sum(rows: Any, column: str) -> Any:
    of_business = rows.filter(_OF_ROW).order_by().values("business_id")
    total = of_business.annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(total, output_field=_CREDITS), money.ZERO, output_field=_CREDITS)
