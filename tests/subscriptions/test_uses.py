"""The list of AI uses, its CSV, and the command that writes it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Business, User
from subscriptions.models import AITransaction
from subscriptions.selectors import uses

from .shop import Shop, exact
from .test_rollups import use
from .test_statement import give, read, spend

pytestmark = pytest.mark.django_db

D = Decimal
AT = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


def features(shop: Shop, query: str = "") -> list[str]:
    reply = shop.get(f"transactions/{query}")
    assert reply.status_code == 200, reply.content
    return [row["feature"] for row in reply.json()["results"]]


def log(shop: Shop, feature: str, at: datetime = AT, **values: Any) -> AITransaction:
    return use(shop.business_id, at, feature=feature, membership_id=shop.membership.pk, **values)


def test_one_use(shop: Shop) -> None:
    give(shop.business_id, "5", at=timezone.now())
    request_id = spend(shop, "0.1", at=timezone.now())
    (row,) = exact(shop.get("transactions/"))["results"]
    used = AITransaction.objects.get()
    assert row == {
        "id": used.pk,
        "request_id": str(request_id),
        "created_at": used.created_at.isoformat().replace("+00:00", "Z"),
        "feature": "product_description",
        "status": "success",
        "source": "ai",
        "error_code": "",
        "partial": False,
        "late": False,
        "credits_charged": D("0.10"),
        "response_time_ms": 800,
        "member": shop.membership.pk,
        "email": shop.membership.user.email,
    }
    User.objects.filter(pk=shop.membership.user_id).update(is_staff=True)
    (row,) = exact(shop.get("transactions/"))["results"]
    assert (row["cost_usd"], row["cost_ghs"], row["revenue_ghs"]) == (D("0.00065"), D("0.0104"), 0)
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("openai/gpt-6-luna", 300, 200)


def test_filters(shop: Shop) -> None:
    log(shop, "a", AT)
    log(shop, "b", AT + timedelta(minutes=1), status="failed", error_code="provider_failed")
    log(shop, "c", AT + timedelta(days=1), source="cached")
    log(shop.colleague("cashier"), "d", AT + timedelta(days=2), source="local")
    assert features(shop) == ["d", "c", "b", "a"]
    assert features(shop, "?feature=c") == ["c"]
    assert features(shop, "?feature=unheard_of") == []
    assert features(shop, "?status=failed") == ["b"]
    assert features(shop, "?source=local") == ["d"]
    assert features(shop, f"?member={shop.membership.pk}") == ["c", "b", "a"]
    assert features(shop, "?from=2026-10-21&to=2026-10-21") == ["c"]
    assert features(shop, "?to=2026-10-20&status=success") == ["a"]


def test_days_are_those_of_the_business(shop: Shop) -> None:
    Business.objects.filter(pk=shop.business_id).update(timezone="Asia/Kathmandu")
    midnight = datetime(2026, 10, 20, 18, 15, tzinfo=UTC)
    log(shop, "a", midnight - timedelta(microseconds=1))
    log(shop, "b", midnight)
    assert features(shop, "?from=2026-10-20&to=2026-10-20") == ["a"]
    assert features(shop, "?from=2026-10-21&to=2026-10-21") == ["b"]


def test_pages(shop: Shop) -> None:
    for number in range(5):
        log(shop, str(number), AT)  # all at the same moment
    seen, url = [], "/api/subscriptions/ai/transactions/?page_size=2"
    while url:
        body = shop.client.get(url).json()
        seen += [row["feature"] for row in body["results"]]
        url = body["next"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_without_the_right_to_statements_one_sees_ones_own(shop: Shop) -> None:
    cashier = shop.colleague("cashier")
    log(shop, "owners")
    log(cashier, "cashiers")
    assert features(cashier) == features(cashier, f"?member={cashier.membership.pk}") == ["cashiers"]
    assert len(read(cashier.get("transactions/?format=csv"))) == 2
    for other in (shop.membership.pk, 10**9):
        reply = cashier.get(f"transactions/?member={other}")
        assert (reply.status_code, reply.json()["code"]) == (403, "role_not_allowed")
    assert features(shop.colleague("accountant")) == ["cashiers", "owners"]


def test_another_businesss_member_is_as_unknown_as_nobody(shop: Shop) -> None:
    stranger = Shop()
    log(stranger, "theirs")
    replies = [shop.get(f"transactions/?member={one}") for one in (stranger.membership.pk, 10**9)]
    assert [reply.status_code for reply in replies] == [400, 400]
    assert replies[0].content == replies[1].content
    assert [one["field"] for one in replies[0].json()["errors"]] == ["member"]
    assert features(shop) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("member=x", "member"),
        ("member=0", "member"),
        (f"member={10**30}", "member"),
        ("status=lost", "status"),
        ("source=x", "source"),
        ("feature=a%00b", "feature"),
        ("feature=a b", "feature"),
    ],
)
def test_wrong_filters(shop: Shop, query: str, field: str) -> None:
    reply = shop.get(f"transactions/?{query}")
    assert reply.status_code == 400
    assert {one["field"] for one in reply.json()["errors"]} == {field}


def test_reading_in_batches_leaves_none_out(shop: Shop) -> None:
    for number in range(7):
        log(shop, str(number), AT + timedelta(seconds=number // 4))  # some at the same moment
    rows = uses.uses(business_id=shop.business_id, wanted=uses.Filter(), timezone="UTC")
    for batch in (1, 2, 3, 7, 8):
        assert [one.feature for one in uses.oldest_first(rows, batch=batch)] == list("0123456")


def test_as_csv(shop: Shop) -> None:
    for number in range(5):
        log(shop, f"=f{number}", AT, error_code="@x")
    rows = read(shop.get("transactions/?format=csv"))
    assert rows[0][0] == "time (Africa/Accra)"
    assert "cost USD" not in rows[0]
    assert [row[:3] for row in rows[1:]] == [
        ["2026-10-20 12:00:00", f"'=f{number}", f"'=f{number}"] for number in range(5)
    ]
    assert rows[1][5:8] == ["'@x", "0.00", "100"]
    User.objects.filter(pk=shop.membership.user_id).update(is_staff=True)
    rows = read(shop.get("transactions/?format=csv"))
    assert rows[0][-3:] == ["cost USD", "cost GHS", "revenue GHS"]
    assert rows[1][-3:] == ["0.00000000", "0.00000000", "0.000000"]


def test_export(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log(shop, "before", AT - timedelta(days=1))
    log(shop, "a", AT, cost_usd=D("0.00065"))
    log(shop, "b", AT + timedelta(days=1))
    log(Shop(), "theirs")
    out = tmp_path / "uses.csv"
    arguments = ["--business", str(shop.business_id), "--from", "2026-10-20", "--to", "2026-10-21"]
    call_command("export_usage", *arguments, "--out", str(out))
    assert capsys.readouterr().out == f"2 uses were written to {out}.\n"
    assert list(tmp_path.iterdir()) == [out]
    rows = list(csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows] == ["feature", "a", "b"]
    assert rows[1][-3:] == ["0.00065000", "0.00000000", "0.000000"]
    call_command("export_usage", *arguments)
    printed = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(printed.removeprefix("\ufeff"), newline=""))) == rows


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"--business": "x"}, 2),
        ({"--business": "00000000-0000-4000-8000-000000000000"}, 2),
        ({"--from": "2026-02-30"}, 2),
        ({"--from": "2026-10-22"}, 2),
        ({"--to": "2999-01-01"}, 2),
        ({"--out": "/nowhere/uses.csv"}, 1),
    ],
    ids=str,
)
def test_export_refuses(shop: Shop, changes: dict[str, str], code: int) -> None:
    arguments = {"--business": str(shop.business_id), "--from": "2026-10-20", "--to": "2026-10-21", **changes}
    with pytest.raises(CommandError) as refused:
        call_command("export_usage", *[part for pair in arguments.items() for part in pair])
    assert refused.value.returncode == code
