"""What monthly budgets a business has, and how far each is used."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_DOWN, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, FilteredRelation, Q, QuerySet

from accounts.models import Business
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

    @property
    def limit_text(self) -> str:
        return f"${self.limit:.2f}" if self.unit == BudgetUnit.USD else f"{self.limit:.2f} credits"


def percent(spent: Decimal, limit: Decimal) -> Decimal:
    return (100 * spent / limit).quantize(_CENT, ROUND_DOWN)


def lines(*, business_id: UUID, now: datetime) -> list[BudgetLine]:
    """All budgets of a business, oldest first."""
    return _lines(Budget.objects.filter(business=business_id), business_id, now)


def line(*, business_id: UUID, budget_id: int, now: datetime) -> BudgetLine:
    """Raises NotFound."""
    found = _lines(Budget.objects.filter(business=business_id, pk=budget_id), business_id, now)
    if not found:
        raise NotFound
    return found[0]


def applying(
    *, business_id: UUID, membership_id: int, feature: str | None = None, now: datetime
) -> list[BudgetLine]:
    """Those that limit a call of this member; without a feature, those that may."""
    mine = Q(membership=None) | Q(membership=membership_id)
    if feature is not None:
        mine &= Q(feature__in=["", feature])
    return _lines(Budget.objects.filter(mine, business=business_id), business_id, now)


def month_of(now: datetime, zone: ZoneInfo) -> date:
    """The first day of the month that `now` is in, there."""
    return now.astimezone(zone).date().replace(day=1)


def next_month(month: date, zone: ZoneInfo) -> datetime:
    """When the month after begins."""
    first = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime.combine(first, time(), zone)


def zone_of(*, business_id: UUID) -> ZoneInfo:
    return ZoneInfo(Business.objects.values_list("timezone", flat=True).get(pk=business_id))


def _lines(budgets: QuerySet[Budget], business_id: UUID, now: datetime) -> list[BudgetLine]:
    zone = zone_of(business_id=business_id)
    month = month_of(now, zone)
    counted = budgets.annotate(
        counter=FilteredRelation("counters", condition=Q(counters__month=month)),
        spent=F("counter__spent"),
        held=F("counter__held"),
    )
    return [
        BudgetLine(
            id=budget.pk,
            scope=budget.scope,
            member_id=budget.membership_id,
            feature=budget.feature or None,
            unit=budget.unit,
            limit=budget.monthly_limit,
            soft_only=budget.soft_only,
            spent=budget.spent or money.ZERO,
            held=budget.held or money.ZERO,
            period=month,
            resets_at=next_month(month, zone),
        )
        for budget in counted.order_by("pk")
    ]
