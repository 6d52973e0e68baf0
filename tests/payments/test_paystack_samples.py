"""Paystack's own sample answers, read by the calls they belong to."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.core.loopback import json_response
from payments.errors import GatewayUnavailable, NoCodeExpected, PaymentRejected
from payments.providers.base import (
    Card,
    Checkout,
    DisputeReport,
    GatewayState,
    RefundReport,
    Report,
    SettlementReport,
    Step,
)
from payments.providers.paystack import Paystack, refunds
from payments.types import NextAction, PaymentMethod, RefundStatus

from .paystack_line import CALLS, CARD_CODE, LATER, NOON, Line
from .test_paystack_contract import CONTRACT

pytestmark = pytest.mark.skipif(not CONTRACT.is_dir(), reason="no copy of Paystack's contract beside us")
# Answers to what we never ask.
NOT_OURS = {"bank", "customers", "integration", "plans", "subscriptions", "transfers-control"}
NOT_CALLED = {"settlements.transactions.json", "refunds.fetch.json"}
MONEY: dict[str, Any] = {"amount_ghs": Decimal("1.00"), "email": "a@example.com", "purpose": "x"}
OPEN, PAID, FAILED = GatewayState.IN_PROGRESS, GatewayState.PAID, GatewayState.FAILED
WAIT = Step(state=OPEN, next_action=NextAction.WAIT)
BANK = Step(state=OPEN, next_action=NextAction.OPEN_URL, url="https://standard.paystack.co/close")


def sample(name: str) -> Any:
    return json.loads((CONTRACT / "responses" / f"{name}.json").read_text())


def put(line: Line, body: Any, status: int = 200) -> str:
    """The line answers with it. Gives the reference it is about."""
    line.answer = lambda request: json_response(body, status)
    data = body.get("data")
    return str(data["reference"]) if isinstance(data, dict) and "reference" in data else "sika-1"


def check(paystack: Paystack, reference: str) -> Step:
    return paystack.check_charge(reference=reference)


def charge(paystack: Paystack, reference: str) -> Step:
    return paystack.charge_mobile_money(reference=reference, **MONEY, phone="0551234987", network="mtn")


def submit(paystack: Paystack, reference: str) -> Step:
    return paystack.submit_otp(reference=reference, otp="123456")


def by_card(paystack: Paystack, reference: str) -> Step:
    return paystack.charge_card(reference=reference, **MONEY, card_code=CARD_CODE, callback_url="")


Call = Callable[[Paystack, str], Step]
SHOWN = {
    "200_otp": "Please send OTP",
    "200_phone": "Please send phone",
    "200_birthday": "Please send your birthday",
    "200_address": "Please send details for address verification",
    "200_ussd": "Please dial *737*33*4*453441# on your mobile phone to complete the transaction",
}
CREATED: dict[str, Step] = {
    "200": Step(state=PAID, response="Successful"),
    "200_momo": Step(state=PAID, response="Approved"),
    "200_otp": Step(state=OPEN, next_action=NextAction.OTP, display_text=SHOWN["200_otp"]),
    "200_ussd": Step(state=OPEN, next_action=NextAction.APPROVE, display_text=SHOWN["200_ussd"]),
    "200_pending": WAIT,
    "200_pin": WAIT,
    "200_bank_auth": BANK,
    **{
        name: replace(WAIT, display_text=SHOWN[name]) for name in ("200_phone", "200_birthday", "200_address")
    },
}
SENT = "Please send OTP (none will be sent to your phone)"
CHECKED: dict[str, Step] = {
    **{name: CREATED[name] for name in ("200", "200_pending", "200_pin", "200_bank_auth")},
    **{name: CREATED[name] for name in ("200_phone", "200_birthday")},
    "200_otp": Step(state=OPEN, next_action=NextAction.OTP, display_text=SENT),
    "200_failed": Step(state=FAILED, response="Insufficient funds"),
}
SUBMITTED: dict[str, Step] = {
    "200": Step(state=PAID, response="Approved"),
    "200_bank_auth": BANK,
    "200_pending": WAIT,
    "200_failed": Step(state=FAILED, response="Error occured while enrolling you for OTP!"),
}
ALONE: dict[str, tuple[Call, Step]] = {
    "momo.charge.pay_offline": (
        charge,
        Step(
            state=OPEN,
            next_action=NextAction.APPROVE,
            display_text="Please complete authorization process on your mobile phone",
        ),
    ),
    "momo.charge.send_otp": (
        charge,
        Step(
            state=OPEN,
            next_action=NextAction.OTP,
            display_text="Please dial *110# to generate a voucher code. Then input the voucher",
        ),
    ),
    "momo.submit_otp.pending": (submit, WAIT),
    "momo.submit_otp.success": (submit, Step(state=PAID, response="Approved")),
    "charge_authorization.paused": (
        by_card,
        Step(
            state=OPEN,
            next_action=NextAction.OPEN_URL,
            url="https://checkout.paystack.com/resume/0744ub5o065nwyz",
        ),
    ),
}


@pytest.mark.parametrize(
    ("name", "call", "steps"),
    [
        ("charges.create", charge, CREATED),
        ("charges.check", check, CHECKED),
        ("charges.submit-otp", submit, SUBMITTED),
        ("transactions.charge_authorization", by_card, {"200": Step(state=PAID, response="Approved")}),
    ],
)
def test_charges(line: Line, paystack: Paystack, name: str, call: Call, steps: dict[str, Step]) -> None:
    answers = {variant: one["data"] for variant, one in sample(name).items() if variant != "400"}
    found = {variant: call(paystack, put(line, body)) for variant, body in answers.items()}
    assert found == steps


@pytest.mark.parametrize("name", ALONE)
def test_charges_of_the_guides(line: Line, paystack: Paystack, name: str) -> None:
    call, step = ALONE[name]
    assert call(paystack, put(line, sample(name))) == step


def test_refusals_of_charges(line: Line, paystack: Paystack) -> None:
    put(line, sample("charges.create")["400"]["data"], 400)
    with pytest.raises(PaymentRejected, match="Email address is required for association with card"):
        charge(paystack, "sika-1")
    put(line, sample("charges.check")["400"]["data"], 400)
    assert check(paystack, "sika-1") == Step(state=GatewayState.NOT_FOUND)
    put(line, sample("charges.submit-otp")["400"]["data"], 400)
    with pytest.raises(NoCodeExpected, match="waits for no code"):
        submit(paystack, "sika-1")


@pytest.mark.parametrize("name", ["transactions.verify", "transactions.charge_authorization"])
def test_wrong_key_is_ours_to_repair(line: Line, paystack: Paystack, name: str) -> None:
    put(line, sample(name)["400"]["data"], 400)
    with pytest.raises(GatewayUnavailable):
        (CALLS["verify"] if name == "transactions.verify" else CALLS["charge_card"])[0](paystack)


TRANSACTION = Report(
    state=PAID,
    reference="re4lyvq3s3",
    domain="test",
    currency="NGN",
    paid_ghs=Decimal("403.33"),
    requested_ghs=Decimal("300.50"),
    transaction_id="4099260516",
    channel="card",
    fees_ghs=Decimal("102.83"),
    response="Successful",
    card=Card(
        code="AUTH_uh8bcl3zbn",
        signature="SIG_yEXu7dLBeqG0kU7g95Ke",
        brand="visa",
        bank="TEST BANK",
        last4="4081",
        exp_month=12,
        exp_year=2030,
    ),
    created_at=datetime(2024, 8, 22, 9, 14, 24, tzinfo=UTC),
)


def test_verify(line: Line, paystack: Paystack) -> None:
    put(line, sample("transactions.verify")["200"]["data"])
    assert paystack.verify(reference="re4lyvq3s3") == TRANSACTION


def test_transactions(line: Line, paystack: Paystack) -> None:
    """The sample's last page still names a next one."""
    put(line, sample("transactions.list")["200"]["data"])
    assert list(paystack.transactions(since=NOON, until=LATER)) == [TRANSACTION]
    assert [one.query.get("next") for one in line.asked] == [None, "dW5kZWZpbmVkOjQwMTM3MDk2MzU="]


