"""The statement: every line, in words, with balances that add up, for any period."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Business
from subscriptions.ai_billing import AIBillingService
from subscriptions.models import AITransaction, CreditEntry, EntryTotal
from subscriptions.selectors import lines, statement
from subscriptions.services import entry_totals, ledger, rollups
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox

from .money import Sale
from .shop import Shop, exact
from .test_account_api import USAGE

pytestmark = pytest.mark.django_db

D = Decimal
AT = datetime(2126, 11, 20, 9, 0, tzinfo=UTC)
ACCRA, KATHMANDU = "Africa/Accra", "Asia/Kathmandu"


def give(business_id: UUID, credits: str, *, at: datetime, source: str = "trial", **values: Any) -> int:
    return ledger.grant(
        business_id=business_id,
        credits=D(credits),
        source=source,
        key=values.pop("key", f"test:{uuid4()}"),
        unit_value_ghs=D(0),
        now=at,
        **values,
    ).pk


def spend(shop: Shop, credits: str, *, at: datetime, feature: str = "product_description") -> UUID:
    request_id = uuid4()
    AIBillingService.charge_credits(
        business_id=shop.business_id,
        membership_id=shop.membership.pk,
        user_id=shop.membership.user_id,
        feature=feature,
        credits=D(credits),
        request_id=request_id,
        idempotency_key=None,
        daily_limit_usd=D(1),
        usage=USAGE,
        response_time_ms=800,
        now=at,
    )
    return request_id


def of(shop: Shop, first: date, last: date, zone: str = ACCRA) -> statement.Statement:
    return statement.statement(business_id=shop.business_id, first=first, last=last, timezone=zone)


def told(found: statement.Statement) -> list[str]:
    return [line.description for line in lines.lines(list(found.entries()))]


def test_days_meet_without_a_gap(shop: Shop) -> None:
    """Kathmandu's 21 November starts at 18:15 UTC; the last microsecond before is of the 20th."""
    midnight = datetime(2126, 11, 20, 18, 15, tzinfo=UTC)
    give(shop.business_id, "5", at=midnight - timedelta(days=1, microseconds=1))
    give(shop.business_id, "1", at=midnight - timedelta(microseconds=1))
    give(shop.business_id, "2", at=midnight)
    spend(shop, "0.3", at=midnight + timedelta(hours=23, minutes=59))
    give(shop.business_id, "4", at=midnight + timedelta(days=1))
    day = date(2126, 11, 21)
    found = [of(shop, one, one, KATHMANDU) for one in (day - timedelta(1), day, day + timedelta(1))]
    assert [(one.opening_balance, one.closing_balance) for one in found] == [
        (D("5.00"), D("6.00")),
        (D("6.00"), D("7.70")),
        (D("7.70"), D("11.70")),
    ]
    assert [[entry.amount for entry in one.entries()] for one in found] == [[1], [2, D("-0.30")], [4]]
    empty = of(shop, day + timedelta(days=9), day + timedelta(days=9), KATHMANDU)
    assert (empty.opening_balance, empty.closing_balance) == (D("11.70"), D("11.70"))
    assert list(empty.entries()) == []


@pytest.mark.parametrize("step", [None, 1, 3, 7])
def test_totals_are_those_of_the_lines_wherever_a_step_ends(shop: Shop, step: int | None) -> None:
    for number in range(10):
        give(shop.business_id, "5", at=AT + timedelta(days=number))
        spend(shop, "0.1", at=AT + timedelta(days=number))
    if step is not None:
        assert entry_totals.extend(business_id=shop.business_id, step=step) == 20 // step
        assert entry_totals.extend(business_id=shop.business_id, step=step) == 0
        assert EntryTotal.objects.values("entry_id").distinct().count() == 20 // step
    for first, last in ((0, 9), (0, 0), (3, 7), (9, 9), (20, 30)):
        found = of(shop, (AT + timedelta(days=first)).date(), (AT + timedelta(days=last)).date())
        count = max(0, min(last, 9) - first + 1)
        shown = {one.kind: (one.entries, one.amount, one.debt_change) for one in statement.totals(of=found)}
        assert shown == (
            {"capture": (count, count * D("-0.1"), 0), "grant": (count, count * D(5), 0)} if count else {}
        )
        assert found.closing_balance - found.opening_balance == count * D("4.9")


