"""Receipts: one per sale, numbered without gaps, and what is on them to the pesewa."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction

from accounts.models import Business
from payments import signals
from payments.models import Payment, Refund
from payments.services import locks, settlement
from payments.signals import payment_refunded
from subscriptions.models import AddonPeriod, AICreditPurchase, Receipt, ReceiptCounter, TaxRate
from subscriptions.services import addons, purchases, receipts
from tests.concurrency.together import together
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox

from .shop import Shop

D = Decimal
GHANA = [D("0.15"), D("0.025"), D("0.025")]
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ordered(shop: Shop, pack: str = "VALUE", *, amount: str | None = None, now: datetime = NOON) -> str:
    """The reference of an order made and paid at the gateway, but not settled."""
    purchase = purchases.start(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        pack_type=pack,
        payment_method="MOMO",
        amount_ghs=None if amount is None else D(amount),
        callback_url="",
        now=now,
    )
    return purchase.payment.reference


def settle(reference: str, now: datetime = NOON) -> Payment:
    return settlement.verify(reference=reference, now=now)


def bought(shop: Shop, sandbox: PaystackSandbox, pack: str = "VALUE", *, now: datetime = NOON) -> Receipt:
    reference = ordered(shop, pack, now=now)
    sandbox.pay(reference)
    settle(reference, now)
    return Receipt.objects.get(reference=reference)


def subscribed(shop: Shop, sandbox: PaystackSandbox, now: datetime) -> str:
    period = addons.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        payment_method="PAYSTACK",
        callback_url="",
        now=now,
    )
    sandbox.pay(period.payment.reference, channel="card")
    return period.payment.reference


def numbers() -> list[str]:
    return list(Receipt.objects.order_by("pk").values_list("number", flat=True))


# --- the tax split, worked by hand --------------------------------------------------------------------------
# At 20% together: net = total ÷ 1.2, half up; VAT 15% and twice 2.5% of it; the base is what is left.
SPLITS = [
    ("0.01", GHANA, "0.01", ["0.00", "0.00", "0.00"]),
    ("0.10", GHANA, "0.09", ["0.01", "0.00", "0.00"]),  # net 0.08, VAT 0.012
    ("20.00", GHANA, "16.66", ["2.50", "0.42", "0.42"]),  # net 16.67, sum 20.01: one pesewa off the base
    ("30.00", GHANA, "24.99", ["3.75", "0.63", "0.63"]),  # net 25.00, 2.5% is 0.625
    ("50.00", GHANA, "41.67", ["6.25", "1.04", "1.04"]),
    ("80.00", GHANA, "66.66", ["10.00", "1.67", "1.67"]),  # net 66.67
    ("100.00", GHANA, "83.34", ["12.50", "2.08", "2.08"]),  # net 83.33, sum 99.99: one pesewa onto the base
    ("180.00", GHANA, "150.00", ["22.50", "3.75", "3.75"]),
    ("999.99", GHANA, "833.33", ["125.00", "20.83", "20.83"]),  # net 833.325
    ("5000.00", GHANA, "4166.66", ["625.00", "104.17", "104.17"]),
    ("100.00", [D("0.15")], "86.96", ["13.04"]),
    ("100.00", [], "100.00", []),
    ("100.00", [D("0.125"), D(0)], "88.89", ["11.11", "0.00"]),
]


@pytest.mark.parametrize(("total", "rates", "base", "taxes"), SPLITS)
def test_the_split(total: str, rates: list[Decimal], base: str, taxes: list[str]) -> None:
    assert receipts.split(total_ghs=D(total), rates=rates) == (D(base), [D(tax) for tax in taxes])


def test_every_total_is_split_without_rest() -> None:
    for pesewas in [*range(1, 3000), 99_999, 499_999, 500_000]:
        total = D(pesewas) / 100
        net = (total / D("1.2")).quantize(D("0.01"))
        base, taxes = receipts.split(total_ghs=total, rates=GHANA)
        assert base + sum(taxes) == total
        assert abs(base - net) <= D("0.02")
        assert {-tax.as_tuple().exponent for tax in taxes} == {2}  # type: ignore[operator]  # a finite number


# --- what is on one -----------------------------------------------------------------------------------------
def test_a_pack(shop: Shop, sandbox: PaystackSandbox, settings: LazySettings) -> None:
    settings.SELLER_NAME, settings.SELLER_TIN = "Sika Ltd", "C0001234567"
    settings.SELLER_ADDRESS = "12 Oxford Street, Osu, Accra"
    bought(shop, sandbox)

    payment, purchase, receipt = Payment.objects.get(), AICreditPurchase.objects.get(), Receipt.objects.get()
    assert Receipt.objects.values().get() == {
        "id": receipt.pk,
        "number": "SK-2026-000001",
        "kind": "SK",
        "year": 2026,
        "sequence": 1,
        "business_id": shop.business_id,
        "payment_id": payment.pk,
        "corrects_id": None,
        "refund_id": None,
        "seller_name": "Sika Ltd",
        "seller_tin": "C0001234567",
        "seller_address": "12 Oxford Street, Osu, Accra",
        "customer_name": "Ama Stores",
        "customer_email": "ama@shop.test",
        "description": "AI credits, Value pack",
        "credits": D("83.33"),
        "bonus_credits": D("16.67"),
        "payment_method": "MOMO",
        "channel": "mobile_money",
        "reference": payment.reference,
        "base_ghs": D("66.66"),
        "taxes": [
            {"name": "VAT", "rate": "0.1500", "amount_ghs": "10.00"},
            {"name": "NHIL", "rate": "0.0250", "amount_ghs": "1.67"},
            {"name": "GETFund", "rate": "0.0250", "amount_ghs": "1.67"},
        ],
        "total_ghs": D("80.00"),
        "created_at": NOON,
    }
    assert purchase.completed_at == NOON


def test_a_month_of_the_add_on(shop: Shop, sandbox: PaystackSandbox) -> None:
    settle(subscribed(shop, sandbox, NOON), NOON)
    receipt = Receipt.objects.get()
    assert (receipt.description, receipt.credits, receipt.bonus_credits) == (
        "Monthly AI add-on, 21 Nov 2026 to 21 Dec 2026",
        D("100.00"),
        D(0),
    )
    assert (receipt.total_ghs, receipt.base_ghs) == (D("50.00"), D("41.67"))
    assert (receipt.payment_method, receipt.channel) == ("PAYSTACK", "card")
    assert receipt.payment == AddonPeriod.objects.get().paid_by


def test_a_month_that_begins_at_midnight_ends_the_day_before(shop: Shop, sandbox: PaystackSandbox) -> None:
    settle(subscribed(shop, sandbox, NEW_YEAR), NEW_YEAR)
    assert Receipt.objects.get().description == "Monthly AI add-on, 1 Jan 2027 to 31 Jan 2027"


def test_what_changes_later_does_not_change_it(
    shop: Shop, sandbox: PaystackSandbox, settings: LazySettings
) -> None:
    bought(shop, sandbox)
    before = Receipt.objects.values().get()
    Business.objects.filter(pk=shop.business_id).update(name="Ama & Daughters")
    AICreditPurchase.objects.update(pack_name="Big", price_ghs=1)
    settings.SELLER_NAME = "Somebody else"
    tax("vat", "0.20", NOON)
    assert Receipt.objects.values().get() == before
    AICreditPurchase.objects.update(pack_name="Value", price_ghs=80)


# --- taxes at the moment of payment -------------------------------------------------------------------------
def tax(slug: str, rate: str, start: datetime, *, is_active: bool = True) -> None:
    name = {"vat": "VAT", "nhil": "NHIL", "getfund": "GETFund"}[slug]
    TaxRate.objects.create(slug=slug, name=name, rate=D(rate), effective_from=start, is_active=is_active)


def test_a_new_rate_counts_from_midnight_on(shop: Shop, sandbox: PaystackSandbox) -> None:
    tax("vat", "0.20", NEW_YEAR)
    first, second = (ordered(shop, now=NOON) for _ in range(2))
    sandbox.pay(first)
    sandbox.pay(second)
    settle(first, NEW_YEAR - timedelta(seconds=1))
    settle(second, NEW_YEAR)
    old, new = Receipt.objects.order_by("pk")
    assert (old.base_ghs, [line["rate"] for line in old.taxes]) == (
        D("66.66"),
        ["0.1500", "0.0250", "0.0250"],
    )
    # 80 ÷ 1.25 = 64; 20% = 12.80; 2.5% = 1.60
    assert (new.base_ghs, new.taxes) == (
        D("64.00"),
        [
            {"name": "VAT", "rate": "0.2000", "amount_ghs": "12.80"},
            {"name": "NHIL", "rate": "0.0250", "amount_ghs": "1.60"},
            {"name": "GETFund", "rate": "0.0250", "amount_ghs": "1.60"},
        ],
    )


@pytest.mark.parametrize(
    ("withdrawn", "base", "lines"),
    [
        (["nhil", "getfund"], "69.56", [("VAT", "10.44")]),  # 80 ÷ 1.15 = 69.57; 15% = 10.4355
        (["vat", "nhil", "getfund"], "80.00", []),
    ],
)
def test_taxes_that_are_gone(
    shop: Shop,
    sandbox: PaystackSandbox,
    withdrawn: list[str],
    base: str,
    lines: list[tuple[str, str]],
) -> None:
    for slug in withdrawn:
        tax(slug, "0.025", NOON, is_active=False)
    receipt = bought(shop, sandbox)
    assert receipt.base_ghs == D(base)
    assert [(line["name"], line["amount_ghs"]) for line in receipt.taxes] == lines


# --- numbers ------------------------------------------------------------------------------------------------
def test_numbers_start_anew_each_year(shop: Shop, sandbox: PaystackSandbox) -> None:
    """The platform's year: 23:59:59 in Accra, which is UTC, is still the old one."""
    for moment in (NOON, NEW_YEAR - timedelta(microseconds=1), NEW_YEAR, NEW_YEAR + timedelta(days=1)):
        bought(shop, sandbox, "STARTER", now=moment)
    assert numbers() == ["SK-2026-000001", "SK-2026-000002", "SK-2027-000001", "SK-2027-000002"]
    assert list(ReceiptCounter.objects.order_by("year").values_list("kind", "year", "last")) == [
        ("SK", 2026, 2),
        ("SK", 2027, 2),
    ]


