"""Monthly budgets: what the hold takes of them, and what every end of a call books."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Membership
from config.core.errors import NotFound
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import BudgetExists, BudgetReached, DailyLimitReached, UnknownFeature
from subscriptions.models import Alert, Budget, BudgetCounter, BusinessAICredits, CreditHold, UsageCounter
from subscriptions.selectors import budgets as selector
from subscriptions.services import budgets, ledger, watching
from subscriptions.types import Charge, Hold, ProviderUsage
from tests.factories import make_business, make_member

pytestmark = pytest.mark.django_db

D = Decimal
NOW = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)
NEXT_MONTH = NOW + timedelta(days=10)


@pytest.fixture
def member() -> Membership:
    member = make_business()
    ledger.grant(
        business_id=member.business_id,
        credits=D(1000),
        source="adjustment",
        key=f"test:{uuid4()}",
        unit_value_ghs=D(1),
        now=NOW,
    )
    return member


def usage(cost: str) -> ProviderUsage:
    return ProviderUsage(
        model="openai/gpt-6-luna",
        input_tokens=300,
        cached_tokens=0,
        output_tokens=200,
        reasoning_tokens=0,
        cost_usd=D(cost),
        cost_ghs=D(cost) * 16,
        fx_rate=D(16),
        price_effective_from=None,
    )


def limit(
    member: Membership, amount: str, unit: str = "credits", now: datetime = NOW, **values: Any
) -> Budget:
    return budgets.create(
        business_id=member.business_id, unit=unit, monthly_limit=D(amount), now=now, **values
    )


def hold(
    member: Membership,
    credits: str = "1",
    *,
    cost: str = "0.01",
    feature: str = "product_description",
    now: datetime = NOW,
) -> Hold:
    return AIBillingService.hold(
        business_id=member.business_id,
        membership_id=member.pk,
        user_id=member.user_id,
        feature=feature,
        credits=D(credits),
        request_id=uuid4(),
        idempotency_key=None,
        predicted_cost_usd=D(cost),
        daily_limit_usd=D(100),
        now=now,
    )


def capture(held: Hold, cost: str = "0.004", *, now: datetime = NOW, credits: str | None = None) -> Charge:
    return AIBillingService.capture(
        hold_id=held.id,
        usage=usage(cost),
        response_time_ms=5,
        credits=None if credits is None else D(credits),
        now=now,
    )


def spend(member: Membership, credits: str, now: datetime = NOW) -> Charge:
    return capture(hold(member, credits, now=now), now=now)


def state(budget: Budget, month: date | None = None) -> tuple[Decimal, Decimal]:
    """Spent and held, of its latest month or the one named."""
    counters = BudgetCounter.objects.filter(budget=budget, **({"month": month} if month else {}))
    counter = counters.latest("month")
    return counter.spent, counter.held


def told(member: Membership) -> list[tuple[str, str]]:
    alerts = Alert.objects.filter(business=member.business_id, kind="budget").order_by("pk")
    return [(alert.severity, alert.title) for alert in alerts]


def test_a_hold_takes_every_budget_that_applies_and_its_end_settles_those(member: Membership) -> None:
    colleague = make_member(business=member.business)
    all_credits, all_usd = limit(member, "10"), limit(member, "1", "usd")
    mine, theirs = limit(member, "5", member_id=member.pk), limit(member, "5", member_id=colleague.pk)
    described = limit(member, "0.5", "usd", feature="product_description")
    other = limit(member, "0.5", "usd", feature="report_summary")

    first, second, third = hold(member, "2"), hold(member, "1"), hold(member, "1")
    assert state(all_credits) == state(mine) == (D(0), D(4))
    assert state(all_usd) == state(described) == (D(0), D("0.03"))
    assert state(theirs) == state(other) == (D(0), D(0))
    counters = BudgetCounter.objects.filter(budget__in=[all_credits, all_usd, mine, described])
    assert sorted(CreditHold.objects.get(pk=first.id).budget_counters) == sorted(
        counters.values_list("pk", flat=True)
    )

    assert capture(first, credits="1.5").budget_percent == 30
    AIBillingService.release(hold_id=second.id, error_code="x", usage=usage("0.02"), now=NOW)
    AIBillingService.release(hold_id=third.id, error_code="x", now=NOW)
    assert state(all_credits) == state(mine) == (D("1.5"), D(0))
    assert state(all_usd) == state(described) == (D("0.024"), D(0))
    assert state(theirs) == state(other) == (D(0), D(0))


@pytest.mark.parametrize(
    "values",
    [
        {"unit": "credits", "amount": "2"},
        {"unit": "usd", "amount": "0.02"},
        {"unit": "usd", "amount": "0.02", "mine": True},
        {"unit": "credits", "amount": "2", "feature": "product_description"},
    ],
    ids=str,
)
def test_a_call_that_has_no_room_is_refused_and_moves_nothing(
    member: Membership, values: dict[str, Any]
) -> None:
    limit(member, "900", "usd" if values["unit"] == "credits" else "credits")
    if values.pop("mine", False):
        values["member_id"] = member.pk
    tight = limit(member, **values)
    capture(hold(member), cost="0.01")
    hold(member)
    tables = (BusinessAICredits, BudgetCounter, UsageCounter, CreditHold)
    rows = [list(table._default_manager.order_by("pk").values()) for table in tables]

    with pytest.raises(BudgetReached) as refused:
        hold(member)

    assert refused.value.status_code == 403
    assert refused.value.data == {
        "budget_id": tight.pk,
        "scope": tight.scope,
        "unit": tight.unit,
        "limit": tight.monthly_limit,
        "resets_at": datetime(2126, 12, 1, tzinfo=UTC),
        "retry_after": 9 * 86400 + 15 * 3600 + 1,
    }
    assert "It starts again on 01 December 2126" in refused.value.detail
    assert rows == [list(table._default_manager.order_by("pk").values()) for table in tables]
    assert hold(member, now=NEXT_MONTH)


def test_a_budget_smaller_than_one_call_refuses_the_first(member: Membership) -> None:
    """Also in a month that nobody has called in."""
    limit(member, "0.5")
    for now in (NOW, NEXT_MONTH):
        with pytest.raises(BudgetReached):
            hold(member, now=now)
    assert hold(member, "0.5", now=NEXT_MONTH)


def test_the_daily_limit_refuses_first_and_takes_no_budget(member: Membership) -> None:
    budget = limit(member, "1")
    with pytest.raises(DailyLimitReached):
        hold(member, "1", cost="101")
    assert state(budget) == (D(0), D(0))


def test_a_soft_budget_never_refuses(member: Membership) -> None:
    budget = limit(member, "2", soft_only=True)
    for percent in (50, 100, 150):
        assert spend(member, "1").budget_percent == percent
    assert state(budget) == (D(3), D(0))
    watching.check_business(business_id=member.business_id, now=NOW)
    assert told(member) == [("critical", "100% of the November AI budget for the whole business is used")]


def test_a_month_starts_with_nothing_spent_and_its_calls_stay_in_it(member: Membership) -> None:
    """In Auckland, December begins at 11:00 UTC of 30 November."""
    member.business.timezone = "Pacific/Auckland"
    member.business.save()
    eve = datetime(2126, 11, 30, 10, 59, tzinfo=UTC)
    budget = limit(member, "2", now=eve)
    november, december = date(2126, 11, 1), date(2126, 12, 1)
    running = [hold(member, now=eve), hold(member, now=eve)]
    with pytest.raises(BudgetReached) as refused:
        hold(member, now=eve)
    assert refused.value.data["retry_after"] == 61

    new_year = eve + timedelta(minutes=2)
    fresh = hold(member, now=new_year)
    assert (state(budget, november), state(budget, december)) == ((D(0), D(2)), (D(0), D(1)))
    capture(running[0], now=new_year)
    ledger.release(hold_id=running[1].id, error_code="abandoned", now=new_year, expired=True)
    assert (state(budget, november), state(budget, december)) == ((D(1), D(0)), (D(0), D(1)))
    capture(running[1], now=new_year + timedelta(minutes=20))  # late
    capture(fresh, now=new_year)
    assert (state(budget, november), state(budget, december)) == ((D(2), D(0)), (D(1), D(0)))
    line = selector.line(business_id=member.business_id, budget_id=budget.pk, now=new_year)
    assert (line.period, line.resets_at.astimezone(UTC)) == (december, datetime(2126, 12, 31, 11, tzinfo=UTC))
    assert (line.spent, line.percent, line.left) == (D(1), D(50), D(1))


def test_a_late_capture_books_what_was_charged(member: Membership) -> None:
    budget, dollars = limit(member, "900"), limit(member, "1", "usd")
    lost = hold(member, "800")
    ledger.release(hold_id=lost.id, error_code="abandoned", now=NOW, expired=True)
    assert (state(budget), state(dollars)) == ((D(0), D(0)), (D(0), D(0)))
    spend(member, "300")
    late = capture(lost, now=NOW + timedelta(minutes=20))
    assert capture(lost) == late
    assert (late.credits_charged, late.budget_percent) == (D(700), 100 * D(1000) / 900)
    assert (state(budget), state(dollars)) == ((D(1000), D(0)), (D("0.008"), D(0)))


def test_a_budget_starts_with_what_the_month_has_spent_and_what_runs(member: Membership) -> None:
    spend(member, "2", now=NOW - timedelta(days=30))
    spend(member, "3")
    failed = hold(member)
    AIBillingService.release(hold_id=failed.id, error_code="x", usage=usage("0.02"), now=NOW)
    running = hold(member, "4")
    hold(member, "1", feature="report_summary")

    whole, dollars = limit(member, "10"), limit(member, "1", "usd")
    described = limit(member, "9", feature="product_description")
    assert (state(whole), state(dollars)) == ((D(3), D(5)), (D("0.024"), D("0.02")))
    assert state(described) == (D(3), D(4))
    with pytest.raises(BudgetReached):
        hold(member, "3")
    capture(running)
    assert (state(whole), state(described)) == ((D(7), D(1)), (D(7), D(0)))
    assert BudgetCounter.objects.get(budget=whole).spent_before == 3


def test_a_changed_budget_counts_on_and_a_removed_one_no_more(member: Membership) -> None:
    budget, other = limit(member, "2"), limit(member, "9", feature="product_description")
    running = [hold(member), hold(member)]
    budgets.change(business_id=member.business_id, budget_id=budget.pk, monthly_limit=D(3), now=NOW)
    running.append(hold(member))
    with pytest.raises(BudgetReached):
        hold(member)
    budgets.change(business_id=member.business_id, budget_id=budget.pk, monthly_limit=D(1), now=NOW)
    assert state(budget) == (D(0), D(3))
    capture(running[0])
    assert state(budget) == (D(1), D(2))
    budgets.change(business_id=member.business_id, budget_id=budget.pk, soft_only=True, now=NOW)
    running.append(hold(member))

    budgets.remove(business_id=member.business_id, budget_id=budget.pk)
    for held in running[1:]:
        capture(held)
    assert not BudgetCounter.objects.filter(budget_id=budget.pk).exists()
    assert state(other) == (D(4), D(0))
    with pytest.raises(NotFound):
        budgets.remove(business_id=member.business_id, budget_id=budget.pk)


def test_what_a_budget_may_limit(member: Membership) -> None:
    limit(member, "5")
    for soft_only in (False, True):
        with pytest.raises(BudgetExists):
            limit(member, "6", soft_only=soft_only)
    with pytest.raises(NotFound):
        limit(member, "5", member_id=make_business().pk)
    with pytest.raises(UnknownFeature):
        limit(member, "5", feature="telepathy")
    limit(member, "5", "usd")
    assert Budget.objects.count() == 2


def test_each_mark_is_told_once_a_month_the_highest_of_several(member: Membership) -> None:
    def check(now: datetime = NOW) -> None:
        budgets.raise_alerts(business_id=member.business_id, now=now)
        budgets.raise_alerts(business_id=member.business_id, now=now)

    budget = limit(member, "20", member_id=member.pk)
    who = member.user.email
    spend(member, "9.9")
    check()
    assert told(member) == []
    spend(member, "0.1")
    check()
    spend(member, "8")
    check()
    spend(member, "2")
    check()
    assert told(member) == [
        ("info", f"50% of the November AI budget for {who} is used"),
        ("critical", f"90% of the November AI budget for {who} is used"),
        ("blocked", f"100% of the November AI budget for {who} is used"),
    ]
    last = Alert.objects.latest("pk")
    assert last.text == (
        "20.00 credits of 20.00 credits are spent. Paid answers stop until next month, or until you raise it;"
        " answers from your own data go on."
    )
    assert last.data == {"budget_id": budget.pk, "month": "2126-11", "percent": 100}

    budgets.change(business_id=member.business_id, budget_id=budget.pk, monthly_limit=D(40), now=NOW)
    assert len(told(member)) == 3
    spend(member, "10")
    check()
    budgets.change(business_id=member.business_id, budget_id=budget.pk, monthly_limit=D(30), now=NOW)
    assert [severity for severity, _ in told(member)[3:]] == ["warning", "blocked"]
    spend(member, "15", now=NEXT_MONTH)
    check(NEXT_MONTH)
    assert told(member)[5:] == [("info", f"50% of the December AI budget for {who} is used")]


def test_a_budget_made_too_late_tells_at_once(member: Membership) -> None:
    spend(member, "8")
    limit(member, "10")
    assert told(member) == [("warning", "75% of the November AI budget for the whole business is used")]
