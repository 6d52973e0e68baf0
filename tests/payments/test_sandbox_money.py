"""The stand-in for Paystack: prompts and codes, as its contract has them."""

import threading
from typing import Any

import pytest
import requests

from tests.sandboxes import PaystackSandbox

from .test_sandbox import ORDER, call, initialize, verified

MTN = {"phone": "0551234987", "provider": "mtn"}
VODAFONE = {"phone": "0201234567", "provider": "vod"}
FIRST_CARD = "4084084084084081"


def charge(sandbox: PaystackSandbox, momo: dict[str, str] = MTN, **values: Any) -> dict[str, Any]:
    reply = call(sandbox, "POST", "/charge", json={**ORDER, "mobile_money": momo, **values})
    assert reply.status_code == 200, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def checked(sandbox: PaystackSandbox, reference: str) -> dict[str, Any]:
    data: dict[str, Any] = call(sandbox, "GET", f"/charge/{reference}").json()["data"]
    return data


def submit(sandbox: PaystackSandbox, reference: str, otp: str) -> requests.Response:
    return call(sandbox, "POST", "/charge/submit_otp", json={"reference": reference, "otp": otp})


def paid(sandbox: PaystackSandbox, card: str = FIRST_CARD, **values: Any) -> dict[str, Any]:
    """A transaction paid by card, as verify shows it."""
    reference = initialize(sandbox, **values)["reference"]
    sandbox.pay(reference, channel="card", card=card)
    return verified(sandbox, reference)


def refund(sandbox: PaystackSandbox, **values: Any) -> requests.Response:
    return call(sandbox, "POST", "/refund", json=values)


def events(sandbox: PaystackSandbox, reference: str) -> list[str]:
    return [one["event"] for one in sandbox.deliveries(reference)]


def data_of(sandbox: PaystackSandbox, reference: str, event: str) -> Any:
    import json

    [body] = [one["body"] for one in sandbox.deliveries(reference) if one["event"] == event]
    return json.loads(body)["data"]


# --- prompts and codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["mtn", "atl", "MTN"])
def test_a_prompt_is_open_until_somebody_answers(sandbox: PaystackSandbox, network: str) -> None:
    data = charge(sandbox, {**MTN, "provider": network})
    assert (data["status"], set(data)) == ("pay_offline", {"reference", "status", "display_text"})
    assert verified(sandbox, data["reference"])["status"] == "ongoing"
    assert checked(sandbox, data["reference"])["status"] == "pay_offline"
    assert sandbox.phone(data["reference"]) == "success"
    done = checked(sandbox, data["reference"])
    assert (done["status"], done["channel"], done["authorization"]["reusable"]) == (
        "success",
        "mobile_money",
        False,
    )
    assert (done["authorization"]["exp_month"], done["authorization"]["last4"]) == (12, "X987")
    assert events(sandbox, data["reference"]) == ["charge.success"]
    assert sandbox.phone(data["reference"], "decline") == "success"
    assert len(sandbox.deliveries(data["reference"])) == 1


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [("decline", "failed", "Declined"), ("timeout", "timeout", "The prompt was not answered in time")],
)
def test_a_prompt_that_failed_can_be_paid_late(
    sandbox: PaystackSandbox, outcome: str, status: str, reason: str
) -> None:
    reference = charge(sandbox)["reference"]
    assert sandbox.phone(reference, outcome) == "failed"
    assert checked(sandbox, reference) == {"reference": reference, "status": status, "message": reason}
    assert sandbox.phone(reference, "approve") == "failed"
    assert sandbox.deliveries(reference) == []
    assert sandbox.phone(reference, "late") == "success"
    assert verified(sandbox, reference)["status"] == "success"


