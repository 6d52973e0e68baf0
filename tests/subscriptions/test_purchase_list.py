"""What a business reads about its purchases and receipts, and who may."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from payments.models import Payment, Refund
from payments.services import settlement
from subscriptions.models import AICreditPurchase, DocumentKind, Receipt
from subscriptions.selectors import purchases
from tests.sandboxes import PaystackSandbox

from .shop import Shop, exact
from .test_receipts import NOON, bought, money_back, ordered, settle, subscribed

D = Decimal
YEAR = timezone.now().year
PATHS = [
    "purchases/",
    "purchases/{id}/",
    "purchases/{id}/receipt.pdf",
    "receipts/",
    "receipts/{number}/",
    "receipts/{number}/receipt.pdf",
]


def retry(shop: Shop, first: Payment, **values: Any) -> Payment:
    """Another attempt at the same order."""
    return Payment.objects.create(
        business_id=shop.business_id,
        purpose=first.purpose,
        first_attempt=first,
        method="PAYSTACK",
        gateway="paystack",
        amount_ghs=first.amount_ghs,
        email=first.email,
        created_at=NOON,
        next_check_at=NOON,
        **values,
    )


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def attempt(payment: Payment) -> dict[str, Any]:
    return {
        "reference": payment.reference,
        "status": payment.status,
        "method": payment.method,
        "channel": payment.channel,
        "next_action": payment.next_action,
        "payment_url": payment.payment_url,
        "created_at": moment(payment.created_at),
        "settled_at": moment(payment.settled_at),
    }


@pytest.fixture
def paid(shop: Shop, sandbox: PaystackSandbox) -> AICreditPurchase:
    receipt = bought(shop, sandbox)
    return AICreditPurchase.objects.get(paid_by=receipt.payment_id)


def fill(path: str, purchase: AICreditPurchase) -> str:
    number = Receipt.objects.get(payment=purchase.paid_by).number
    return path.format(id=purchase.pk, number=number)


def text(reply: Any) -> str:
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    return PdfReader(BytesIO(reply.content)).pages[0].extract_text()


# --- purchases ----------------------------------------------------------------------------------------------
def test_the_list_shows_the_newest_first(shop: Shop, sandbox: PaystackSandbox) -> None:
    assert exact(shop.get("purchases/")) == {"results": [], "next": None, "previous": None}
    bought(shop, sandbox)
    ordered(shop, "STARTER", now=NOON + timedelta(minutes=1))
    bought(Shop(), sandbox)  # another's

    open_one, done = AICreditPurchase.objects.filter(business_id=shop.business_id).order_by("-created_at")
    # Whether it is refundable depends on today: `test_refundable.py`.
    AICreditPurchase.objects.filter(pk=done.pk).update(completed_at=NOON - timedelta(days=700))
    assert exact(shop.get("purchases/"))["results"] == [
        {
            "id": str(open_one.pk),
            "pack_type": "STARTER",
            "pack_name": "Starter",
            "price": D("30.00"),
            "credits": D("30.00"),
            "bonus_credits": D("0.00"),
            "total_credits": D("30.00"),
            "status": "PENDING",
            "payment": attempt(open_one.payment),
            "receipt_number": None,
            "created_at": "2026-11-21T12:01:00Z",
            "completed_at": None,
            "refundable": False,
            "refundable_amount": D("0.00"),
        },
        {
            "id": str(done.pk),
            "pack_type": "VALUE",
            "pack_name": "Value",
            "price": D("80.00"),
            "credits": D("83.33"),
            "bonus_credits": D("16.67"),
            "total_credits": D("100.00"),
            "status": "SUCCESSFUL",
            "payment": attempt(done.payment),
            "receipt_number": "SK-2026-000001",
            "created_at": "2026-11-21T12:00:00Z",
            "completed_at": "2024-12-21T12:00:00Z",
            "refundable": False,
            "refundable_amount": D("0.00"),
        },
    ]
    assert attempt(done.payment)["channel"] == "mobile_money"


def test_pages_follow_each_other(shop: Shop, sandbox: PaystackSandbox) -> None:
    for minute in range(5):
        bought(shop, sandbox, now=NOON + timedelta(minutes=minute))
    for path, key in (("purchases/", "receipt_number"), ("receipts/", "number")):
        seen, url = [], f"{path}?page_size=2"
        while url:
            reply = shop.get(url).json()
            seen += [row[key] for row in reply["results"]]
            url = (reply["next"] or "").partition("/ai/")[2]
        assert seen == [f"SK-2026-00000{n}" for n in (5, 4, 3, 2, 1)]


def test_the_last_attempt_is_shown_until_one_has_paid(shop: Shop, sandbox: PaystackSandbox) -> None:
    reference = ordered(shop)
    first = Payment.objects.get(reference=reference)
    later = retry(shop, first, next_action="open_url")
    (row,) = exact(shop.get("purchases/"))["results"]
    assert row["payment"] == attempt(later)
    assert row["payment"]["next_action"] == "open_url"

    sandbox.pay(reference)
    settle(reference)
    first.refresh_from_db()
    (row,) = exact(shop.get("purchases/"))["results"]
    assert row["payment"] == attempt(first)
    detail = exact(shop.get(f"purchases/{row['id']}/"))
    assert detail == {**row, "attempts": [attempt(first), attempt(later)], "refunds": []}


def test_a_refund_is_shown_with_its_payment(shop: Shop, paid: AICreditPurchase) -> None:
    refund = Refund.objects.create(
        payment=paid.payment,
        amount_ghs=D("40.10"),
        reason="x",
        requested_by=1,
        created_at=NOON,
        next_check_at=NOON,
    )
    assert exact(shop.get(f"purchases/{paid.pk}/"))["refunds"] == [
        {
            "id": str(refund.pk),
            "reference": paid.payment.reference,
            "amount": D("40.10"),
            "status": "REQUESTED",
            "credit_note": None,
            "created_at": "2026-11-21T12:00:00Z",
            "finished_at": None,
        }
    ]


def test_a_credit_note_is_shown_with_its_refund(shop: Shop, paid: AICreditPurchase) -> None:
    money_back(paid.payment, "40", NOON + timedelta(hours=1))
    (shown,) = exact(shop.get(f"purchases/{paid.pk}/"))["refunds"]
    assert (shown["status"], shown["credit_note"]) == ("PROCESSED", "CN-2026-000001")
    note, receipt = exact(shop.get("receipts/"))["results"]
    assert (note["number"], note["kind"], note["corrects"]) == ("CN-2026-000001", "CN", "SK-2026-000001")
    # 40 ÷ 1.2 = 33.33; 15% = 4.9995; 2.5% = 0.83325
    assert [note["total"], note["base"], *(t["amount"] for t in note["taxes"])] == [
        *(D("40.00"), D("33.34"), D("5.00"), D("0.83"), D("0.83"))
    ]
    assert exact(shop.get(f"purchases/{paid.pk}/"))["receipt_number"] == receipt["number"]
    paper = text(shop.get("receipts/CN-2026-000001/receipt.pdf"))
    assert {"Credit note", "CN-2026-000001", "SK-2026-000001", "GH₵ 40.00"} <= set(paper.splitlines())
    # The order's own receipt stays as it was.
    assert "GH₵ 80.00" in text(shop.get(f"purchases/{paid.pk}/receipt.pdf"))


# --- receipts -----------------------------------------------------------------------------------------------
def test_receipts_of_packs_and_months(shop: Shop, sandbox: PaystackSandbox) -> None:
    bought(shop, sandbox)
    settle(subscribed(shop, sandbox, NOON), NOON + timedelta(hours=1))
    bought(Shop(), sandbox)
    month, pack = exact(shop.get("receipts/"))["results"]
    assert pack == {
        "number": "SK-2026-000001",
        "kind": "SK",
        "corrects": None,
        "issued_at": "2026-11-21T12:00:00Z",
        "seller_name": "Sika",
        "seller_tin": "",
        "seller_address": "",
        "customer_name": "Ama Stores",
        "customer_email": "ama@shop.test",
        "description": "AI credits, Value pack",
        "credits": D("83.33"),
        "bonus_credits": D("16.67"),
        "base": D("66.66"),
        "taxes": [
            {"name": "VAT", "rate": D("0.1500"), "amount": D("10.00")},
            {"name": "NHIL", "rate": D("0.0250"), "amount": D("1.67")},
            {"name": "GETFund", "rate": D("0.0250"), "amount": D("1.67")},
        ],
        "total": D("80.00"),
        "payment_method": "MOMO",
        "channel": "mobile_money",
        "payment_reference": Receipt.objects.get(number="SK-2026-000001").reference,
    }
    assert (month["number"], month["description"]) == (
        "SK-2026-000002",
        "Monthly AI add-on, 21 Nov 2026 to 21 Dec 2026",
    )
    assert exact(shop.get("receipts/SK-2026-000002/")) == month


def test_the_download(shop: Shop, sandbox: PaystackSandbox, paid: AICreditPurchase) -> None:
    reply = shop.get(f"purchases/{paid.pk}/receipt.pdf")
    assert {"SK-2026-000001", "GH₵ 80.00", "66.66", "VAT 15%"} <= set(text(reply).splitlines())
    assert reply["Content-Disposition"] == 'attachment; filename="SK-2026-000001.pdf"'
    assert reply["Cache-Control"] == "private, no-store"
    assert int(reply["Content-Length"]) == len(reply.content) < 50_000
    by_number = shop.get("receipts/SK-2026-000001/receipt.pdf")
    assert (by_number.content, by_number["Content-Disposition"]) == (
        reply.content,
        reply["Content-Disposition"],
    )
    assert shop.get(f"purchases/{paid.pk}/receipt.pdf/").content == reply.content


@pytest.mark.parametrize("accept", ["application/pdf", "*/*", "application/json", "text/html"])
def test_a_client_may_accept_what_it_likes(shop: Shop, paid: AICreditPurchase, accept: str) -> None:
    found = shop.client.get(
        f"/api/subscriptions/ai/purchases/{paid.pk}/receipt.pdf", headers={"accept": accept}
    )
    assert (found.status_code, found["Content-Type"]) == (200, "application/pdf")
    lost = shop.client.get(
        f"/api/subscriptions/ai/purchases/{uuid4()}/receipt.pdf", headers={"accept": accept}
    )
    assert (lost.status_code, lost.json()["code"]) == (404, "not_found")


def test_no_receipt_before_it_is_paid(shop: Shop, sandbox: PaystackSandbox) -> None:
    ordered(shop)
    reply = shop.get(f"purchases/{AICreditPurchase.objects.get().pk}/receipt.pdf")
    assert reply.status_code == 409
    assert exact(reply) == {
        "code": "not_paid_yet",
        "detail": "This purchase is not paid yet, so there is no receipt. Pay, or verify the payment, first.",
    }


@pytest.mark.parametrize("number", ["SK-2026-000002", "sk-2026-000001", "XX-2026-000001", "1", "%00", "É"])
def test_numbers_that_are_none(shop: Shop, paid: AICreditPurchase, number: str) -> None:
    for path in (f"receipts/{number}/", f"receipts/{number}/receipt.pdf"):
        reply = shop.get(path)
        assert (reply.status_code, exact(reply)) == (404, {"code": "not_found", "detail": "Not found."})


# --- who may ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", PATHS)
def test_what_is_anothers_is_not_there(
    shop: Shop, sandbox: PaystackSandbox, paid: AICreditPurchase, path: str
) -> None:
    stranger = Shop()
    reply = stranger.get(fill(path, paid))
    if "{" not in path:
        assert exact(reply)["results"] == []
    else:
        assert (reply.status_code, exact(reply)["code"]) == (404, "not_found")
        assert reply.content == stranger.get(path.format(id=uuid4(), number="SK-2026-999999")).content


@pytest.mark.parametrize("path", PATHS)
def test_roles(shop: Shop, paid: AICreditPurchase, path: str) -> None:
    for role, status in [
        ("owner", 200),
        ("accountant", 200),
        ("partner", 200),
        ("sales", 403),
        ("cashier", 403),
    ]:
        reply = shop.colleague(role).get(fill(path, paid))
        assert reply.status_code == status, role
        if status == 403:
            assert (exact(reply)["code"], exact(reply)["needs"]) == ("role_not_allowed", "statements")
            head = shop.colleague(role).client.head(f"/api/subscriptions/ai/{fill(path, paid)}")
            assert head.status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_keys(shop: Shop, paid: AICreditPurchase, path: str) -> None:
    url = f"/api/subscriptions/ai/{fill(path, paid)}"
    assert shop.with_key("read").get(url).status_code == 200
    assert shop.with_key("ai", "billing").get(url).status_code == 403


# --- cost ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", PATHS)
def test_four_queries_at_most(
    shop: Shop,
    sandbox: PaystackSandbox,
    paid: AICreditPurchase,
    path: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        retry(shop, paid.payment)
        bought(shop, sandbox)
    url = fill(path, paid)
    shop.get(url)
    with django_assert_max_num_queries(4):
        assert shop.get(url).status_code == 200


def many_receipts(shop: Shop, count: int) -> None:
    """Copies of the one there is, as rows alone; 1 in 1,000 belongs to the shop."""
    columns = [str(field.column) for field in Receipt._meta.concrete_fields if not field.primary_key]
    changed = {
        "number": "'SK-2025-' || lpad(n::text, 6, '0')",
        "year": "2025",
        "sequence": "n",
        "created_at": "created_at - n * interval '1 minute'",
        "business_id": "CASE WHEN mod(n, 1000) = 0 THEN business_id ELSE %s END",
        "payment_id": "-n",
    }
    values = ", ".join(changed.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            f"INSERT INTO subscriptions_receipt ({', '.join(columns)})"
            f" SELECT {values} FROM subscriptions_receipt, generate_series(1, {count}) n",
            [Shop().business_id],
        )
        cursor.execute("ANALYZE subscriptions_receipt")


def test_no_list_or_look_up_reads_the_whole_table(
    shop: Shop, sandbox: PaystackSandbox, paid: AICreditPurchase
) -> None:
    with transaction.atomic():
        many_receipts(shop, 20_000)
        mine = {"business_id": shop.business_id}
        queries = [
            purchases.receipts(**mine).order_by("-created_at", "-pk")[:51],
            purchases.receipts(**mine).filter(number="SK-2026-000001"),
            purchases.purchases(**mine, now=NOON).order_by("-created_at", "-pk")[:51],
            purchases.receipts(**mine).filter(
                kind=DocumentKind.RECEIPT,
                payment__in=AICreditPurchase.objects.filter(pk=paid.pk, **mine).values("paid_by"),
            ),
        ]
        for query in queries:
            plan = query.explain()
            assert "Seq Scan on subscriptions_receipt" not in plan, plan
            assert "Sort Key: subscriptions_receipt" not in plan, plan
        assert purchases.receipts(**mine).count() == 21
        transaction.set_rollback(True)  # none of these was paid


def test_the_days_numbers_are_of_this_year(shop: Shop, sandbox: PaystackSandbox) -> None:
    """Through the API alone, which asks for the time itself."""
    shop.buy(sandbox)
    assert settlement.find(reference=Payment.objects.get().reference).status == "SUCCESSFUL"
    assert [row["number"] for row in shop.get("receipts/").json()["results"]] == [f"SK-{YEAR}-000001"]
