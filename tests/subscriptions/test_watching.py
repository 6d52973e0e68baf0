"""What a business is told of by itself: once per cause."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Business, Membership
from subscriptions.models import (
    AITransaction,
    Alert,
    AlertDelivery,
    BudgetCounter,
    BusinessAICredits,
    CreditGrant,
)
from subscriptions.services import budgets, ledger, watching
from tests.concurrency.together import together
from tests.factories import make_business
from tests.subscriptions.test_ledger import hold

NOON = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def give(
    member: Membership,
    credits: str,
    *,
    key: str = "first",
    value: str = "0",
    expires_at: datetime | None = None,
    source: str = "adjustment",
) -> CreditGrant:
    return ledger.grant(
        business_id=member.business_id,
        credits=Decimal(credits),
        source=source,
        key=f"{key}:{member.business_id}",
        unit_value_ghs=Decimal(value),
        now=NOON - 60 * DAY,
        expires_at=expires_at,
    )


def take(grant: CreditGrant, credits: str, key: str = "taken") -> None:
    ledger.withdraw(grant_id=grant.pk, credits=Decimal(credits), key=f"{key}:{grant.pk}", now=NOON)


def check(member: Membership, now: datetime = NOON) -> None:
    watching.check_business(business_id=member.business_id, now=now)


def titles(kind: str = "low_credit") -> list[str]:
    return list(Alert.objects.filter(kind=kind).order_by("pk").values_list("title", flat=True))


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


@pytest.mark.django_db(transaction=True)
def test_many_that_see_a_crossing_tell_once() -> None:
    member = make_business()
    take(give(member, "12"), "2.01")
    told = together([partial(watching.raise_low_credit, business_id=member.business_id, now=NOON)] * 24)
    assert sum(one is not None for one in told) == 1
    assert list(Alert.objects.values_list("key", flat=True)) == [f"low_credit:{member.business_id}:1"]
    assert AlertDelivery.objects.filter(due_at=NOON, outcome="").count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_armed_flag_many_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same calls, with a statement that does not look at who told before."""
    member = make_business()
    take(give(member, "12"), "2.01")
    careless = watching._CROSS.replace("AND account.low_credit_armed", "")
    monkeypatch.setattr(watching, "_CROSS", careless)
    together([partial(watching.raise_low_credit, business_id=member.business_id, now=NOON)] * 4)
    assert Alert.objects.count() == 4


def test_at_the_threshold_nothing_is_told_and_a_pesewa_below_once(member: Membership) -> None:
    grant = give(member, "12")
    take(grant, "2", "to the threshold")
    check(member)
    assert titles() == []
    take(grant, "0.01", "below")
    check(member)
    check(member)
    assert titles() == ["9.99 credits left"]


def test_it_is_told_again_after_it_has_risen(member: Membership) -> None:
    grant = give(member, "12")
    take(grant, "3", "first fall")
    check(member)
    give(member, "0.5", key="not enough")
    take(grant, "1", "deeper")
    check(member)
    give(member, "5", key="enough")
    take(grant, "4", "second fall")
    check(member)
    assert titles() == ["9 credits left", "9.5 credits left"]
    keys = list(Alert.objects.order_by("pk").values_list("key", flat=True))
    assert keys == [f"low_credit:{member.business_id}:{number}" for number in (1, 2)]


def test_who_never_had_so_much_has_not_fallen(member: Membership) -> None:
    give(member, "5", source="trial")
    check(member)
    assert watching.sweep(now=NOON) == 0
    assert titles() == []


def test_it_says_how_long_they_last_and_which_pack(member: Membership) -> None:
    take(give(member, "12"), "3.2")
    use(member, "15", NOON - 10 * DAY)
    check(member)
    alert = Alert.objects.get()
    assert alert.text == (
        "You have 8.8 credits left: about 6 days, or 88 product descriptions.\n\n"
        "We suggest the Value pack, 100 credits for GHS 80: at the 1.5 credits a day you use now, it lasts"
        " about 66 days."
    )
    assert alert.link == "http://127.0.0.1:8000/app/credits/buy?pack=VALUE"
    assert alert.data == {
        "available": "8.8",
        "threshold": "10",
        "runway_days": 6,
        "suggested_pack": {"type": "VALUE", "price": "80"},
    }
    AITransaction.objects.all().delete()


