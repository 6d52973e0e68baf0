"""The stand-in for Paystack: cards charged again, test cards on its page, and the time a page is open."""

from typing import Any

import pytest
import requests

from tests.sandboxes import PaystackSandbox

from .test_sandbox import ORDER, call, initialize, verified
from .test_sandbox_money import FIRST_CARD, charge, paid


def charge_card(sandbox: PaystackSandbox, code: str, **values: Any) -> requests.Response:
    order = {**ORDER, "authorization_code": code, **values}
    return call(sandbox, "POST", "/transaction/charge_authorization", json=order)


def test_a_card_is_charged_again_and_forgotten(sandbox: PaystackSandbox) -> None:
    card = paid(sandbox)["authorization"]
    again = charge_card(sandbox, card["authorization_code"], amount=700, reference="renewal.1").json()["data"]
    assert (again["status"], again["amount"], again["authorization"]["signature"]) == (
        "success",
        700,
        card["signature"],
    )
    assert verified(sandbox, "renewal.1")["authorization"] == card
    assert paid(sandbox)["authorization"]["signature"] == card["signature"]
    forget = {"authorization_code": card["authorization_code"]}
    assert call(sandbox, "POST", "/customer/authorization/deactivate", json=forget).status_code == 200
    assert call(sandbox, "POST", "/customer/authorization/deactivate", json=forget).status_code == 404
    assert charge_card(sandbox, card["authorization_code"]).json()["message"] == (
        "Authorization code does not exist or has been deactivated"
    )


def test_whose_card_and_which(sandbox: PaystackSandbox) -> None:
    card = paid(sandbox)["authorization"]["authorization_code"]
    stranger = charge_card(sandbox, card, email="kofi@example.com").json()["message"]
    assert stranger.startswith("Email does not match Authorization code.")
    wallet = charge(sandbox)["reference"]
    sandbox.phone(wallet)
    code = verified(sandbox, wallet)["authorization"]["authorization_code"]
    assert charge_card(sandbox, code).json()["message"] == "This authorization is not reusable"


@pytest.mark.parametrize(
    ("wanted", "status", "reason"),
    [("failed", "failed", "Declined"), ("insufficient", "failed", "Insufficient Funds")],
)
def test_a_card_that_does_not_pay(sandbox: PaystackSandbox, wanted: str, status: str, reason: str) -> None:
    code = paid(sandbox)["authorization"]["authorization_code"]
    sandbox.script(card_charge=wanted)
    data = charge_card(sandbox, code).json()["data"]
    assert (data["status"], data["message"]) == (status, reason)
    assert verified(sandbox, data["reference"])["gateway_response"] == reason


def test_a_card_charge_that_is_pending(sandbox: PaystackSandbox) -> None:
    code = paid(sandbox)["authorization"]["authorization_code"]
    sandbox.script(card_charge="pending")
    data = charge_card(sandbox, code).json()["data"]
    assert data == {"reference": data["reference"], "status": "pending"}
    sandbox.pay(data["reference"], channel="card")
    assert verified(sandbox, data["reference"])["authorization"]["authorization_code"] == code


@pytest.mark.parametrize(("outcome", "status"), [("approve", "success"), ("decline", "failed")])
def test_a_bank_that_wants_to_see_the_payer(sandbox: PaystackSandbox, outcome: str, status: str) -> None:
    code = paid(sandbox)["authorization"]["authorization_code"]
    sandbox.script(card_charge="challenge")
    metadata = '{"cancel_action": "https://shop.example/cancel"}'
    reply = charge_card(sandbox, code, metadata=metadata).json()
    assert reply["message"] == "Please, redirect your customer to the authorization url provided"
    data = reply["data"]
    assert (set(data), data["paused"]) == ({"authorization_url", "reference", "access_code", "paused"}, True)
    assert verified(sandbox, data["reference"])["status"] == "ongoing"
    assert "is this you?" in requests.get(data["authorization_url"], timeout=5).text
    page = requests.post(data["authorization_url"], data={"outcome": outcome}, timeout=5)
    assert 'href="https://shop.example/cancel"' in page.text
    assert verified(sandbox, data["reference"])["status"] == status


@pytest.mark.parametrize(
    ("card", "answers", "status", "reason"),
    [
        (FIRST_CARD, [], "success", "Successful"),
        ("5192602720584796", [{"outcome": "approve"}], "success", "Successful"),
        ("5192602720584796", [{"outcome": "decline"}], "failed", "Declined"),
        ("507850785078507812", [{"answer": "1111"}], "success", "Successful"),
        ("5060666666666666666", [{"answer": "1234"}, {"answer": "123456"}], "success", "Successful"),
        ("4084080000005408", [], "failed", "Declined"),
        ("4084080000670037", [], "failed", "Insufficient Funds"),
        ("507850785078507853", [{"answer": "0000"}], "failed", "Token Not Generated"),
    ],
)
def test_the_test_cards_on_the_page(
    sandbox: PaystackSandbox, card: str, answers: list[dict[str, str]], status: str, reason: str
) -> None:
    data = initialize(sandbox)
    for form in ({"channel": "card", "card": card}, *answers):
        assert verified(sandbox, data["reference"])["status"] in ("abandoned", "ongoing")
        assert requests.post(data["authorization_url"], data=form, timeout=5).status_code == 200
    told = verified(sandbox, data["reference"])
    assert (told["status"], told["gateway_response"]) == (status, reason)
    if status == "success":
        assert (told["authorization"]["last4"], told["authorization"]["reusable"]) == (
            card[-4:],
            card in (FIRST_CARD, "5192602720584796"),
        )


def test_a_wrong_pin_is_asked_again(sandbox: PaystackSandbox) -> None:
    data = initialize(sandbox)
    form = {"channel": "card", "card": "507850785078507812"}
    requests.post(data["authorization_url"], data=form, timeout=5)
    wrong = requests.post(data["authorization_url"], data={"answer": "9"}, timeout=5)
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
    assert verified(sandbox, data["reference"])["status"] == "ongoing"


def test_the_page_ends_with_its_session(sandbox: PaystackSandbox) -> None:
    path = "/integration/payment_session_timeout"
    assert call(sandbox, "GET", path).json()["data"] == {"payment_session_timeout": 0}
    assert call(sandbox, "PUT", path, json={"timeout": -1}).status_code == 400
    assert call(sandbox, "PUT", path, json={"timeout": 30}).json()["data"] == {"payment_session_timeout": 30}
    assert call(sandbox, "GET", path).json()["data"] == {"payment_session_timeout": 30}
    data = initialize(sandbox)
    assert requests.get(data["authorization_url"], timeout=5).status_code == 200
    assert call(sandbox, "PUT", path, json={"timeout": 0}).status_code == 200
