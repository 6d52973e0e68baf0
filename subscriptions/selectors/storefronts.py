"""The storefront subscription: what it costs, and what a business has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import selectors as accounts
from config.core import money
from payments.services import charges
from subscriptions.errors import NoStorefrontPlan, NotOnSale, TooFewStorefronts, TooManyStorefronts
from subscriptions.models import StorefrontPeriod, StorefrontPlan, StorefrontTariff
from subscriptions.services import receipts

from . import catalogue
from .addon_calendar import lapses_at

MOST = 100
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Line:
    description: str
    amount_ghs: Decimal


@dataclass(frozen=True, kw_only=True)
class Price:
    """A month of so many storefronts; the lines add up to `price_ghs`."""

    storefronts: int
    price_ghs: Decimal
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What it takes to change a plan: `now_ghs` before it counts, `next_ghs` a month from `renews_at` on.

    `raises`: more than now, so it counts as soon as it is paid; otherwise from `renews_at` on.
    """

    raises: bool
    now_ghs: Decimal
    next_ghs: Decimal
    renews_at: datetime


def price(*, storefronts: int, now: datetime) -> Price:
    """By the tariff in force: the row for so many, or the last row and the extra price for each beyond it.

    Raises TooFewStorefronts, TooManyStorefronts, and NotOnSale where the tariff has a gap.
    """
    if storefronts < 1:
        raise TooFewStorefronts("Choose 1 storefront or more.", minimum=1)
    if storefronts > MOST:
        raise TooManyStorefronts(maximum=MOST)
    rows = {row.storefronts: row.price_ghs for row in StorefrontTariff.in_force(now)}
    extra_ghs = rows.pop(0, None)
    listed = min(storefronts, max(rows, default=0))
    beyond = storefronts - listed
    if listed not in rows or (beyond and extra_ghs is None):
        raise NotOnSale
    lines = [Line(description=counted(listed), amount_ghs=rows[listed])]
    if beyond and extra_ghs is not None:
        lines.append(Line(description=f"{beyond} more, {extra_ghs} each", amount_ghs=beyond * extra_ghs))
    total_ghs = sum((line.amount_ghs for line in lines), money.ZERO)
    return Price(storefronts=storefronts, price_ghs=total_ghs, lines=lines)


def counted(storefronts: int) -> str:
    return f"{storefronts} storefront{'' if storefronts == 1 else 's'}"


def check_covers(*, business_id: UUID, storefronts: int) -> None:
    """Raises TooFewStorefronts for fewer than the business has open."""
    active = accounts.storefronts(business_id=business_id).filter(is_active=True).count()
    if storefronts < active:
        raise TooFewStorefronts(
            f"You have {active} active storefronts. Close some first, or choose {active} or more.",
            minimum=active,
        )


def active_plan(*, business_id: UUID, now: datetime) -> StorefrontPlan | None:
    """The plan that is paid, or that waits for its renewal to be paid."""
    plans = StorefrontPlan.objects.filter(business_id=business_id, status="ACTIVE")
    return plans.filter(Q(period_end__gt=now) | Q(renews=True)).first()


def current(*, business_id: UUID, now: datetime) -> dict[str, Any]:
    """The plan with its current month and the renewal that waits to be paid. Raises NoStorefrontPlan."""
    plan = active_plan(business_id=business_id, now=now)
    if plan is None:
        raise NoStorefrontPlan
    month = current_month(plan)
    owed = None
    if is_due(plan, now):
        assert plan.period_end is not None
        waits = plan.periods.filter(number=month.number + 1, added=0).select_related("payment").first()
        reference = waits.payment.reference if waits else ""
        owed = {
            "amount_ghs": plan.next_price_ghs,
            "storefronts": plan.next_storefronts,
            "payment_reference": reference,
            "payment_url": charges.retry_page(reference) if waits else "",
            "lapses_at": max(lapses_at(plan.period_end), plan.next_step_at or now),
        }
    return {
        "plan": plan,
        "month": month,
        "next_renewal": plan.period_end if plan.renews else None,
        "owed": owed,
    }


def current_month(plan: StorefrontPlan) -> StorefrontPeriod:
    """The last month that was paid. Raises StorefrontPeriod.DoesNotExist for a plan that never was."""
    return plan.periods.filter(paid_by__isnull=False, added=0).latest("number")


def change(*, plan: StorefrontPlan, storefronts: int, now: datetime) -> Change:
    """What it would cost to have so many. A number that was agreed keeps its price.

        due now = (new price - price now) x days left ÷ days of the month, half up to the pesewa

    A day that has begun counts as left. Never less than nothing: a month that is paid is not given back.
    Raises as `price`.
    """
    assert plan.period_end is not None
    agreed = {plan.next_storefronts: plan.next_price_ghs, plan.storefronts: plan.price_ghs}
    next_ghs = agreed.get(storefronts) or price(storefronts=storefronts, now=now).price_ghs
    raises = storefronts > plan.storefronts
    now_ghs = money.ghs(money.ZERO)
    if raises:
        month = current_month(plan)
        assert month.starts_at is not None and month.ends_at is not None
        left, days = -((now - month.ends_at) // _DAY), (month.ends_at - month.starts_at).days
        now_ghs = max(now_ghs, money.ghs((next_ghs - plan.price_ghs) * min(left, days) / days))
    return Change(raises=raises, now_ghs=now_ghs, next_ghs=next_ghs, renews_at=plan.period_end)


def is_due(plan: StorefrontPlan, now: datetime) -> bool:
    """Whether the paid months are over."""
    assert plan.period_end is not None
    return plan.period_end <= now


def quote(*, business_id: UUID, storefronts: int, now: datetime) -> dict[str, Any]:
    """The tariff's price of so many, what is in it, and what changing to it costs while a plan is paid.

    Raises as `price`.
    """
    found = price(storefronts=storefronts, now=now)
    taxes = catalogue.tax_rates(now=now)
    base_ghs, amounts = receipts.split(total_ghs=found.price_ghs, rates=[tax.rate for tax in taxes])
    plan = active_plan(business_id=business_id, now=now)
    planned = None
    if plan is not None and plan.renews and not is_due(plan, now):
        planned = change(plan=plan, storefronts=storefronts, now=now)
    return {
        **vars(found),
        "base_ghs": base_ghs,
        "taxes": [
            {"name": tax.name, "rate": tax.rate, "amount_ghs": amount}
            for tax, amount in zip(taxes, amounts, strict=True)
        ],
        "free_credits": free_credits(now=now),
        "change": planned,
    }


def free_credits(*, now: datetime) -> Decimal:
    """What a month brings for nothing; 0 while none are on offer."""
    try:
        return catalogue.free_credits(slug="monthly", now=now).credits
    except NotOnSale:
        return money.ZERO
