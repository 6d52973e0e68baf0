"""Payouts to our bank account, as Paystack lists them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from config.core.loopback import App, Request, Response, Server, json_response
from payments import selectors, tasks
from payments.errors import GatewayUnavailable, PaymentMethodUnavailable
from payments.models import Settlement
from payments.services import settlements
from tests.concurrency.together import together

D = Decimal
NOW = datetime(2026, 11, 20, 3, 20, tzinfo=UTC)


class Payouts:
    """`GET /settlement` over `rows`, page by page; `fail_from` is the first page that answers 500."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.fail_from = 0

    def add(self, number: int, **changes: Any) -> None:
        row = {
            "id": 3_090_000 + number,
            "domain": "live",
            "status": "success",
            "currency": "GHS",
            "total_amount": 98_050,
            "effective_amount": 93_050,
            "total_fees": 1_950,
            "total_processed": 100_000,
            "deductions": 5_000,
            "settlement_date": "2026-11-19T00:00:00.000Z",
        }
        self.rows.append({**row, **changes})

    def answer(self, request: Request) -> Response:
        self.queries.append(request.query)
        page, size = int(request.query["page"]), int(request.query["perPage"])
        if self.fail_from and page >= self.fail_from:
            return json_response({"status": False, "message": "Something went wrong"}, 500)
        rows = self.rows[(page - 1) * size : page * size]
        return json_response({"status": True, "message": "Settlements retrieved", "data": rows, "meta": {}})


@pytest.fixture
def payouts(settings: Settings, db: None) -> Iterator[Payouts]:
    payouts, app = Payouts(), App()
    app.get("/settlement")(payouts.answer)
    with Server({"/paystack": app}) as server:
        settings.PAYSTACK_BASE_URL = f"{server.url}/paystack"
        yield payouts


def sync(**changes: Any) -> int:
    values: dict[str, Any] = {"gateway": "paystack", "since": NOW - timedelta(days=10), "now": NOW}
    return settlements.sync(**{**values, **changes})


def test_payout_is_kept_as_it_is_listed(payouts: Payouts) -> None:
    payouts.add(1)
    assert sync() == 1
    assert {key: payouts.queries[0][key] for key in ("from", "to")} == {
        "from": "2026-11-10T03:20:00+00:00",
        "to": "2026-11-20T03:20:00+00:00",
    }
    kept = Settlement.objects.get()
    assert (kept.gateway, kept.gateway_settlement_id, kept.status) == ("paystack", "3090001", "success")
    assert (kept.total_ghs, kept.fees_ghs, kept.deductions_ghs) == (D("1000.00"), D("19.50"), D("50.00"))
    assert (kept.paid_out_ghs, kept.settled_on, kept.seen_at) == (D("930.50"), date(2026, 11, 19), NOW)


def test_the_same_list_again_changes_what_changed_and_adds_nothing(payouts: Payouts) -> None:
    payouts.add(1, status="pending", deductions=None)
    payouts.add(2)
    assert sync() == 2
    payouts.rows[0] |= {"status": "success", "deductions": 5_000}
    later = NOW + timedelta(days=1)
    assert sync(now=later) == 2
    rows = Settlement.objects.order_by("gateway_settlement_id")
    assert [(row.status, row.deductions_ghs, row.seen_at) for row in rows] == [
        ("success", D("50.00"), later),
        ("success", D("50.00"), later),
    ]


@pytest.mark.django_db(transaction=True)
def test_four_at_once_keep_each_once(payouts: Payouts) -> None:
    for number in range(120):
        payouts.add(number)
    assert together([partial(sync)] * 4) == [120] * 4
    assert Settlement.objects.count() == 120


def test_pages_that_were_read_before_a_failure_stay(payouts: Payouts) -> None:
    for number in range(150):
        payouts.add(number)
    payouts.fail_from = 2
    with pytest.raises(GatewayUnavailable):
        sync()
    assert Settlement.objects.count() == 100
    payouts.fail_from = 0
    assert sync() == 150
    assert Settlement.objects.count() == 150


@pytest.mark.parametrize(
    "changes", [{"currency": "NGN"}, {"settlement_date": "soon"}, {"effective_amount": "much"}, {"id": None}]
)
def test_unreadable_payout_does_not_keep_the_others(payouts: Payouts, changes: dict[str, Any]) -> None:
    payouts.add(1, **changes)
    payouts.add(2)
    assert sync() == 1
    assert Settlement.objects.get().gateway_settlement_id == "3090002"


def test_gateway_that_lists_no_payouts_is_refused(db: None) -> None:
    with pytest.raises(PaymentMethodUnavailable):
        sync(gateway="stripe")


def test_every_night_the_last_ten_days(payouts: Payouts, settings: Settings) -> None:
    payouts.add(1)
    tasks.sync_settlements()
    assert Settlement.objects.count() == 1
    assert settings.CELERY_BEAT_SCHEDULE["sync-settlements"]["task"] == tasks.sync_settlements.name


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code, words = 0, []
    try:
        call_command("list_settlements", *arguments)
    except CommandError as error:
        code, words = error.returncode, [str(error)]
    return code, capsys.readouterr().out.splitlines() + words


HEAD = "day         gateway   status           collected           fees     deductions       paid out"


def test_command_prints_what_it_asked_for(payouts: Payouts, capsys: pytest.CaptureFixture[str]) -> None:
    payouts.add(1)
    payouts.add(2, settlement_date="2026-11-18T00:00:00.000Z", status="pending", deductions=None)
    code, lines = command(capsys, "--since", "2026-11-01")
    assert code == 0
    assert lines == [
        HEAD,
        "2026-11-19  paystack  success           1,000.00          19.50          50.00         930.50",
        "2026-11-18  paystack  pending           1,000.00          19.50           0.00         930.50",
        "2 payouts since 2026-11-01, GHS 1,861.00 in all.",
    ]


def test_command_prints_what_was_kept_when_nobody_answers(
    payouts: Payouts, capsys: pytest.CaptureFixture[str]
) -> None:
    payouts.add(1)
    sync()
    payouts.fail_from = 1
    code, lines = command(capsys, "--since", "2026-11-01")
    assert (code, lines[0], len(lines)) == (3, HEAD, 3)
    assert lines[1].startswith("2026-11-19  paystack  success")
    assert lines[2].startswith("paystack can't be asked: ")


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("last week", "--since: 'last week' is not a date, e.g. 2026-11-01"),
        ("2999-01-01", "--since lies in the future."),
    ],
)
def test_command_refuses_a_wrong_date(
    payouts: Payouts, capsys: pytest.CaptureFixture[str], since: str, words: str
) -> None:
    assert command(capsys, "--since", since) == (2, [words])
    assert payouts.queries == []


def test_no_payouts_is_said(payouts: Payouts, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(capsys, "--since", "2026-11-01") == (
        0,
        [HEAD, "0 payouts since 2026-11-01, GHS 0.00 in all."],
    )
    assert selectors.settlements(since=date(2026, 11, 1)) == []


def test_admin_shows_and_changes_nothing(payouts: Payouts, client: Client) -> None:
    payouts.add(1)
    sync()
    boss = get_user_model().objects.create_superuser("boss@shop.test", "correct-horse-battery")
    client.force_login(boss)
    page = client.get("/admin/payments/settlement/")
    assert page.status_code == 200
    assert "930.50" in page.content.decode()
    assert client.get("/admin/payments/settlement/add/").status_code == 403