def test_the_year_of_the_business_does_not_matter(shop: Shop, sandbox: PaystackSandbox) -> None:
    Business.objects.update(timezone="Asia/Tokyo")  # already 2027 there
    assert bought(shop, sandbox, now=NEW_YEAR - timedelta(hours=1)).number == "SK-2026-000001"


def test_a_million_receipts_need_another_digit(shop: Shop, sandbox: PaystackSandbox) -> None:
    ordered(shop)
    with pytest.raises(_Undo), transaction.atomic():  # 999,999 are missing, which the audit would find
        ReceiptCounter.objects.create(kind="SK", year=2026, last=999_999)
        Payment.objects.update(paid_ghs=80)
        purchases.complete(payment=Payment.objects.get(), now=NOON)
        assert numbers() == ["SK-2026-1000000"]
        raise _Undo


def test_settled_twice_is_one_receipt(shop: Shop, sandbox: PaystackSandbox) -> None:
    receipt = bought(shop, sandbox)
    settle(receipt.reference)
    assert shop.verify(receipt.reference).status_code == 200
    assert purchases.complete(payment=receipt.payment, now=NOON)
    assert numbers() == ["SK-2026-000001"]


def test_an_issued_payment_gets_no_second_receipt(shop: Shop, sandbox: PaystackSandbox) -> None:
    """Should a caller ever forget to look, nothing is numbered."""
    bought(shop, sandbox)
    with pytest.raises(IntegrityError, match="receipt_once_per_payment"), transaction.atomic():
        receipts.issue_for_purchase(purchase=AICreditPurchase.objects.get(), now=NOON)
    assert (numbers(), ReceiptCounter.objects.get().last) == (["SK-2026-000001"], 1)


