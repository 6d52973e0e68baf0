"""What a charge came to, and what the payer does now."""

from typing import Any

import pytest

from config.core.http import OutcomeUnknown
from payments.errors import CodeRefused, GatewayUnavailable, NoCodeExpected, PaymentRejected
from payments.providers.base import GatewayState, Step
from payments.providers.paystack import Paystack
from payments.types import NextAction

from .paystack_line import CALLS, CARD_CODE, OTP, REFERENCE, Line, refusing, saying

CHARGES = ["charge_mobile_money", "submit_otp", "check_charge", "charge_card"]
OPEN = GatewayState.IN_PROGRESS


@pytest.mark.parametrize("name", CHARGES)
@pytest.mark.parametrize(
    ("status", "state", "action"),
    [
        ("pay_offline", OPEN, NextAction.APPROVE),
        ("send_otp", OPEN, NextAction.OTP),
        ("pending", OPEN, NextAction.WAIT),
        ("ongoing", OPEN, NextAction.WAIT),
        ("processing", OPEN, NextAction.WAIT),
        ("queued", OPEN, NextAction.WAIT),
        ("success", GatewayState.PAID, None),
        ("failed", GatewayState.FAILED, None),
        ("timeout", GatewayState.FAILED, None),
    ],
)
def test_status(
    line: Line, paystack: Paystack, name: str, status: str, state: GatewayState, action: NextAction | None
) -> None:
    data = {"reference": REFERENCE, "status": status, "display_text": "Do this", "message": "It went so"}
    line.answer = saying(data)
    step = CALLS[name][0](paystack)
    assert step == Step(state=state, next_action=action, display_text="Do this", response="It went so")


@pytest.mark.parametrize(
    "status",
    ["send_pin", "send_phone", "send_birthday", "send_address", "reversed", "new", "", None, 3, [], {}, True],
)
def test_word_we_do_not_know_is_not_the_end_and_is_logged(
    line: Line, paystack: Paystack, status: Any, caplog: pytest.LogCaptureFixture
) -> None:
    line.answer = saying({"reference": REFERENCE, "status": status})
    assert CALLS["check_charge"][0](paystack) == Step(state=OPEN, next_action=NextAction.WAIT)
    assert "unknown_charge_status" in caplog.text


def test_page_to_open(line: Line, paystack: Paystack) -> None:
    url = "https://standard.paystack.co/close"
    line.answer = saying({"reference": REFERENCE, "status": "open_url", "url": url})
    assert CALLS["submit_otp"][0](paystack) == Step(state=OPEN, next_action=NextAction.OPEN_URL, url=url)


def test_bank_that_wants_to_see_the_payer(line: Line, paystack: Paystack) -> None:
    url = "https://checkout.paystack.com/resume/0744ub5o065nwyz"
    line.answer = saying(
        {"authorization_url": url, "reference": REFERENCE, "access_code": "x", "paused": True}
    )
    assert CALLS["charge_card"][0](paystack) == Step(state=OPEN, next_action=NextAction.OPEN_URL, url=url)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", None, 7, "ftp://x", "//paystack.co"])
@pytest.mark.parametrize("field", ["url", "authorization_url"])
def test_page_that_can_not_be_opened(
    line: Line, paystack: Paystack, url: Any, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    status = {"status": "open_url"} if field == "url" else {}
    line.answer = saying({"reference": REFERENCE, field: url, **status})
    assert CALLS["charge_card"][0](paystack) == Step(state=OPEN, next_action=NextAction.WAIT)
    assert "charge_without_page" in caplog.text or "unknown_charge_status" in caplog.text


@pytest.mark.parametrize("name", CHARGES)
def test_answer_about_another_charge_is_none(line: Line, paystack: Paystack, name: str) -> None:
    line.answer = saying({"reference": "sika-of-another", "status": "success"})
    with pytest.raises(GatewayUnavailable if name == "check_charge" else OutcomeUnknown):
        CALLS[name][0](paystack)


@pytest.mark.parametrize("status", [400, 404])
def test_charge_that_is_not_known(line: Line, paystack: Paystack, status: int) -> None:
    line.answer = refusing(status, "Transaction reference is invalid")
    assert CALLS["check_charge"][0](paystack) == Step(state=GatewayState.NOT_FOUND)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("message", "detail", "data"),
    [
        (
            "Provided registration token is invalid",
            "That code was not accepted. Check it and enter it again.",
            {},
        ),
        (
            "Too many attempts. You have to wait for 7 minutes",
            "Too many codes were tried. Wait 7 minutes, then enter the newest one.",
            {"retry_after": 420},
        ),
        (
            "Too many attempts.",
            "Too many codes were tried. Wait 10 minutes, then enter the newest one.",
            {"retry_after": 600},
        ),
    ],
)
def test_code_that_is_refused(
    line: Line, paystack: Paystack, status: int, message: str, detail: str, data: dict[str, int]
) -> None:
    line.answer = refusing(status, message)
    with pytest.raises(CodeRefused) as refused:
        paystack.submit_otp(reference=REFERENCE, otp=OTP)
    assert (refused.value.detail, refused.value.data) == (detail, data)
    assert len(line.asked) == 1


def test_code_that_nothing_waits_for(line: Line, paystack: Paystack) -> None:
    line.answer = refusing(400, "Transaction reference is invalid")
    with pytest.raises(NoCodeExpected) as refused:
        paystack.submit_otp(reference=REFERENCE, otp=OTP)
    assert refused.value.detail == (
        "This payment waits for no code any more. See what became of it before you start a new one."
    )
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("name", "secret"), [("submit_otp", OTP), ("charge_card", CARD_CODE), ("retry_refund", "0011223344")]
)
def test_refusal_that_repeats_a_secret_is_blotted(
    line: Line, paystack: Paystack, name: str, secret: str
) -> None:
    line.answer = refusing(400, f"We can not take {secret} today")
    with pytest.raises(PaymentRejected) as refused:
        CALLS[name][0](paystack)
    assert refused.value.detail == "The payment company refused this: We can not take … today"
