"""Budgets and tiers under parallel calls with real commits: with room for k, exactly k succeed."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import Membership
from subscriptions import signals
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import BudgetReached
from subscriptions.models import Alert, BudgetCounter, BusinessAICredits, TierCounter
from subscriptions.services import budgets, ledger, watching
from subscriptions.services.ledger import sql
from subscriptions.services.ledger.prepared import Prepared
from subscriptions.types import TierLimits
from tests.factories import make_business, make_member

from .test_ledger_races import USAGE, capture, give, kinds, release
from .test_money_races import _until_somebody_waits
from .together import together

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
TEN = TierLimits(slug="free", requests_per_day=10, requests_per_month=100)


@pytest.fixture
def member() -> Membership:
    member = make_business()
    give(member, "1000")
    return member


def hold(member: Membership, *, feature: str = "product_description", tier: TierLimits | None = None) -> int:
    """A credit each, for a predicted cent."""
    return AIBillingService.hold(
        business_id=member.business_id,
        membership_id=member.pk,
        user_id=member.user_id,
        feature=feature,
        credits=D(1),
        request_id=uuid4(),
        idempotency_key=None,
        predicted_cost_usd=D("0.01"),
        daily_limit_usd=D(100),
        tier=tier,
        now=timezone.now(),
    ).id


def limit(member: Membership, amount: str, unit: str = "credits", **values: Any) -> Any:
    return budgets.create(
        business_id=member.business_id, unit=unit, monthly_limit=D(amount), now=timezone.now(), **values
    )


def free_again(member: Membership, taken: list[Any]) -> None:
    together([partial(release, one) for one in taken if isinstance(one, int)])
    counters = BudgetCounter.objects.values_list("held", "spent")
    assert set(counters) <= {(D(0), D(0))}
    assert BusinessAICredits.objects.get(pk=member.business_id).held == 0


@pytest.mark.parametrize("unit", ["credits", "usd"])
@pytest.mark.parametrize("scope", ["business", "member", "feature"])
def test_24_calls_with_a_budget_for_five(member: Membership, unit: str, scope: str) -> None:
    values: dict[str, dict[str, Any]] = {
        "member": {"member_id": member.pk},
        "feature": {"feature": "product_description"},
    }
    tight = limit(member, {"credits": "5", "usd": "0.05"}[unit], unit, **values.get(scope, {}))
    colleague = make_member(business=member.business)
    with_room = {
        "business": [],
        "member": [partial(hold, colleague)] * 4,
        "feature": [partial(hold, member, feature="report_summary")] * 4,
    }[scope]

    outcomes = together([partial(hold, member)] * 24 + with_room)

    assert kinds(outcomes[:24]) == {"int": 5, "BudgetReached": 19}
    assert set(kinds(outcomes[24:])) <= {"int"}
    refused = [one for one in outcomes if isinstance(one, BudgetReached)]
    assert {one.data["budget_id"] for one in refused} == {tight.pk}
    assert BudgetCounter.objects.get().held == tight.monthly_limit
    assert BusinessAICredits.objects.get().held == 5 + len(with_room)
    free_again(member, outcomes)


def test_200_calls_that_cross_a_mark_tell_once(member: Membership) -> None:
    limit(member, "200")
    seen: list[Any] = []

    def look(business_id: Any, **_: Any) -> None:
        seen.append(business_id)

    def call() -> None:
        with_credits = D("0.6")
        held = AIBillingService.hold(
            business_id=member.business_id,
            membership_id=member.pk,
            user_id=member.user_id,
            feature="x",
            credits=with_credits,
            request_id=uuid4(),
            idempotency_key=None,
            predicted_cost_usd=D(0),
            daily_limit_usd=D(1),
            now=timezone.now(),
        )
        AIBillingService.capture(hold_id=held.id, usage=USAGE, response_time_ms=5, now=timezone.now())

    signals.mark_passed.connect(look)
    try:
        assert together([call] * 200) == [None] * 200
    finally:
        signals.mark_passed.disconnect(look)

    assert seen == [member.business_id]
    check = partial(watching.check_business, business_id=member.business_id, now=timezone.now())
    together([check] * 6)
    alert = Alert.objects.get(kind="budget")
    assert (alert.severity, alert.data["percent"]) == ("info", 50)
    assert BudgetCounter.objects.get().alerted_percent == 50


@pytest.mark.parametrize(("used", "succeed"), [(0, 10), (1, 9), (9, 1), (10, 0), (11, 0)])
def test_a_tier_of_ten_a_day_lets_exactly_ten_through(member: Membership, used: int, succeed: int) -> None:
    """Also when the user calls for two businesses at once, which share no other lock."""
    elsewhere = make_business()
    give(elsewhere, "100")
    elsewhere = make_member_of(elsewhere, member)
    for _ in range(used):
        hold(member, tier=TierLimits(slug="x", requests_per_day=99, requests_per_month=99))
    outcomes = together([partial(hold, one, tier=TEN) for one in (member, elsewhere)] * 8)
    assert kinds(outcomes) == +Counter({"int": succeed, "TierDayUsedUp": 16 - succeed})
    counter = TierCounter.objects.get()
    assert (counter.requests, counter.today) == (used + succeed, used + succeed)
    taken = [one for one in outcomes if isinstance(one, int)]
    if taken:
        together([partial(release, one) for one in taken * 2])
    assert TierCounter.objects.get().today == used


def make_member_of(owner: Membership, user_of: Membership) -> Membership:
    return Membership.objects.create(business=owner.business, user=user_of.user, role="cashier")


def while_a_budget_is_made(member: Membership, call: Callable[[], Any], amount: str) -> Any:
    """What a call says that waited for a budget of so many credits."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    waiter = threading.Thread(target=run)
    with transaction.atomic():
        limit(member, amount)
        waiter.start()
        _until_somebody_waits()
    waiter.join(10)
    return found[0]


