"""The page to play the payer, the bank and the network at the stand-in for Paystack."""

import pytest
import requests

from tests.sandboxes import PaystackSandbox

from .test_sandbox import KEY, call, initialize, verified
from .test_sandbox_money import charge, events, refund


def press(sandbox: PaystackSandbox, **form: str) -> requests.Response:
    return requests.post(f"{sandbox.url}/_sandbox/", data=form, timeout=5)


def test_the_page_shows_and_presses(sandbox: PaystackSandbox) -> None:
    sandbox.script(refunds_end="pending")
    reference = charge(sandbox)["reference"]
    page = requests.get(f"{sandbox.url}/_sandbox/", timeout=5)
    assert (page.status_code, reference in page.text, "0551234987" in page.text) == (200, True, True)
    assert press(sandbox, what="phone", which=reference, how="decline").status_code == 200
    assert verified(sandbox, reference)["status"] == "failed"
    press(sandbox, what="phone", which=reference, how="late")
    press(sandbox, what="webhook", which=reference)
    assert events(sandbox, reference) == ["charge.success"] * 2
    refund_id = refund(sandbox, transaction=reference, amount=100).json()["data"]["id"]
    press(sandbox, what="refund", which=str(refund_id), how="needs-attention")
    press(sandbox, what="dispute", which=reference)
    [dispute] = call(sandbox, "GET", "/dispute", params={"perPage": 1}).json()["data"]
    press(sandbox, what="decide", which=str(dispute["id"]), how="remind")
    shown = press(sandbox, what="decide", which=str(dispute["id"]), how="declined").text
    assert events(sandbox, reference)[2:] == [
        "refund.pending",
        "refund.needs-attention",
        "charge.dispute.create",
        "charge.dispute.remind",
        "charge.dispute.resolve",
    ]
    assert "needs-attention" in shown


def test_the_page_pays_what_nobody_paid(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    press(sandbox, what="pay", which=reference, how="approve")
    assert verified(sandbox, reference)["status"] == "success"
    assert press(sandbox, what="settle").status_code == 200
    assert press(sandbox, what="settle").status_code == 400


def test_the_page_arms_and_disarms(sandbox: PaystackSandbox) -> None:
    press(sandbox, what="fault", how="500", times="2", path="/transaction")
    press(sandbox, what="script", card_charge="failed", webhook_hold="yes")
    told = call(sandbox, "GET", "/_sandbox/script").json()
    assert told["faults"] == [{"path": "/transaction", "fault": "500", "times": 2}]
    assert (told["card_charge"], told["webhook_hold"], told["lose_webhooks"]) == ("failed", True, False)
    one = paid_by_phone(sandbox)
    assert "1 held" in requests.get(f"{sandbox.url}/_sandbox/", timeout=5).text
    press(sandbox, what="release", how="backwards")
    assert events(sandbox, one) == ["charge.success"]
    press(sandbox, what="reset")
    assert call(sandbox, "GET", "/_sandbox/script").json()["faults"] == []


def paid_by_phone(sandbox: PaystackSandbox) -> str:
    """A payment by phone, which the armed fault does not meet."""
    reference: str = charge(sandbox)["reference"]
    sandbox.phone(reference)
    return reference


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"what": "explode"},
        {"what": "phone", "which": "never-seen", "how": "approve"},
        {"what": "pay", "which": "never-seen", "how": "approve"},
        {"what": "refund", "which": "1", "how": "processed"},
        {"what": "decide", "which": "1", "how": "declined"},
        {"what": "fault", "how": "explode", "times": "1"},
        {"what": "fault", "how": "500", "times": "often"},
        {"what": "script", "card_charge": "maybe"},
    ],
)
def test_the_page_says_what_can_not_be_done(sandbox: PaystackSandbox, form: dict[str, str]) -> None:
    reply = press(sandbox, **form)
    assert (reply.status_code, 'role="alert"' in reply.text) == (400, True)


def test_the_page_quotes_what_it_shows(sandbox: PaystackSandbox) -> None:
    call(sandbox, "GET", "/transaction/verify/<script>alert(1)</script>")
    reference = initialize(sandbox)["reference"]
    call(sandbox, "POST", f"/_sandbox/status/{reference}", json={"status": "<i>odd"})
    text = requests.get(f"{sandbox.url}/_sandbox/", timeout=5).text
    assert ("<i>odd" in text, "&lt;i&gt;odd" in text, "<script>alert" in text) == (False, True, False)
    assert KEY["Authorization"] not in text