def test_money_that_bought_nothing_has_no_receipt(shop: Shop, sandbox: PaystackSandbox) -> None:
    first, second = (subscribed(shop, sandbox, NOON) for _ in range(2))
    assert (settle(first).status, settle(second).status) == ("SUCCESSFUL", "SUCCESSFUL")
    assert Payment.objects.get(reference=second).unapplied
    assert list(Receipt.objects.values_list("reference", flat=True)) == [first]


def test_nothing_is_issued_before_it_is_paid(shop: Shop, sandbox: PaystackSandbox) -> None:
    reference = ordered(shop)
    assert settle(reference).status == "PENDING"
    sandbox.pay(reference, outcome="decline")
    assert settle(reference).status == "FAILED"
    assert (numbers(), ReceiptCounter.objects.count()) == ([], 0)


class _Undo(Exception):
    pass


@pytest.fixture
def breaking(db: None) -> Iterator[list[str]]:
    """References whose settlement breaks after everything else was done."""
    names: list[str] = []

    def listen(payment: Payment, **_: Any) -> None:
        if payment.reference in names:
            assert Receipt.objects.filter(payment=payment).count() == 1  # it was numbered already
            raise _Undo

    signals.payment_succeeded.connect(listen)
    yield names
    signals.payment_succeeded.disconnect(listen)