def test_initialize(line: Line, paystack: Paystack) -> None:
    reference = put(line, sample("transactions.initialize")["200"]["data"])
    method = PaymentMethod.PAYSTACK
    opened = paystack.initialize(
        reference=reference, **MONEY, method=method, callback_url="https://shop.example/", save_card=False
    )
    assert opened == Checkout("https://checkout.paystack.com/3ni8kdavz62431k", "3ni8kdavz62431k")


def test_refund(line: Line, paystack: Paystack) -> None:
    put(line, sample("refunds.create")["200"]["data"])
    assert CALLS["refund"][0](paystack) == RefundReport(
        id="3018284",
        status=RefundStatus.PENDING,
        amount_ghs=Decimal("100.00"),
        transaction_id="1004723697",
        reference="T685312322670591",
        note="Refund for transaction T685312322670591 by test@me.com",
    )


def test_refunds(line: Line, paystack: Paystack) -> None:
    """The sample has no `meta`, and another transaction's refund in it. The second page repeats the first."""
    put(line, sample("refunds.list")["200"]["data"])
    first = RefundReport(
        id="1",
        status=RefundStatus.PROCESSED,
        amount_ghs=Decimal("5000.00"),
        transaction_id="1641",
        note="xxx",
        dispute_id="20",
    )
    assert paystack.refunds(transaction_id="1641") == [first]
    fetched = sample("refunds.fetch")["200"]["data"]["data"]
    assert refunds.read(fetched) == replace(first, dispute_id="")