def test_an_unanswered_prompt_times_out(sandbox: PaystackSandbox) -> None:
    sandbox.script(prompt_seconds=0)
    reference = charge(sandbox)["reference"]
    assert verified(sandbox, reference)["status"] == "failed"
    assert checked(sandbox, reference)["status"] == "timeout"
    assert sandbox.phone(reference) == "failed"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"email": None}, "Email address is required to create charge"),
        ({"mobile_money": None}, "One of Authorization code, card object, bank object, mobile money object"),
        ({"mobile_money": {"phone": "0551234987", "provider": "glo"}}, "Invalid mobile money provider"),
        ({"mobile_money": {"phone": "+233551234987", "provider": "mtn"}}, "Invalid phone number"),
        ({"mobile_money": {"phone": 551234987, "provider": "mtn"}}, "Invalid phone number"),
        ({"amount": 50.5}, '"amount" must be an integer'),
    ],
)
def test_charge_refuses(sandbox: PaystackSandbox, values: dict[str, Any], message: str) -> None:
    reply = call(sandbox, "POST", "/charge", json={**ORDER, "mobile_money": MTN, **values})
    assert (reply.status_code, reply.json()["message"].startswith(message)) == (400, True)


def test_a_charge_has_its_own_reference(sandbox: PaystackSandbox) -> None:
    reference = charge(sandbox)["reference"]
    again = {**ORDER, "mobile_money": MTN, "reference": reference}
    reply = call(sandbox, "POST", "/charge", json=again)
    assert (reply.status_code, reply.json()["code"]) == (400, "duplicate_reference")
    assert reply.json()["message"] == "Duplicate charge request for reference"


def test_only_the_test_phone_when_told(sandbox: PaystackSandbox) -> None:
    sandbox.script(only_test_phone=True)
    assert charge(sandbox)["status"] == "pay_offline"
    other = charge(sandbox, {"phone": "0241234567", "provider": "mtn"})
    assert (other["status"], "use the test mobile money number" in other["message"]) == ("failed", True)


def test_the_right_code_leads_to_the_prompt(sandbox: PaystackSandbox) -> None:
    data = charge(sandbox, VODAFONE)
    assert (data["status"], "*110#" in data["display_text"]) == ("send_otp", True)
    wrong = submit(sandbox, data["reference"], "000000")
    assert (wrong.status_code, wrong.json()["message"]) == (400, "Provided registration token is invalid")
    sandbox.otp("4711")
    assert submit(sandbox, data["reference"], "4711").json()["data"]["status"] == "pay_offline"
    assert submit(sandbox, data["reference"], "4711").json()["message"] == "Transaction reference is invalid"
    assert sandbox.phone(data["reference"]) == "success"


@pytest.mark.parametrize("status", ["pending", "success", "failed"])
def test_a_right_code_can_lead_elsewhere(sandbox: PaystackSandbox, status: str) -> None:
    sandbox.script(after_otp=status)
    reference = charge(sandbox, VODAFONE)["reference"]
    assert submit(sandbox, reference, "123456").json()["data"]["status"] == status


def test_three_wrong_codes_have_to_wait(sandbox: PaystackSandbox) -> None:
    reference = charge(sandbox, VODAFONE)["reference"]
    for _ in range(3):
        assert submit(sandbox, reference, "0").json()["message"] == "Provided registration token is invalid"
    blocked = submit(sandbox, reference, "123456")
    assert (blocked.status_code, blocked.json()["message"]) == (
        400,
        "Too many attempts. You have to wait for 10 minutes",
    )


def test_an_unknown_charge(sandbox: PaystackSandbox) -> None:
    for reply in (call(sandbox, "GET", "/charge/never-seen"), submit(sandbox, "never-seen", "1")):
        assert (reply.status_code, reply.json()["message"]) == (400, "Transaction reference is invalid")


def test_answered_from_many_sides_it_is_paid_once(sandbox: PaystackSandbox) -> None:
    reference = charge(sandbox)["reference"]
    threads = [threading.Thread(target=sandbox.phone, args=(reference,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert events(sandbox, reference) == ["charge.success"]


@pytest.mark.parametrize("status", ["queued", "reversed", "abandoned", "a new word"])
def test_any_status_can_be_told(sandbox: PaystackSandbox, status: str) -> None:
    reference = charge(sandbox)["reference"]
    sandbox.set_status(reference, status)
    assert verified(sandbox, reference)["status"] == status