def test_a_hold_that_waited_for_a_budget_is_limited_by_it(member: Membership) -> None:
    assert isinstance(while_a_budget_is_made(member, partial(hold, member), "0.5"), BudgetReached)
    assert BusinessAICredits.objects.get().held == 0


def test_without_counting_changes_it_would_slip_through(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the budgets a statement sees are as old as the statement."""
    text = sql.HOLD.text.replace("AND budget_changes = (SELECT budget_changes FROM dead)", "")
    assert text != sql.HOLD.text
    monkeypatch.setattr(sql, "HOLD", Prepared("careless_of_budgets", sql.HOLD.types, text))
    assert isinstance(while_a_budget_is_made(member, partial(hold, member), "0.5"), int)


@pytest.mark.parametrize(("end", "spent"), [(capture, 1), (release, 0)])
def test_a_call_that_ends_while_a_budget_is_made_is_in_it(
    member: Membership, end: Callable[[int], Any], spent: int
) -> None:
    running = hold(member)
    assert while_a_budget_is_made(member, partial(end, running), "10") in (D(1), True)
    assert BudgetCounter.objects.values_list("spent", "held").get() == (spent, 0)


def test_without_looking_again_it_would_be_held_for_ever(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the counter is younger than the statement that should settle it."""
    text = sql.CAPTURE.text.replace(f"AND budget_counters = {sql._SEEN}", "")
    assert text != sql.CAPTURE.text
    monkeypatch.setattr(sql, "CAPTURE", Prepared("careless_capture", sql.CAPTURE.types, text))
    assert while_a_budget_is_made(member, partial(capture, hold(member)), "10") == D(1)
    lost = BudgetCounter.objects.get()
    assert (lost.spent, lost.held) == (0, 1)
    budgets.remove(business_id=member.business_id, budget_id=lost.budget_id)


def test_a_budget_made_while_calls_run_counts_them_all(member: Membership) -> None:
    running = [hold(member) for _ in range(8)]
    outcomes = together(
        [
            *(partial(capture, one) for one in running),
            *[partial(hold, member)] * 8,
            partial(limit, member, "100"),
            partial(limit, member, "5", "usd"),
        ]
    )
    unforeseen = [one for one in outcomes if isinstance(one, Exception) and "busy" not in str(one).lower()]
    assert [one for one in unforeseen if "LockNotAvailable" not in repr(one.__cause__)] == []
    for counter in BudgetCounter.objects.all():
        spent, held = (8, 8) if counter.unit == "credits" else (8 * D("0.0002"), D("0.08"))
        assert (counter.spent, counter.held) == (spent, held)


def test_a_removed_budget_and_calls_that_end_never_wait_for_each_other(member: Membership) -> None:
    made = [limit(member, "900"), limit(member, "900", "usd"), limit(member, "900", member_id=member.pk)]
    running = [hold(member) for _ in range(12)]
    remove = [
        partial(budgets.remove, business_id=member.business_id, budget_id=budget.pk) for budget in made[:2]
    ]
    change = partial(
        budgets.change,
        business_id=member.business_id,
        budget_id=made[2].pk,
        monthly_limit=D(20),
        now=timezone.now(),
    )
    outcomes = together(
        [
            *(partial(capture, one) for one in running[:8]),
            *(partial(release, one) for one in running[8:]),
            *remove,
            change,
            *[partial(hold, member)] * 4,
        ]
    )
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    counter = BudgetCounter.objects.get()
    assert (counter.spent, counter.held, counter.monthly_limit) == (D(8), D(4), D(20))


def test_what_was_counted_yesterday_is_given_back_to_the_month_alone(member: Membership) -> None:
    now = timezone.now().replace(day=15)

    def at(moment: datetime) -> Any:
        return AIBillingService.hold(
            business_id=member.business_id,
            membership_id=member.pk,
            user_id=member.user_id,
            feature="x",
            credits=D(1),
            request_id=uuid4(),
            idempotency_key=None,
            predicted_cost_usd=D(0),
            daily_limit_usd=D(1),
            tier=TEN,
            now=moment,
        ).id

    early, today = at(now - timedelta(days=1)), at(now)
    assert TierCounter.objects.values_list("requests", "today").get() == (2, 1)
    ledger.release(hold_id=early, error_code="x", now=now)
    assert TierCounter.objects.values_list("requests", "today").get() == (1, 1)
    ledger.release(hold_id=today, error_code="x", now=now, usage=USAGE)  # it reached a provider
    assert TierCounter.objects.values_list("requests", "today").get() == (1, 1)
    lost = at(now)
    ledger.release(hold_id=lost, error_code="x", now=now, expired=True)  # perhaps it did
    assert TierCounter.objects.values_list("requests", "today").get() == (2, 2)