def test_retry_refund(line: Line, paystack: Paystack) -> None:
    answers = sample("refunds.retry")
    put(line, answers["200"]["data"])
    assert CALLS["retry_refund"][0](paystack) == RefundReport(
        id="1234567",
        status=RefundStatus.PROCESSING,
        amount_ghs=Decimal("200.00"),
        transaction_id="3298598423",
        note="Refund for transaction T708775813895475 by paystack@email.com",
    )
    put(line, answers["422"]["data"], 422)
    with pytest.raises(PaymentRejected, match="Invalid Refund state"):
        CALLS["retry_refund"][0](paystack)


ARCHIVED = DisputeReport(
    id="2867",
    reference="asjck8gf76zd1dr",
    amount_ghs=None,
    status="archived",
    resolution="",
    message="test this",
    created_at=datetime(2017, 11, 16, 16, 12, 24, tzinfo=UTC),
)


def test_disputes(line: Line, paystack: Paystack) -> None:
    listed = sample("disputes.list")["200"]["data"]
    put(line, listed)
    assert list(paystack.disputes(since=NOON, until=LATER)) == [ARCHIVED]
    assert len(line.asked) == 1
    put(line, {**listed, "data": listed["data"][0]})
    assert paystack.dispute(dispute_id="2867") == ARCHIVED


def test_answer_to_a_dispute(line: Line, paystack: Paystack) -> None:
    put(line, sample("disputes.evidence")["200"]["data"])
    assert CALLS["add_evidence"][0](paystack) == "21"
    put(line, sample("disputes.resolve")["200"]["data"])
    assert CALLS["resolve_dispute"][0](paystack) == DisputeReport(
        id="624",
        reference="asjck8gf76zd1dr",
        amount_ghs=Decimal("10.02"),
        status="resolved",
        resolution="merchant-accepted",
        category="general",
        created_at=datetime(2019, 8, 28, 14, 14, 41, tzinfo=UTC),
    )


def test_place_for_a_file(line: Line, paystack: Paystack) -> None:
    """Its own address is Paystack's; here the file goes to the line, by the same name."""
    place = sample("disputes.upload-url")["200"]["data"]
    put(line, {**place, "data": {**place["data"], "signedUrl": f"{line.url}/files/f"}})
    assert CALLS["upload"][0](paystack) == "qesp8a4df1xejihd9x5q"


def test_settlements(line: Line, paystack: Paystack) -> None:
    listed = sample("settlements.list")["200"]["data"]
    put(line, listed)
    assert list(paystack.settlements(since=NOON, until=LATER)) == []  # naira
    put(line, {**listed, "data": [{**row, "currency": "GHS"} for row in listed["data"]]})
    found = list(paystack.settlements(since=NOON, until=LATER))
    assert len(found) == 15
    assert found[0] == SettlementReport(
        id="3090024",
        status="success",
        total_ghs=Decimal("10.00"),
        fees_ghs=Decimal("0.05"),
        deductions_ghs=Decimal(0),
        paid_out_ghs=Decimal("9.95"),
        settled_on=date(2022, 11, 9),
    )


def test_no_sample_is_left_out() -> None:
    """A new sample has to be read here, or named above as none of ours."""
    there = {path.name for path in (CONTRACT / "responses").glob("*.json")}
    ours = {name for name in there if name.split(".")[0] not in NOT_OURS} - NOT_CALLED
    read = {f"{name}.json" for name in ALONE} | {
        "charges.create.json",
        "charges.check.json",
        "charges.submit-otp.json",
        "transactions.charge_authorization.json",
        "transactions.verify.json",
        "transactions.list.json",
        "transactions.initialize.json",
        "refunds.create.json",
        "refunds.list.json",
        "refunds.retry.json",
        "disputes.list.json",
        "disputes.evidence.json",
        "disputes.resolve.json",
        "disputes.upload-url.json",
        "settlements.list.json",
    }
    assert ours == read