@pytest.mark.parametrize(
    ("a_day", "pack", "why"),
    [
        (None, "Value", "most shops choose it"),
        ("1", "Starter", "at the 1 credits a day you use now, it lasts about 30 days"),
        ("1.01", "Value", "at the 1.01 credits a day you use now, it lasts about 99 days"),
        ("0.05", "Starter", "at the 0.05 credits a day you use now, it lasts more than a year"),
        ("100", "Pro", "the largest pack; at the 100 credits a day you use now, it lasts about 2 days"),
    ],
)
def test_the_smallest_pack_that_lasts_thirty_days(
    member: Membership, a_day: str | None, pack: str, why: str
) -> None:
    take(give(member, "12"), "3")
    if a_day is not None:
        use(member, a_day, NOON - DAY)
    check(member)
    assert f"We suggest the {pack} pack, " in Alert.objects.get().text
    assert Alert.objects.get().text.endswith(f": {why}.")
    AITransaction.objects.all().delete()


def test_the_sweep_finds_what_no_call_saw(member: Membership) -> None:
    other, frozen, fine = make_business(), make_business(), make_business()
    give(member, "3")
    give(member, "8", key="dies", expires_at=NOON)
    take(give(other, "12"), "12")
    ledger.set_frozen(grant_id=give(frozen, "50", value="1").pk, frozen=True, now=NOON - DAY)
    give(fine, "10")
    assert watching.sweep(now=NOON, dry_run=True) == 3
    assert titles() == []
    assert watching.sweep(now=NOON) == 3
    assert watching.sweep(now=NOON) == 0
    assert sorted(titles()) == ["3 credits left", "No credits left", "No credits left"]
    ledger.set_frozen(grant_id=CreditGrant.objects.get(business=frozen.business).pk, frozen=False, now=NOON)
    assert BusinessAICredits.objects.get(pk=frozen.business_id).low_credit_armed


def test_the_sweep_tells_of_a_budget_whose_task_was_lost(member: Membership) -> None:
    give(member, "100")
    budget = budgets.create(
        business_id=member.business_id, unit="credits", monthly_limit=Decimal(10), now=NOON
    )
    BudgetCounter.objects.filter(budget=budget).update(spent=8, spent_before=8)
    assert watching.sweep(now=NOON, dry_run=True) == 1
    assert watching.sweep(now=NOON) == 1
    assert watching.sweep(now=NOON) == 0
    assert titles("budget") == ["75% of the November AI budget for the whole business is used"]


def test_what_a_call_held_and_gave_back_arms_again(member: Membership) -> None:
    give(member, "12")
    held = hold(member, "4", now=NOON)
    check(member)
    assert titles() == ["8 credits left"]
    ledger.release(hold_id=held.id, error_code="x", now=NOON)
    assert not BusinessAICredits.objects.get().low_credit_armed
    assert watching.sweep(now=NOON) == 0
    assert BusinessAICredits.objects.get().low_credit_armed


def test_a_threshold_of_nothing_is_never_told(member: Membership) -> None:
    grant = give(member, "12", value="1")
    BusinessAICredits.objects.update(low_credit_threshold=0)
    ledger.set_frozen(grant_id=grant.pk, frozen=True, now=NOON)
    check(member)
    assert watching.sweep(now=NOON) == 0
    assert titles() == []
    ledger.set_frozen(grant_id=grant.pk, frozen=False, now=NOON)


def test_paid_credits_are_warned_of_30_7_and_1_days_before(member: Membership) -> None:
    dies = NOON + 40 * DAY
    give(member, "60", value="0.5", expires_at=dies)
    give(member, "5", key="free", expires_at=dies)
    second = timedelta(seconds=1)
    for days, title in (
        (30, "65 credits expire in 30 days"),
        (7, "65 credits expire in 7 days"),
        (1, "65 credits expire within a day"),
    ):
        assert watching.warn_of_expiry(now=dies - days * DAY - second) == 0
        assert watching.warn_of_expiry(now=dies - days * DAY, dry_run=True) == 1
        assert watching.warn_of_expiry(now=dies - days * DAY) == 1
        assert watching.warn_of_expiry(now=dies - days * DAY + 3 * second) == 0
        assert titles("expiry")[-1] == title
    assert watching.warn_of_expiry(now=dies) == 0
    assert [alert.severity for alert in Alert.objects.order_by("pk")] == ["info", "info", "warning"]
    assert Alert.objects.order_by("pk")[0].text.startswith("65 credits expire on 31 December 2126, 12:00.")


def test_free_credits_are_warned_of_once(member: Membership) -> None:
    dies = NOON + 30 * DAY
    give(member, "5", source="trial", expires_at=dies)
    told = [days for days in range(31) if watching.warn_of_expiry(now=NOON + days * DAY)]
    assert told == [23]
    assert titles("expiry") == ["5 free credits expire in 7 days"]


