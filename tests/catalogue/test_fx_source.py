"""The rate from the web: fetched, looked at twice, and an alert when it is odd or old."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.core.loopback import App, Request, Response, Server, json_response
from config.core.models import forget_dated
from subscriptions.errors import FxJump, FxSourceFailed, NoFxSource
from subscriptions.models import Alert, FxRate
from subscriptions.services import fx_source

pytestmark = pytest.mark.django_db

D = Decimal
NOW = datetime(2026, 11, 21, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Source:
    """A service of exchange rates on this machine."""

    url: str = ""
    body: Any = field(default_factory=lambda: {"base": "USD", "rates": {"GHS": 15.9, "EUR": 0.92}})
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.asked.append(request.query)
        return json_response(self.body, self.status)


@pytest.fixture
def source(settings: Any) -> Iterator[Source]:
    served, app = Source(), App()
    app.get("/latest.json")(served.answer)
    with Server({"/fx": app}) as server:
        settings.FX_SOURCE_URL = f"{server.url}/fx/latest.json?app_id=secret"
        yield served


def run(*args: str) -> str:
    out = StringIO()
    call_command("set_fx_rate", *args, stdout=out)
    return out.getvalue()


def rates() -> list[tuple[Decimal, str, datetime]]:
    rows = FxRate.objects.exclude(source="catalogue").order_by("pk")
    return list(rows.values_list("ghs", "source", "effective_from"))


def test_the_rate_counts_from_the_moment_it_was_fetched(source: Source) -> None:
    assert fx_source.refresh(now=NOW) == D("15.9")

    assert rates() == [(D("15.900000"), "127.0.0.1", NOW)]
    assert source.asked == [{"app_id": "secret"}]


def test_twice_on_a_day_is_as_good_as_once(source: Source) -> None:
    for hours in (0, 1, 24):
        fx_source.refresh(now=NOW + timedelta(hours=hours))

    assert [start for _, _, start in rates()] == [NOW, NOW + DAY]
    source.body["rates"]["GHS"] = 15.95
    fx_source.refresh(now=NOW + timedelta(hours=25))
    assert rates()[-1] == (D("15.950000"), "127.0.0.1", NOW + timedelta(hours=25))


@pytest.mark.parametrize(
    ("ghs", "taken"), [(19.2, True), (12.8, True), (19.200001, False), (12.799999, False), (159, False)]
)
def test_a_jump_of_more_than_a_fifth_is_for_a_person(source: Source, ghs: float, taken: bool) -> None:
    """16.00 is in force: 16 × 1.2 = 19.2, 16 × 0.8 = 12.8."""
    source.body["rates"]["GHS"] = ghs

    if taken:
        fx_source.refresh(now=NOW)
        assert len(rates()) == 1
        assert not Alert.objects.exists()
        return
    for _ in range(2):
        with pytest.raises(FxJump, match=rf"manage.py set_fx_rate USD {ghs}$"):
            fx_source.refresh(now=NOW)
    assert rates() == []
    alert = Alert.objects.get()
    assert (alert.kind, alert.business_id, alert.severity) == ("fx_stale", None, "critical")
    assert f"`manage.py set_fx_rate USD {ghs}`" in alert.text


@pytest.mark.parametrize(
    "body",
    [
        {"base_code": "USD", "rates": {"GHS": 16}},
        {"amount": 1, "base": "USD", "date": "2026-11-20", "rates": {"GHS": 16}},
        {"base": "USD", "timestamp": 1795150000, "rates": {"GHS": 16}},
        {"base_code": "USD", "time_last_update_unix": 1795150000, "rates": {"GHS": 15.9999999}},
    ],
)
def test_the_shapes_that_such_services_have(source: Source, body: Any) -> None:
    source.body = body
    assert fx_source.refresh(now=NOW) == 16


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"base": "EUR", "rates": {"GHS": 16}}, "did not answer"),
        ({"base": "USD", "rates": {"GHS": "16"}}, "did not answer"),
        ({"base": "USD", "rates": {"GHS": True}}, "did not answer"),
        ({"base": "USD", "rates": {}}, "did not answer"),
        ({"base": "USD", "rates": [16]}, "did not answer"),
        (["USD", 16], "did not answer"),
        ({"base": "USD", "rates": {"GHS": 16}, "date": "2026-11-13"}, "only has a rate of 2026-11-13"),
        ({"base": "USD", "rates": {"GHS": 16}, "timestamp": 10**30}, "a date that is none"),
        ({"base": "USD", "rates": {"GHS": 16}, "date": "yesterday"}, "a date that is none"),
    ],
)
def test_what_is_no_rate_changes_nothing(source: Source, body: Any, refusal: str) -> None:
    source.body = body
    with pytest.raises(FxSourceFailed, match=refusal):
        fx_source.refresh(now=NOW)
    assert rates() == []


@pytest.mark.parametrize("ghs", [0, -3])
def test_a_rate_that_can_not_be_is_refused(source: Source, ghs: int) -> None:
    source.body["rates"]["GHS"] = ghs
    with pytest.raises(CommandError, match="A rate is a number of cedis greater than 0"):
        run("--fetch")
    assert rates() == []


def test_a_source_that_says_no(source: Source) -> None:
    source.status = 403
    with pytest.raises(CommandError, match="The exchange rate source answered with status 403"):
        run("--fetch")


def test_the_command_fetches(source: Source) -> None:
    assert run("--fetch", "--dry-run").startswith("1 USD would be 15.9 GHS from ")
    assert rates() == []

    assert run("--fetch").endswith(" UTC (before: 16).\n")

    assert [(ghs, name) for ghs, name, _ in rates()] == [(D("15.900000"), "127.0.0.1")]


def test_the_command_says_how_it_wants_to_be_called(settings: Any) -> None:
    for too_few in ([], ["USD"]):
        with pytest.raises(CommandError, match=r"give a currency and its rate, .*, or --fetch"):
            run(*too_few)
    for odd in (["USD", "15.80", "--fetch"], ["EUR", "--fetch"], ["--fetch", "--from", "2030-01-01"]):
        with pytest.raises(CommandError, match="--fetch finds the rate of USD, from now on"):
            run(*odd)
    settings.FX_SOURCE_URL = ""
    with pytest.raises(CommandError, match="Set FX_SOURCE_URL, or give the rate yourself"):
        run("--fetch")
    with pytest.raises(NoFxSource):
        fx_source.fetch(now=NOW)


def test_a_dry_run_tells_nobody_of_a_jump(source: Source) -> None:
    source.body["rates"]["GHS"] = 30
    with pytest.raises(CommandError, match="more than 20% away from 16"):
        run("--fetch", "--dry-run")
    assert not Alert.objects.exists()


def test_an_old_rate_is_told_once_a_week(settings: Any) -> None:
    settings.FX_SOURCE_URL = ""
    start = FxRate.objects.get().effective_from

    def told_at(age: timedelta) -> int:
        before = Alert.objects.count()
        for _ in range(2):
            fx_source.keep_fresh(now=start + age)
        return Alert.objects.count() - before

    ages = [7 * DAY, 7 * DAY + timedelta(seconds=1), 8 * DAY, 13 * DAY, 14 * DAY, 20 * DAY, 21 * DAY]
    assert [told_at(age) for age in ages] == [0, 1, 0, 0, 1, 0, 1]
    first = Alert.objects.earliest("pk")
    assert (first.kind, first.severity, first.title) == (
        "fx_stale",
        "warning",
        "The exchange rate of USD is 7 days old",
    )
    assert "1 USD = 16 GHS since 2026-01-01" in first.text

    FxRate.objects.create(currency="USD", ghs="16", effective_from=start + 22 * DAY)
    assert told_at(22 * DAY) == 0


def test_a_source_that_fails_does_not_keep_the_warning_back(source: Source) -> None:
    source.body = {}
    fx_source.keep_fresh(now=NOW)

    assert Alert.objects.get().key.startswith("fx_stale:USD:")
    forget_dated()
    source.body = {"base": "USD", "rates": {"GHS": 15.9}}
    fx_source.keep_fresh(now=NOW + 7 * DAY)
    assert Alert.objects.count() == 1