def test_an_undone_settlement_leaves_no_gap(
    shop: Shop, sandbox: PaystackSandbox, breaking: list[str]
) -> None:
    bought(shop, sandbox)
    undone, next_one = ordered(shop), ordered(shop)
    sandbox.pay(undone)
    sandbox.pay(next_one)
    breaking.append(undone)
    with pytest.raises(_Undo):
        settle(undone)
    assert (Payment.objects.get(reference=undone).status, numbers()) == ("PENDING", ["SK-2026-000001"])
    settle(next_one)
    breaking.clear()
    settle(undone)
    assert dict(Receipt.objects.values_list("number", "reference")) == {
        "SK-2026-000001": Receipt.objects.order_by("pk")[0].reference,
        "SK-2026-000002": next_one,
        "SK-2026-000003": undone,
    }


@pytest.mark.django_db(transaction=True)
def test_fifty_settled_at_once_are_numbered_1_to_50(sandbox: PaystackSandbox) -> None:
    references = []
    for _ in range(50):
        references.append(ordered(Shop(make_business()), "STARTER"))
        sandbox.pay(references[-1])
    done = together([partial(settle, reference) for reference in references])
    assert [payment.status for payment in done] == ["SUCCESSFUL"] * 50
    assert sorted(numbers()) == [f"SK-2026-{n:06d}" for n in range(1, 51)]
    assert ReceiptCounter.objects.get().last == 50


