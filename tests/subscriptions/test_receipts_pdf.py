"""The paper: its figures read back, its size, and names that are hard to print."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from subscriptions import receipts_pdf
from subscriptions.models import Receipt
from subscriptions.receipts_pdf import BOLD, PLAIN, printable, wrap

D = Decimal
REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"


def a_receipt(**changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "number": "SK-2026-000123",
        "kind": "SK",
        "year": 2026,
        "sequence": 123,
        "seller_name": "Sika Technologies Ltd",
        "seller_tin": "C0001234567",
        "seller_address": "12 Oxford Street, Osu, Accra",
        "customer_name": "Ama's Provisions",
        "customer_email": "ama@shop.test",
        "description": "AI credits, Value pack",
        "credits": D("83.33"),
        "bonus_credits": D("16.67"),
        "payment_method": "MOMO",
        "channel": "mobile_money",
        "reference": REFERENCE,
        "base_ghs": D("66.66"),
        "taxes": [
            {"name": "VAT", "rate": "0.1500", "amount_ghs": "10.00"},
            {"name": "NHIL", "rate": "0.0250", "amount_ghs": "1.67"},
            {"name": "GETFund", "rate": "0.0250", "amount_ghs": "1.67"},
        ],
        "total_ghs": D("80.00"),
        "created_at": datetime(2026, 11, 21, 9, 40, tzinfo=UTC),
    }
    return Receipt(**{**values, **changes})


def lines(pdf: bytes) -> list[str]:
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    return [line.strip() for line in reader.pages[0].extract_text().splitlines()]


def shown(**changes: Any) -> list[str]:
    return lines(receipts_pdf.render(receipt=a_receipt(**changes)))


def test_everything_is_on_it() -> None:
    assert sorted(shown()) == sorted(
        [
            "Receipt",
            "Sika Technologies Ltd",
            "12 Oxford Street, Osu, Accra",
            "TIN C0001234567",
            "Number",
            "SK-2026-000123",
            "Date",
            "21 November 2026, 09:40 UTC",
            "Customer",
            "Ama's Provisions",
            "ama@shop.test",
            "Description",
            "Amount, GH₵",
            "80.00",
            "AI credits, Value pack",
            "83.33 credits and 16.67 bonus: 100.00 in all",
            "Net amount",
            "66.66",
            "VAT 15%",
            "10.00",
            "NHIL 2.5%",
            "1.67",
            "GETFund 2.5%",
            "1.67",
            "Total paid",
            "GH₵ 80.00",
            "All taxes are included in the price.",
            "Paid by",
            "Mobile money",
            "Payment reference",
            REFERENCE,
        ]
    )


def test_a_credit_note() -> None:
    text = shown(number="CN-2026-000001", kind="CN", corrects=a_receipt())
    assert {
        "Credit note",
        "CN-2026-000001",
        "Corrects receipt",
        "SK-2026-000123",
        "Money back: AI credits, Value pack",
        "Returned",
    } <= set(text)
    assert "83.33 credits and 16.67 bonus: 100.00 in all" not in text


def test_what_is_not_known_is_left_out() -> None:
    text = shown(seller_tin="", seller_address="", channel="", payment_method="STRIPE", taxes=[])
    assert "Card from abroad" in text
    assert not [line for line in text if line.startswith(("TIN", "VAT"))]
    assert shown(bonus_credits=D(0), credits=D("1000"))[-1] != ""
    assert "1,000.00 credits" in shown(bonus_credits=D(0), credits=D("1000"))


@pytest.mark.parametrize("total", ["0.10", "1234567.89", "999999999999.99"])
def test_any_amount(total: str) -> None:
    assert f"GH₵ {D(total):,.2f}" in shown(total_ghs=D(total))


def test_the_same_receipt_is_the_same_bytes_also_at_once() -> None:
    once = receipts_pdf.render(receipt=a_receipt())
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: receipts_pdf.render(receipt=a_receipt()), range(32)))
    assert set(drawn) == {once}
    assert once.startswith(b"%PDF-")
    assert len(once) < 50_000
    assert receipts_pdf.render(receipt=a_receipt(number="SK-2026-000124")) != once


# Twi, French, Ewe, Hausa: each letter as it is written.
NAMES = ["Ɔdɔ Yɛ Wu Ɛna Fie", "Épicerie Crème Brûlée & Cœur", "Ŋkeke Ʋua Ƒoƒo", "Ɗan Ƙasuwa Ɓaure", "Ӓ Ω Ж"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_region_are_printed_as_written(name: str) -> None:
    assert name in shown(customer_name=name)
    assert (printable(name, PLAIN), printable(name, BOLD)) == (name, name)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Cafe\u0301", "Café"),  # composed
        ("Shop\u200b\u200d\ufe0f 1", "Shop 1"),  # invisible
        ("Two\nlines\tand\x00more", "Two lines and more"),
        ("Shop \U0001fae8", "Shop ?"),  # an emoji of this decade
        ("店 Shop", "? Shop"),
        ("   ", ""),
    ],
)
def test_what_the_font_lacks_is_a_question_mark(name: str, printed: str) -> None:
    assert printable(name, BOLD) == printed
    receipts_pdf.render(receipt=a_receipt(customer_name=name))


@pytest.mark.parametrize(
    "name", ["متجر أمة", "החנות של אמה", "Ama 😀👍🏾 Shop", "\ud83d", "👨‍👩‍👧", "\u202eevil"]
)
def test_no_name_breaks_it(name: str) -> None:
    assert "GH₵ 80.00" in shown(customer_name=name, seller_name=name, seller_address=name, description=name)


def test_long_texts_stay_on_the_page() -> None:
    word, words = "Ɔ" * 200, "Nana Ama's Provisions " * 9
    for long in (word, words):
        text = shown(
            seller_name=long[:120],
            seller_address=long,
            seller_tin="C" * 40,
            customer_name=long[:120],
            customer_email=f"{'a' * 64}@{'b' * 180}.test",
            description=long,
            taxes=[{"name": "V" * 80, "rate": "0.1500", "amount_ghs": "10.00"}] * 8,
        )
        assert sum(line.endswith("…") for line in text) >= 4
        assert (text.count("10.00"), "GH₵ 80.00" in text, REFERENCE in text) == (8, True, True)


def test_wrapping() -> None:
    width = 100
    fits = partial(wrap, font=PLAIN, size=9, width=width)
    assert fits("short", lines=2) == ["short"]
    assert fits("", lines=1) == [""]
    for text in ("Nana Ama's Provisions and Sons of Makola Market", "x" * 90, "a " * 90):
        for most in (1, 2, 3, 50):
            got = fits(text, lines=most)
            assert len(got) <= most
            assert all(receipts_pdf._width(line, PLAIN, 9) <= width for line in got)
            if not got[-1].endswith("…"):
                assert "".join(got).replace(" ", "") == text.replace(" ", "")