def test_a_run_of_roll_up_usage_adds_the_steps(shop: Shop) -> None:
    give(shop.business_id, "5", at=AT)
    rollups.roll_up(business_id=shop.business_id, now=AT)
    assert EntryTotal.objects.count() == 0  # fewer entries than a step


def test_an_entry_is_never_dated_before_the_one_before_it(shop: Shop) -> None:
    """Its account was locked when it came, so its time, asked for before, is too early by that wait."""
    give(shop.business_id, "5", at=AT)
    give(shop.business_id, "1", at=AT - timedelta(days=30))
    other = make_business()
    give(other.business_id, "1", at=AT - timedelta(days=30))
    dates = CreditEntry.objects.order_by("pk").values_list("business_id", "created_at")
    assert list(dates) == [
        (shop.business_id, AT),
        (shop.business_id, AT),
        (other.business_id, AT - timedelta(days=30)),
    ]


def test_what_each_line_is(shop: Shop) -> None:
    """Undone at the end: some of these credits have no sale behind them, which an audit would tell."""
    with pytest.raises(_Undo), transaction.atomic():
        _tell_each(shop)
        raise _Undo


class _Undo(Exception):
    pass


def _tell_each(shop: Shop) -> None:
    sale = Sale(shop.membership, now=AT)
    free = give(shop.business_id, "5", at=AT, expires_at=AT + timedelta(days=1))
    give(shop.business_id, "5", at=AT, source="monthly_free", expires_at=AT + timedelta(days=2))
    give(shop.business_id, "2", at=AT, source="adjustment", note="=cmd|calc", actor_id=1)
    addon = uuid4()
    give(shop.business_id, "100", at=AT, source="addon", key=f"addon:{addon}:period:0")
    three = spend(shop, "0.3", at=AT)
    spend(shop, "5", at=AT, feature="collection_analysis")
    spend(shop, "0.7", at=AT, feature="gone_feature")
    used = AITransaction.objects.get(request_id=three)
    ledger.reverse(hold_id=used.hold_id or 0, now=AT, note="Wrong answer")
    ledger.expire(grant_id=free, now=AT + timedelta(days=1))
    refund = sale.request(now=AT + timedelta(days=1)).refund
    sale.end(refund, "FAILED", now=AT + timedelta(days=1))
    sale.dispute("40", "LOST", now=AT + timedelta(days=1))
    found = lines.lines(list(of(shop, AT.date(), AT.date() + timedelta(days=1)).entries()))
    assert [line.description for line in found] == [
        "Bought Value pack",
        "Free trial credits",
        "Free credits of the month",
        "Adjustment: =cmd|calc",
        "Monthly add-on",
        "Product Description Generator ×3 items",
        "Collection Priority Analysis",
        "gone_feature",
        "Given back: Product Description Generator ×3 items: Wrong answer",
        "Expired free trial credits",
        "Taken back: refund: wrong pack",
        "Given back: the refund did not go through",
        "Taken back: payment disputed and lost",
    ]
    assert found[0].purchase_id == sale.purchase.pk
    assert found[4].addon_id == addon
    assert found[5].request_id == found[8].request_id == three
    assert found[10].refund_id == found[11].refund_id == refund.pk


def test_over_the_api(shop: Shop, sandbox: PaystackSandbox) -> None:
    shop.buy(sandbox)
    requests = [spend(shop, "0.1", at=timezone.now()) for _ in range(2)]
    body = exact(shop.get("statement/?page_size=2"))
    today = timezone.now().date()
    assert (body["from"], body["to"], body["timezone"]) == (str(today.replace(day=1)), str(today), ACCRA)
    assert (body["opening_balance"], body["closing_balance"]) == (D("0.00"), D("99.80"))
    assert body["totals"] == [
        {"kind": "capture", "entries": 2, "amount": D("-0.20"), "debt_change": D("0.00")},
        {"kind": "grant", "entries": 1, "amount": D("100.00"), "debt_change": D("0.00")},
    ]
    assert [(row["amount"], row["balance_after"]) for row in body["results"]] == [
        (D("100.00"), D("100.00")),
        (D("-0.10"), D("99.90")),
    ]
    assert body["results"][0]["description"] == "Bought Value pack"
    rest = exact(shop.client.get(body["next"]))
    assert [(row["request_id"], row["balance_after"]) for row in rest["results"]] == [
        (str(requests[1]), D("99.80"))
    ]
    assert rest["next"] is None
    assert rest["totals"] == body["totals"]


