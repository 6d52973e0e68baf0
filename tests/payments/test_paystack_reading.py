"""What Paystack's JSON says, also where it says something odd."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from payments.providers.base import Card, GatewayState, Report
from payments.providers.paystack import Paystack, reading

from .paystack_line import CARD_CODE, NOON, REFERENCE, Line, saying

CARD = {
    "authorization_code": CARD_CODE,
    "bin": "408408",
    "last4": "4081",
    "exp_month": "12",
    "exp_year": "2030",
    "channel": "card",
    "card_type": "visa ",
    "bank": "TEST BANK",
    "country_code": "GH",
    "brand": "visa",
    "reusable": True,
    "signature": "SIG_of_nobody",
    "account_name": None,
}
PAID = {
    "id": 18446744073709551615,
    "domain": "test",
    "status": "success",
    "reference": REFERENCE,
    "amount": 5000,
    "requested_amount": 5000,
    "message": None,
    "gateway_response": "Approved",
    "created_at": "2027-01-31T12:00:00.000Z",
    "channel": "card",
    "currency": "GHS",
    "metadata": "",
    "fees": 98,
    "authorization": CARD,
    "customer": {"id": 1, "email": "ama@example.com", "metadata": None},
}


def test_paid(line: Line, paystack: Paystack) -> None:
    line.answer = saying(PAID)
    assert paystack.verify(reference=REFERENCE) == Report(
        state=GatewayState.PAID,
        reference=REFERENCE,
        domain="test",
        currency="GHS",
        paid_ghs=Decimal("50.00"),
        requested_ghs=Decimal("50.00"),
        transaction_id="18446744073709551615",
        channel="card",
        fees_ghs=Decimal("0.98"),
        response="Approved",
        card=Card(
            code=CARD_CODE,
            signature="SIG_of_nobody",
            brand="visa",
            bank="TEST BANK",
            last4="4081",
            exp_month=12,
            exp_year=2030,
        ),
        created_at=NOON,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("success", GatewayState.PAID),
        ("failed", GatewayState.FAILED),
        ("reversed", GatewayState.REVERSED),
    ],
)
def test_state_that_is_the_end(status: str, state: GatewayState) -> None:
    assert reading.report({"status": status}).state is state


@pytest.mark.parametrize(
    "status",
    ["abandoned", "ongoing", "pending", "processing", "queued", "Success", "new", "", None, [], {}, 1],
)
def test_state_that_may_still_become_a_success(status: Any) -> None:
    assert reading.report({"status": status}).state is GatewayState.IN_PROGRESS


@pytest.mark.parametrize(
    "change",
    [
        {"reusable": False},
        {"reusable": None},
        {"reusable": "true"},
        {"channel": "mobile_money"},
        {"channel": "bank"},
        {"channel": None},
        {"authorization_code": None},
        {"authorization_code": ""},
        {"signature": None},
        {"exp_month": "13"},
        {"exp_month": "soon"},
        {"exp_year": None},
        {"exp_year": "30"},
    ],
    ids=str,
)
def test_what_can_not_be_charged_again_is_no_card(change: dict[str, Any]) -> None:
    assert reading.card(CARD) is not None
    assert reading.card({**CARD, **change}) is None


@pytest.mark.parametrize("nothing", [None, "", {}, [], 0, [CARD], dict.fromkeys(CARD)], ids=str)
def test_payment_without_a_card(nothing: Any) -> None:
    assert reading.report({**PAID, "authorization": nothing}).card is None


@pytest.mark.parametrize("year", [2030, "2030"])
@pytest.mark.parametrize("month", [8, "8", "08"])
def test_dates_of_a_card_are_numbers_or_text(month: Any, year: Any) -> None:
    card = reading.card({**CARD, "exp_month": month, "exp_year": year})
    assert card is not None
    assert (card.exp_month, card.exp_year) == (8, 2030)


def test_card_does_not_show_its_code() -> None:
    report = reading.report(PAID)
    assert CARD_CODE not in f"{report!r} {report.card!r} {report.card}"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (5000, Decimal("50.00")),
        ("5000", Decimal("50.00")),
        (0, Decimal("0.00")),
        (1, Decimal("0.01")),
    ],
)
def test_pesewas(said: Any, meant: Decimal) -> None:
    assert str(reading.cedis(said)) == str(meant)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "x",
        "50.00",
        50.5,
        Decimal("50.5"),
        -1,
        "-1",
        True,
        [],
        {},
        10**12,
        "9" * 13,
        "\u0665",
        "5e3",
    ],
    ids=repr,
)
def test_what_is_no_number_of_pesewas(said: Any) -> None:
    assert reading.cedis(said) is None


@pytest.mark.parametrize("requested", ["much", -5, 1.5, [], {}, True])
def test_asked_amount_that_can_not_be_read_is_told_from_none(requested: Any) -> None:
    assert reading.report({**PAID, "requested_amount": requested}).requested_is_unreadable
    report = reading.report({**PAID, "requested_amount": None})
    assert (report.requested_ghs, report.requested_is_unreadable) == (None, False)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2027-01-31T12:00:00.000Z", NOON),
        ("2027-01-31T12:00:00Z", NOON),
        ("2027-01-31T13:00:00+01:00", NOON),
        ("2027-01-31T12:00:00", NOON),
        ("2027-01-31 12:00:00", NOON),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_moment(said: str, meant: datetime) -> None:
    assert reading.moment(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "soon",
        None,
        1_800_000_000,
        [],
        "2027-02-30",
        "2027-01-31T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_no_moment(said: Any) -> None:
    assert reading.moment(said) is None


def test_day_is_the_one_that_was_written() -> None:
    assert str(reading.day("2027-01-31T23:30:00-05:00")) == "2027-01-31"
    offset = timezone(timedelta(hours=-5))
    assert reading.moment("2027-01-31T23:30:00-05:00") == datetime(2027, 1, 31, 23, 30, tzinfo=offset)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ama", "Ama"),
        (7, "7"),
        ("a\x00b", "ab"),
        ("a\ud800b", "a?b"),
        ("x" * 50, "x" * 10),
        (None, ""),
        (True, ""),
        ([], ""),
        (1.5, ""),
    ],
    ids=repr,
)
def test_text_can_be_stored(said: Any, meant: str) -> None:
    assert reading.text(said, 10) == meant
