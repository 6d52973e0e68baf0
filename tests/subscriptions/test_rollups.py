"""Daily sums: what they add up to is what the uses say, whenever and however often they are built."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Business
from subscriptions.models import (
    AITransaction,
    DailyFeatureUsage,
    DailyUsage,
    StaleUsage,
    UsageWatermark,
)
from subscriptions.selectors import usage
from subscriptions.selectors.usage_sums import Sums, used
from subscriptions.services import rollups
from tests.concurrency.together import together
from tests.factories import make_business

from .shop import Shop

D = Decimal
NOW = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
LONDON, KATHMANDU, HAVANA = "Europe/London", "Asia/Kathmandu", "America/Havana"


def use(business_id: UUID, at: datetime, **values: Any) -> AITransaction:
    row = {"feature": "product_description", "status": "success", "source": "ai", "user_id": 7, **values}
    return AITransaction.objects.create(
        business_id=business_id, request_id=uuid4(), created_at=at, **{"response_time_ms": 100, **row}
    )


def business(zone: str = "Africa/Accra") -> UUID:
    found = make_business().business
    Business.objects.filter(pk=found.pk).update(timezone=zone)
    return found.pk


def roll(business_id: UUID, now: datetime = NOW) -> int:
    return rollups.roll_up(business_id=business_id, now=now + rollups.SETTLED_AFTER)


def days(business_id: UUID, zone: str, first: date, last: date) -> dict[date, int]:
    found = used(business_id=business_id, first=first, last=last, timezone=zone)
    assert sum(one.requests for one in found.by_day.values()) == found.total.requests
    return {day: one.requests for day, one in found.by_day.items()}


def naive(business_id: UUID, zone: str, first: date, last: date) -> tuple[Any, Any, Any]:
    """The same in Python, one use at a time."""
    total: dict[str, Any] = {}
    by_day: dict[Any, dict[str, Any]] = {}
    by_feature: dict[Any, dict[str, Any]] = {}
    for row in AITransaction.objects.filter(business_id=business_id):
        day = row.created_at.astimezone(ZoneInfo(zone)).date()
        if first <= day <= last:
            groups = (total, by_day.setdefault(day, {}), by_feature.setdefault(row.feature, {}))
            for sums in groups:
                for name, value in _counted(row).items():
                    sums[name] = sums.get(name, 0) + value
    nothing = Sums(requests=0, successes=0, cached=0, local=0, credits=D(0), cost_ghs=D(0), success_time_ms=0)
    of = {day: Sums(**sums) for day, sums in by_day.items()}
    return Sums(**total) if total else nothing, of, {name: Sums(**sums) for name, sums in by_feature.items()}


def _counted(row: AITransaction) -> dict[str, Any]:
    success = row.status == "success"
    return {
        "requests": 1,
        "successes": int(success),
        "cached": int(row.source == "cached"),
        "local": int(row.source == "local"),
        "credits": row.credits_charged,
        "cost_ghs": row.cost_ghs,
        "success_time_ms": row.response_time_ms if success else 0,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("rolled", [False, True])
def test_a_day_of_25_hours_ends_at_midnight(rolled: bool) -> None:
    """London, 25 October 2026: clocks go back, so the day starts at 23:00 UTC and ends at 00:00 UTC."""
    shop = business(LONDON)
    moments = [
        datetime(2026, 10, 24, 22, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 01:30 for the first time
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and for the second
        datetime(2026, 10, 25, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 26, 0, 0, tzinfo=UTC),
    ]
    for moment in moments:
        use(shop, moment)
    if rolled:
        assert roll(shop) == 6
    found = days(shop, LONDON, date(2026, 10, 24), date(2026, 10, 26))
    assert found == {date(2026, 10, 24): 1, date(2026, 10, 25): 4, date(2026, 10, 26): 1}


@pytest.mark.django_db
@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        (KATHMANDU, datetime(2026, 10, 20, 18, 14, 59, 999999, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 21, 3, 59, 59, 999999, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 10, 20, 9, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_the_last_microsecond_of_a_day(zone: str, last_moment: datetime, rolled: bool) -> None:
    shop = business(zone)
    use(shop, last_moment)
    use(shop, last_moment + timedelta(microseconds=1))
    if rolled:
        roll(shop)
    found = days(shop, zone, date(2026, 10, 20), date(2026, 10, 20))
    assert found == {date(2026, 10, 20): 1}


@pytest.mark.django_db
def test_a_midnight_that_comes_twice() -> None:
    """Havana, 1 November 2026: 00:00 to 01:00 happens twice, and both hours are of that day."""
    shop = business(HAVANA)
    for hour, minute in ((3, 59), (4, 0), (4, 30), (5, 30)):
        use(shop, datetime(2026, 11, 1, hour, minute, tzinfo=UTC))
    wanted = {date(2026, 10, 31): 1, date(2026, 11, 1): 3}
    asked = (shop, HAVANA, date(2026, 10, 31), date(2026, 11, 1))
    assert days(*asked) == wanted
    roll(shop, datetime(2026, 11, 3, tzinfo=UTC))
    assert days(*asked) == wanted
    use(shop, datetime(2026, 11, 1, 4, 15, tzinfo=UTC))
    assert days(*asked) == {**wanted, date(2026, 11, 1): 4}
    assert roll(shop, datetime(2026, 11, 3, tzinfo=UTC)) == 4


@pytest.mark.django_db
def test_every_column_by_hand() -> None:
    shop = business(KATHMANDU)
    at = datetime(2026, 10, 20, 18, 15, tzinfo=UTC)  # 21 October, 00:00 in Kathmandu
    cost = {"cost_usd": D("0.00013"), "cost_ghs": D("0.00208"), "revenue_ghs": D("0.08")}
    tokens = {"input_tokens": 300, "cached_tokens": 20, "output_tokens": 200, "reasoning_tokens": 5}
    for wait in (900, 1101):
        use(shop, at, model="m", attempts=2, response_time_ms=wait, **cost, **tokens)
    use(shop, at, status="failed", model="m", attempts=1, response_time_ms=5000, cost_ghs=D("0.00000001"))
    use(shop, at, source="cached", response_time_ms=0, user_id=None)
    use(shop, at + timedelta(days=1), source="local", feature="customer_insight", response_time_ms=10)
    roll(shop)
    row = DailyUsage.objects.get(status="success", source="ai")
    names = [field.attname for field in row._meta.concrete_fields]
    assert {name: getattr(row, name) for name in names if name not in ("id", "business_id")} == {
        "day": date(2026, 10, 21),
        "feature": "product_description",
        "model": "m",
        "source": "ai",
        "status": "success",
        "user_id": 7,
        "requests": 2,
        "credits": D(0),
        "revenue_ghs": D("0.16"),
        "cost_usd": D("0.00026"),
        "cost_ghs": D("0.00416"),
        "response_time_ms": 2001,
        "input_tokens": 600,
        "cached_tokens": 40,
        "output_tokens": 400,
        "reasoning_tokens": 10,
        "attempts": 4,
    }
    stats = usage.usage_stats(
        business_id=shop, days=2, now=datetime(2026, 10, 22, 1, tzinfo=UTC), timezone=KATHMANDU
    )
    assert (stats["period_start"], stats["period_end"]) == (date(2026, 10, 21), date(2026, 10, 22))
    assert (stats["total_requests"], stats["successful_requests"]) == (5, 4)
    assert stats["success_rate"] == D("80.00")
    assert stats["avg_response_time_ms"] == 503  # (900 + 1101 + 0 + 10) / 4 = 502.75
    assert (stats["cached"], stats["local"]) == (1, 1)
    assert [one["requests"] for one in stats["daily"]] == [4, 1]


@pytest.mark.django_db
def test_twice_a_month_late_and_again() -> None:
    shop = business()
    for day in range(40):
        use(shop, NOW - timedelta(days=day))
    before = naive(shop, "UTC", date(2026, 9, 1), date(2026, 10, 26))
    assert roll(shop, NOW - timedelta(days=35)) == 4  # then nothing ran for a month: the second step of two
    assert roll(shop) == 35
    assert (roll(shop), rollups.due(now=NOW)) == (0, [])
    rows = list(DailyUsage.objects.order_by("pk").values())
    assert roll(shop) == 0
    assert list(DailyUsage.objects.order_by("pk").values()) == rows
    found = used(business_id=shop, first=date(2026, 9, 1), last=date(2026, 10, 26), timezone="Africa/Accra")
    assert found.total == before[0]
    assert UsageWatermark.objects.get().rolled_until == NOW


@pytest.mark.django_db
def test_what_is_logged_or_changed_afterwards_counts_at_once() -> None:
    shop = business()
    abandoned = use(shop, NOW - timedelta(days=3), status="abandoned", response_time_ms=0)
    roll(shop)
    last = date(2026, 10, 26)
    asked: Any = {"business_id": shop, "first": last, "last": last, "timezone": "Africa/Accra"}
    asked["first"] -= timedelta(days=25)
    assert (used(**asked).total.requests, used(**asked).total.successes) == (1, 0)
    abandoned.status, abandoned.response_time_ms = "success", 400  # captured late
    abandoned.save()
    use(shop, NOW - timedelta(microseconds=1))
    assert StaleUsage.objects.count() == 3  # before and after the change, and the new one
    total = used(**asked).total
    assert (total.requests, total.successes, total.success_time_ms) == (2, 2, 500)
    assert rollups.due(now=NOW) == [shop]
    assert roll(shop) == 2
    assert (used(**asked).total, StaleUsage.objects.count()) == (total, 0)
    AITransaction.objects.get(pk=abandoned.pk).delete()
    assert used(**asked).total.requests == 1
    roll(shop)
    assert used(**asked).total.requests == DailyUsage.objects.get().requests == 1


@pytest.mark.django_db
def test_another_time_zone_makes_other_days() -> None:
    shop = business()
    use(shop, datetime(2026, 10, 20, 20, 0, tzinfo=UTC))
    roll(shop)
    Business.objects.filter(pk=shop).update(timezone=KATHMANDU)
    asked = (shop, KATHMANDU, date(2026, 10, 20), date(2026, 10, 21))
    assert days(*asked) == {date(2026, 10, 21): 1}  # live: the sums are by Accra's days
    assert rollups.due(now=NOW) == [shop]
    roll(shop)
    assert days(*asked) == {date(2026, 10, 21): 1}
    assert DailyUsage.objects.get().day == DailyFeatureUsage.objects.get().day == date(2026, 10, 21)


ZONES = ["Africa/Accra", LONDON, KATHMANDU, HAVANA, "America/New_York"]
START = datetime(2026, 10, 23, tzinfo=UTC)
OPERATIONS = st.one_of(
    st.tuples(
        st.just("use"),
        st.integers(0, 10 * 96),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["success", "failed", "abandoned"]),
        st.sampled_from(["ai", "cached", "local"]),
        st.integers(0, 2000),
    ),
    st.tuples(st.just("roll"), st.integers(0, 10 * 96)),
    st.tuples(st.just("change"), st.integers(0, 20)),
    st.tuples(st.just("remove"), st.integers(0, 20)),
    st.tuples(st.just("move"), st.sampled_from(ZONES)),
    st.tuples(st.just("forget")),
)


class TestAnyOrder(TestCase):
    @settings(max_examples=12, deadline=None)
    @given(zone=st.sampled_from(ZONES), operations=st.lists(OPERATIONS, min_size=4, max_size=16))
    def test_sums_of_days_and_the_rest_equal_all_uses(self, zone: str, operations: list[Any]) -> None:
        shop = business(zone)
        for name, *values in operations:
            zone = self._do(shop, zone, name, values)
            first, last = date(2026, 10, 23), date(2026, 11, 1)
            found = used(business_id=shop, first=first, last=last, timezone=zone)
            assert (found.total, found.by_day, found.by_feature) == naive(shop, zone, first, last)
        assert rollups.differences(business_id=shop) == []

    def _do(self, shop: UUID, zone: str, name: str, values: list[Any]) -> str:
        rows = AITransaction.objects.filter(business_id=shop).order_by("pk")
        if name == "use":
            quarters, feature, status, source, wait = values
            use(
                shop,
                START + timedelta(minutes=15 * quarters),
                feature=feature,
                status=status,
                source=source,
                response_time_ms=wait,
                cost_ghs=D(wait) / 100_000_000,
            )
        elif name == "roll":
            roll(shop, START + timedelta(minutes=15 * values[0]))
        elif name == "move":
            Business.objects.filter(pk=shop).update(timezone=values[0])
            return str(values[0])
        elif name == "forget":
            rollups.forget(business_id=shop)
        elif row := rows[values[0] : values[0] + 1].first():
            if name == "remove":
                row.delete()
            else:
                row.status, row.response_time_ms = "success", row.response_time_ms + 1
                row.save()
        return zone


def _late(shop: UUID, logged: threading.Event, rolled: threading.Event) -> None:
    """Logs a use and commits only after somebody tried to sum it up."""
    try:
        with transaction.atomic():
            use(shop, NOW - timedelta(hours=1))
            logged.set()
            assert rolled.wait(30)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_use_that_commits_after_its_time_was_to_be_summed(guarded: bool) -> None:
    """The control: without the trigger, it is lost."""
    shop = business()
    _trigger("ENABLE" if guarded else "DISABLE")
    try:
        logged, rolled = threading.Event(), threading.Event()
        late = threading.Thread(target=_late, args=(shop, logged, rolled))
        late.start()
        assert logged.wait(30)
        done = rollups.try_roll_up(business_id=shop, now=NOW + timedelta(hours=1))
        rolled.set()
        late.join()
        assert done == (None if guarded else 0)  # gave way to the one that is logging
        rollups.roll_up(business_id=shop, now=NOW + timedelta(hours=1))
        assert len(DailyUsage.objects.all()) == int(guarded)
        assert bool(rollups.differences(business_id=shop)) is not guarded
    finally:
        _trigger("ENABLE")
    rollups.forget(business_id=shop)
    rollups.roll_up(business_id=shop, now=NOW + timedelta(hours=1))
    assert rollups.differences(business_id=shop) == []


def _trigger(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE subscriptions_aitransaction {state} TRIGGER usage_leaves_a_mark")


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_while_uses_come_in() -> None:
    shop = business()
    for minute in range(60):
        use(shop, NOW - timedelta(minutes=minute))
    runs: list[Any] = [partial(rollups.try_roll_up, business_id=shop, now=NOW)] * 2
    uses = [partial(use, shop, NOW - timedelta(minutes=30 + number)) for number in range(2)]
    results = together([*runs, *uses])
    assert [one for one in results if isinstance(one, Exception)] == []
    rollups.roll_up(business_id=shop, now=NOW + timedelta(hours=1))
    assert sum(row.requests for row in DailyUsage.objects.all()) == 62
    assert (rollups.differences(business_id=shop), StaleUsage.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_the_command(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    use(shop.business_id, NOW)
    call_command("roll_up_usage", "--as-of", "2026-10-27", "--dry-run")
    assert capsys.readouterr().out == "1 business would be summed up.\n"
    assert UsageWatermark.objects.count() == 0
    call_command("roll_up_usage", "--as-of", "2026-10-27")
    assert capsys.readouterr().out == "1 uses of 1 business were summed up.\n"
    call_command("roll_up_usage", "--as-of", "2026-10-27")
    assert capsys.readouterr().out == "0 uses of 0 businesses were summed up.\n"
    call_command("roll_up_usage", "--verify")
    assert capsys.readouterr().out == "The sums of 1 business equal their uses.\n"
    DailyUsage.objects.update(requests=2)
    with pytest.raises(CommandError, match=r"The sums of 1 business are wrong\. --rebuild"):
        call_command("roll_up_usage", "--verify", "--business", str(shop.business_id))
    assert "2026-10-26: the sums are not those of the uses" in capsys.readouterr().out
    call_command("roll_up_usage", "--rebuild", "--as-of", "2026-10-27", "--business", str(shop.business_id))
    assert DailyUsage.objects.get().requests == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [["--as-of", "soon"], ["--business", "7"], ["--business", "00000000-0000-4000-8000-000000000000"]],
    ids=str,
)
def test_wrong_arguments(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("roll_up_usage", *arguments)
    assert refused.value.returncode == 2