def test_after_an_outage_only_the_last_warning_is_told(member: Membership) -> None:
    give(member, "60", value="0.5", expires_at=NOON + 5 * DAY)
    assert watching.warn_of_expiry(now=NOON) == 1
    assert titles("expiry") == ["60 credits expire in 5 days"]


def test_spent_and_frozen_credits_are_not_warned_of(member: Membership) -> None:
    frozen = give(member, "60", value="0.5", expires_at=NOON + DAY)
    take(give(member, "5", key="spent", expires_at=NOON + DAY), "5")
    ledger.set_frozen(grant_id=frozen.pk, frozen=True, now=NOON)
    assert watching.warn_of_expiry(now=NOON) == 0
    ledger.set_frozen(grant_id=frozen.pk, frozen=False, now=NOON)
    assert watching.warn_of_expiry(now=NOON) == 1


def use(member: Membership, credits: str, at: datetime) -> None:
    """A charge in the log alone; the test takes it out again before the books are looked at."""
    AITransaction.objects.create(
        business_id=member.business_id,
        request_id=uuid4(),
        feature="product_description",
        status="success",
        source="ai",
        credits_charged=Decimal(credits),
        created_at=at,
    )


@pytest.mark.parametrize(
    ("before", "today", "told"),
    [
        ([2] * 14, "6", 0),  # three times the median is usual
        ([2] * 14, "6.01", 1),
        ([1] * 14, "5", 0),  # not more than 5
        ([1] * 14, "5.01", 1),
        ([0] * 10 + [4] * 4, "12", 0),  # counted from the first use on
        ([0] * 10 + [4] * 4, "12.01", 1),
        ([4] + [0] * 13, "5.01", 1),  # days without a use count
        ([1, 3] * 7, "6", 0),  # between the two in the middle
        ([1, 3] * 7, "6.01", 1),
        ([0] * 14, "100", 0),  # nothing to compare with
    ],
)
def test_unusual_is_more_than_three_times_the_median_and_more_than_five(
    member: Membership, before: list[int], today: str, told: int
) -> None:
    for days, credits in enumerate(reversed(before), start=1):
        if credits:
            use(member, str(credits), NOON - days * DAY)
    use(member, today, NOON - timedelta(hours=1))
    assert watching.warn_of_spending(now=NOON, dry_run=True) == told
    assert watching.warn_of_spending(now=NOON) == told
    assert watching.warn_of_spending(now=NOON + timedelta(hours=1)) == 0
    assert len(titles("unusual_spend")) == told
    AITransaction.objects.all().delete()


def test_today_is_the_businesss_own(member: Membership) -> None:
    Business.objects.filter(pk=member.business_id).update(timezone="Pacific/Auckland")
    for days in range(1, 15):
        use(member, "1", NOON - days * DAY)
    midnight = datetime(2126, 11, 21, 11, 0, tzinfo=UTC)  # in Auckland the 22nd begins
    use(member, "4", midnight - timedelta(minutes=1))
    use(member, "4", midnight)
    assert watching.warn_of_spending(now=midnight) == 0
    use(member, "1.5", midnight + timedelta(minutes=1))
    assert watching.warn_of_spending(now=midnight + timedelta(minutes=1)) == 1
    assert Alert.objects.get().key == f"unusual_spend:{member.business_id}:2126-11-22"
    assert Alert.objects.get().title == "5.5 credits spent today, much more than usual"
    AITransaction.objects.all().delete()


def test_the_command_finds_sends_and_repeats_nothing(member: Membership) -> None:
    take(give(member, "12"), "3")
    give(member, "60", key="paid", value="0.5", expires_at=timezone.now() - DAY)
    now = timezone.now()

    def run(*options: str) -> str:
        out = StringIO()
        call_command("send_alerts", *options, "--as-of", now.isoformat(), stdout=out, stderr=StringIO())
        return out.getvalue()

    def said(low: int, verb: str, last: str) -> str:
        return (
            f"low credit and budgets: {low} {verb}\ncredits that expire: 0 {verb}\nunusual spend: 0 {verb}\n"
            f"operations: 0 {verb}\ndeliveries: {last}\n"
        )

    assert run("--dry-run") == said(1, "would be told", "0 due")
    assert run() == said(1, "told", "1 sent, 0 failed")
    assert run() == said(0, "told", "0 sent, 0 failed")