@pytest.mark.django_db(transaction=True)
def test_half_of_them_undone_at_once_leave_no_gap(sandbox: PaystackSandbox, breaking: list[str]) -> None:
    references = []
    for _ in range(16):
        references.append(ordered(Shop(make_business()), "STARTER"))
        sandbox.pay(references[-1])
    breaking.extend(references[::2])
    done = together([partial(settle, reference) for reference in references])
    assert [type(one) for one in done] == [_Undo, Payment] * 8
    assert sorted(numbers()) == [f"SK-2026-{n:06d}" for n in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_for_one_payment_issue_one(sandbox: PaystackSandbox) -> None:
    reference = ordered(Shop(make_business()))
    sandbox.pay(reference)
    together([partial(settle, reference)] * 8)
    assert numbers() == ["SK-2026-000001"]


_LAST_SEEN = """
WITH pause AS MATERIALIZED (SELECT pg_sleep(0.2))
SELECT coalesce(max(sequence), 0) + 1 FROM pause LEFT JOIN subscriptions_receipt ON kind = %s AND year = %s
"""


@pytest.mark.django_db(transaction=True)
def test_without_the_counter_two_get_the_same_number(
    sandbox: PaystackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: counting what is there is a race, which the unique number then turns into an error."""
    monkeypatch.setattr(receipts, "_NEXT", _LAST_SEEN)
    references = []
    for _ in range(4):
        references.append(ordered(Shop(make_business())))
        sandbox.pay(references[-1])
    done = together([partial(settle, reference) for reference in references])
    refused = [one for one in done if isinstance(one, IntegrityError)]
    assert refused
    assert "receipt" in str(refused[0])
    with connection.cursor() as cursor:  # so that the audit finds what it should
        cursor.execute(
            "INSERT INTO subscriptions_receiptcounter (kind, year, last)"
            " SELECT kind, year, max(sequence) FROM subscriptions_receipt GROUP BY kind, year"
        )


# --- credit notes -------------------------------------------------------------------------------------------
def money_back(payment: Payment, amount: str, now: datetime = NOON) -> Refund:
    """A refund that the gateway made and the payments app announces."""
    with transaction.atomic():
        payment = locks.payment(payment_id=payment.pk)
        refund = Refund.objects.create(
            payment=payment,
            amount_ghs=D(amount),
            reason="x",
            gateway_refund_id=uuid4().hex,
            status="PROCESSED",
            created_at=now,
            finished_at=now,
        )
        payment.refunded_ghs += D(amount)
        if payment.refunded_ghs == payment.paid_ghs:
            payment.status = "REFUNDED"
        payment.save()
        payment_refunded.send(Payment, payment=payment, refund=refund, now=now)
    return refund


def test_notes_add_up_to_the_receipt(shop: Shop, sandbox: PaystackSandbox) -> None:
    receipt = bought(shop, sandbox)
    payment = Payment.objects.get()
    tax("vat", "0.20", NEW_YEAR)  # the notes keep the receipt's rate
    notes = []
    for amount, now in (("26.67", NOON), ("26.67", NEW_YEAR), ("26.66", NEW_YEAR)):
        refund = money_back(payment, amount, now)
        for _ in range(2):  # asked twice
            note = receipts.issue_credit_note(payment=payment, refund=refund, now=now)
        assert note is not None
        assert (note.corrects, note.refund, note.total_ghs) == (receipt, refund, D(amount))
        notes.append(note)
    # of 26.67: net 22.23, VAT 3.33, 0.56 twice; of 53.34: net 44.45, 6.67, 1.11; of 80: 10.00, 1.67
    assert [(n.number, n.base_ghs, *(D(t["amount_ghs"]) for t in n.taxes)) for n in notes] == [
        ("CN-2026-000001", D("22.22"), D("3.33"), D("0.56"), D("0.56")),
        ("CN-2027-000001", D("22.23"), D("3.34"), D("0.55"), D("0.55")),
        ("CN-2027-000002", D("22.21"), D("3.33"), D("0.56"), D("0.56")),
    ]
    assert sum(note.base_ghs for note in notes) == receipt.base_ghs
    assert (notes[0].customer_name, notes[0].description, notes[0].reference) == (
        receipt.customer_name,
        receipt.description,
        receipt.reference,
    )


def test_a_whole_refund_is_the_receipt_again(shop: Shop, sandbox: PaystackSandbox) -> None:
    receipt = bought(shop, sandbox)
    payment = Payment.objects.get()
    note = receipts.issue_credit_note(payment=payment, refund=money_back(payment, "80"), now=NOON)
    assert note is not None
    assert (note.total_ghs, note.base_ghs, note.taxes) == (D(80), receipt.base_ghs, receipt.taxes)
    assert numbers() == ["SK-2026-000001", "CN-2026-000001"]


def test_money_that_bought_nothing_goes_back_without_a_note(shop: Shop, sandbox: PaystackSandbox) -> None:
    for reference in (subscribed(shop, sandbox, NOON), subscribed(shop, sandbox, NOON)):
        settle(reference)
    unapplied = Payment.objects.get(unapplied=True)
    assert receipts.issue_credit_note(payment=unapplied, refund=money_back(unapplied, "50"), now=NOON) is None
    assert numbers() == ["SK-2026-000001"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET total_ghs = 1", "DELETE FROM {}"])
def test_an_issued_receipt_is_final(shop: Shop, sandbox: PaystackSandbox, statement: str) -> None:
    receipt = bought(shop, sandbox)
    with pytest.raises(IntegrityError, match="an issued receipt never changes"), transaction.atomic():
        connection.cursor().execute(statement.format("subscriptions_receipt"))
    with pytest.raises(IntegrityError, match="an issued receipt never changes"), transaction.atomic():
        receipt.save()
    with pytest.raises(IntegrityError, match="an issued receipt never changes"), transaction.atomic():
        receipt.delete()
    assert Receipt.objects.get().total_ghs == D("80.00")
