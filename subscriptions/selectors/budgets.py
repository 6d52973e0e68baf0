"""What monthly budgets a business has, and how far each is used."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, FilteredRelation, Q, QuerySet, Value

from accounts import selectors as accounts
from config.core import money
from config.core.errors import NotFound
from subscriptions.models import Budget, BudgetUnit

_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """A budget and its present month. Amounts are in its unit; `held` is what running calls may add."""

    id: int
    scope: str
    member_id: int | None
    feature: str | None
    unit: str
    limit: Decimal
    soft_only: bool
    spent: Decimal
    held: Decimal
    period: date
    resets_at: datetime
    created_at: datetime

    @property
    def percent(self) -> Decimal:
        """Rounded down: 100 is said when it is reached."""
        return percent(self.spent, self.limit)

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.spent - self.held, money.ZERO)

    @property
    def what(self) -> str:
        return {"business": "this business", "member": "this member"}.get(self.scope, f"{self.feature}")


def amount_text(amount: Decimal, unit: str) -> str:
    return f"${amount:.2f}" if unit == BudgetUnit.USD else f"{amount:.2f} credits"


def percent(spent: Decimal, limit: Decimal) -> Decimal:
    return (100 * spent / limit).quantize(_CENT, ROUND_DOWN)


def of_business(*, business_id: UUID, now: datetime) -> QuerySet[Budget]:
    """Its budgets with their present month: rows for `as_line`."""
    zone = accounts.zone(business_id=business_id)
    month = month_of(now, zone)
    return Budget.objects.filter(business=business_id).annotate(
        counter=FilteredRelation("counters", condition=Q(counters__month=month)),
        spent=F("counter__spent"),
        held=F("counter__held"),
        period=Value(month),
        resets_at=Value(next_month(month, zone)),
    )


def as_line(budget: Any) -> BudgetLine:
    """A row of `of_business`."""
    return BudgetLine(
        id=budget.pk,
        scope=budget.scope,
        member_id=budget.membership_id,
        feature=budget.feature or None,
        unit=budget.unit,
        limit=budget.monthly_limit,
        soft_only=budget.soft_only,
        # No call and no owner has opened this month's counter yet: nothing was spent.
        spent=budget.spent or money.ZERO,
        held=budget.held or money.ZERO,
        period=budget.period,
        resets_at=budget.resets_at,
        created_at=budget.created_at,
    )


def line(*, business_id: UUID, budget_id: int, now: datetime) -> BudgetLine:
    """Raises NotFound."""
    found = of_business(business_id=business_id, now=now).filter(pk=budget_id).first()
    if found is None:
        raise NotFound
    return as_line(found)


def applying(
    *, business_id: UUID, membership_id: int, feature: str | None = None, now: datetime
) -> list[BudgetLine]:
    """Those that limit a call of this member; without a feature, those that may. Oldest first."""
    mine = Q(membership=None) | Q(membership=membership_id)
    if feature is not None:
        mine &= Q(feature__in=["", feature])
    rows = of_business(business_id=business_id, now=now).filter(mine).order_by("pk")
    return [as_line(row) for row in rows]


def month_of(now: datetime, zone: ZoneInfo) -> date:
    """The first day of the month that `now` is in, there."""
    return now.astimezone(zone).date().replace(day=1)


def next_month(month: date, zone: ZoneInfo) -> datetime:
    """When the month after begins."""
    first = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime.combine(first, time(), zone)