def read(reply: Any) -> list[list[str]]:
    text = b"".join(reply.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_as_csv(shop: Shop) -> None:
    Business.objects.filter(pk=shop.business_id).update(timezone=KATHMANDU)
    give(shop.business_id, "2", at=timezone.now(), source="adjustment", note='=HYPERLINK("x")')
    spend(shop, "0.1", at=timezone.now())
    reply = shop.get("statement/?format=csv")
    assert (reply["Content-Type"], reply["Cache-Control"]) == ("text/csv; charset=utf-8", "private, no-store")
    assert reply["Content-Disposition"].startswith('attachment; filename="statement-')
    rows = read(reply)
    assert rows[0][:6] == [f"time ({KATHMANDU})", "what", "kind", "credits", "debt change", "balance"]
    assert rows[1][1:6] == ["Opening balance", "", "", "", "0.00"]
    assert rows[2][1:6] == ['Adjustment: =HYPERLINK("x")', "grant", "2.00", "0.00", "2.00"]
    assert rows[3][1:6] == ["Product Description Generator", "capture", "-0.10", "0.00", "1.90"]
    assert rows[4][1:6] == ["Closing balance", "", "", "", "1.90"]
    entry = CreditEntry.objects.order_by("pk")[0]
    local = entry.created_at + timedelta(hours=5, minutes=45)
    assert rows[2][0] == f"{local:%Y-%m-%d %H:%M:%S}"


def test_a_business_without_a_ledger(shop: Shop) -> None:
    body = exact(shop.get("statement/"))
    assert (body["opening_balance"], body["closing_balance"]) == (0, 0)
    assert (body["totals"], body["results"], body["next"]) == ([], [], None)
    assert len(read(shop.get("statement/?format=csv"))) == 3


@pytest.mark.parametrize("path", ["statement", "transactions"])
@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=2026-02-30", "from", "invalid"),
        ("to=2025-02-29", "to", "invalid"),
        ("from=yesterday", "from", "invalid"),
        ("from=%00", "from", "invalid"),
        ("from=2026-02-02&to=2026-02-01", "from", "after_the_end"),
        ("from=2999-01-01", "from", "in_the_future"),
        ("to=2999-01-01", "to", "in_the_future"),
        ("from=2024-01-01&to=2025-01-01", "from", "too_long"),  # 367 days: 2024 has 366
        ("from=0001-01-01", "from", "too_long"),
        ("format=xml", "format", "invalid_choice"),
    ],
)
def test_wrong_periods(shop: Shop, path: str, query: str, field: str, code: str) -> None:
    reply = shop.get(f"{path}/?{query}")
    assert reply.status_code == 400
    assert [(one["field"], one["code"]) for one in reply.json()["errors"]] == [(field, code)]


def test_the_longest_period(shop: Shop) -> None:
    assert shop.get("statement/?from=2024-01-01&to=2024-12-31").status_code == 200


def test_who_may_read_it(shop: Shop) -> None:
    for role, status in (("accountant", 200), ("manager", 200), ("sales", 403), ("cashier", 403)):
        for query in ("", "?format=csv"):
            assert shop.colleague(role).get(f"statement/{query}").status_code == status, role
    assert shop.with_key("read").get("/api/subscriptions/ai/statement/").status_code == 200
    assert shop.with_key("ai").get("/api/subscriptions/ai/statement/").status_code == 403


def test_of_one_business_alone(shop: Shop) -> None:
    other = Shop()
    give(other.business_id, "77", at=timezone.now())
    give(shop.business_id, "5", at=timezone.now())
    give(other.business_id, "77", at=timezone.now())
    body = exact(shop.get("statement/"))
    assert (body["opening_balance"], body["closing_balance"]) == (0, 5)
    assert [row["amount"] for row in body["results"]] == [5]


def test_a_page_takes_the_same_queries_at_any_size(shop: Shop) -> None:
    give(shop.business_id, "5", at=timezone.now())
    spend(shop, "0.1", at=timezone.now())
    shop.get("statement/")
    asked = []
    for number in range(6):
        spend(shop, "0.1", at=timezone.now())
        if number in (1, 5):
            with CaptureQueriesContext(connection) as queries:
                shop.get("statement/")
            asked.append(len(queries))
    assert asked[0] == asked[1] <= 9
