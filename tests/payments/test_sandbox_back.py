"""The stand-in for Paystack: what goes back to the payer."""

import threading
from typing import Any

import pytest
import requests

from tests.sandboxes import PaystackSandbox

from .test_sandbox import call, initialize, verified
from .test_sandbox_money import data_of, events, paid, refund

STATES = ["pending", "processing", "processed", "failed", "needs-attention"]


def test_a_whole_refund_reverses(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    reply = refund(sandbox, transaction=one["id"], merchant_note="r-1").json()
    assert reply["message"] == "Refund has been queued for processing"
    data = reply["data"]
    assert (data["status"], data["amount"], data["transaction"]["id"]) == ("pending", 5000, one["id"])
    assert (data["merchant_note"], data["deducted_amount"]) == ("r-1", 0)
    told = ["charge.success", "refund.pending", "refund.processing", "refund.processed"]
    assert events(sandbox, one["reference"]) == told
    assert verified(sandbox, one["reference"])["status"] == "reversed"
    assert call(sandbox, "GET", f"/refund/{data['id']}").json()["data"]["status"] == "processed"
    again = refund(sandbox, transaction=one["reference"])
    assert (again.status_code, again.json()["message"]) == (400, "Transaction has been fully reversed")


def test_refunds_in_parts_reverse_at_the_end(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    assert refund(sandbox, transaction=one["reference"], amount=2000).status_code == 200
    assert verified(sandbox, one["reference"])["status"] == "success"
    more = refund(sandbox, transaction=one["reference"], amount=3001)
    assert more.json()["message"] == "Refund amount cannot be greater than the transaction amount"
    assert refund(sandbox, transaction=one["reference"], amount="3000").status_code == 200
    assert verified(sandbox, one["reference"])["status"] == "reversed"
    found = call(sandbox, "GET", "/refund", params={"transaction": one["id"]}).json()
    assert [row["amount"] for row in found["data"]] == [3000, 2000]
    assert {row["transaction"] for row in found["data"]} == {one["id"]}
    assert found["meta"]["total"] == 2


@pytest.mark.parametrize("status", STATES)
def test_a_refund_is_moved_and_told(sandbox: PaystackSandbox, status: str) -> None:
    sandbox.script(refunds_end="pending")
    one = paid(sandbox)
    refund_id = refund(sandbox, transaction=one["id"], amount=700).json()["data"]["id"]
    assert events(sandbox, one["reference"]) == ["charge.success", "refund.pending"]
    if status != "pending":
        sandbox.refund_to(str(refund_id), status)
    data = data_of(sandbox, one["reference"], f"refund.{status}")
    is_open, is_text = status in STATES[:2], status in STATES[:3]
    shared = {
        "status": status,
        "transaction_reference": one["reference"],
        "refund_reference": None if is_open else f"TRF_{refund_id}",
        "amount": "700" if is_text else 700,
        "currency": "GHS",
        "customer": {"first_name": None, "last_name": None, "email": "ama@example.com"},
        "integration": 100043,
        "domain": "test",
    }
    note = f"Refund for transaction {one['reference']}"
    if status == "needs-attention":
        notes = {"customer_note": note, "merchant_note": f"{note} by shop@example.com"}
        assert data == {**shared, "id": str(refund_id), **notes}
    else:
        assert data == {**shared, "processor": "instant-transfer"}
    assert verified(sandbox, one["reference"])["status"] == "success"


def test_a_refund_that_fails_after_all_makes_it_paid_again(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    refund_id = refund(sandbox, transaction=one["id"]).json()["data"]["id"]
    assert verified(sandbox, one["reference"])["status"] == "reversed"
    sandbox.refund_to(str(refund_id), "failed")
    assert verified(sandbox, one["reference"])["status"] == "success"
    assert refund(sandbox, transaction=one["id"]).status_code == 200


@pytest.mark.parametrize(
    ("card", "end"), [("4084080000671803", "failed"), ("4084080000671902", "needs-attention")]
)
def test_cards_whose_refunds_go_wrong(sandbox: PaystackSandbox, card: str, end: str) -> None:
    one = paid(sandbox, card)
    assert refund(sandbox, transaction=one["id"]).status_code == 200
    assert events(sandbox, one["reference"])[-1] == f"refund.{end}"


def test_a_refund_that_needs_attention_is_tried_again(sandbox: PaystackSandbox) -> None:
    sandbox.script(refunds_end="needs-attention")
    refund_id = refund(sandbox, transaction=paid(sandbox)["id"]).json()["data"]["id"]
    path = f"/refund/retry_with_customer_details/{refund_id}"
    account = {"currency": "GHS", "account_number": "0011223344", "bank_id": "9"}
    assert call(sandbox, "POST", path, json={}).status_code == 400
    tried = call(sandbox, "POST", path, json={"refund_account_details": account})
    assert (tried.status_code, tried.json()["data"]["status"]) == (200, "processing")
    again = call(sandbox, "POST", path, json={"refund_account_details": account})
    assert (again.status_code, again.json()["message"]) == (
        422,
        'Invalid Refund state, refund status should be "needs-attention"',
    )


def test_what_can_not_be_refunded(sandbox: PaystackSandbox) -> None:
    opened = initialize(sandbox)["reference"]
    assert refund(sandbox, transaction="never-seen").status_code == 404
    assert refund(sandbox, transaction=opened).status_code == 400
    one = paid(sandbox)
    for amount in (0, -5, 1.5, True, "x", 5001):
        assert refund(sandbox, transaction=one["id"], amount=amount).status_code == 400
    short = "Insufficient balance to fulfill this refund. Please top up."
    sandbox.script(refunds_refused=short)
    assert refund(sandbox, transaction=one["id"]).json()["message"] == short
    assert call(sandbox, "GET", "/refund", params={"transaction": one["id"]}).json()["data"] == []


def test_refunds_at_once_give_back_no_more_than_was_paid(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    answers: list[int] = []
    ask = lambda: answers.append(refund(sandbox, transaction=one["id"], amount=2000).status_code)  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 200, 400, 400, 400, 400]


# --- disputes -------------------------------------------------------------------------------------------


def resolve(sandbox: PaystackSandbox, dispute_id: str, **values: Any) -> requests.Response:
    answer = {
        "resolution": "declined",
        "message": "It was used",
        "refund_amount": 0,
        "uploaded_filename": "f",
    }
    return call(sandbox, "PUT", f"/dispute/{dispute_id}/resolve", json={**answer, **values})


def test_a_dispute_is_told_listed_and_decided(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    dispute_id = sandbox.open_dispute(one["reference"], amount=1500, category="fraud")
    told = data_of(sandbox, one["reference"], "charge.dispute.create")
    assert (told["id"], told["refund_amount"], told["category"]) == (int(dispute_id), 1500, "fraud")
    assert (told["status"], told["resolution"]) == ("awaiting-merchant-feedback", None)
    assert (told["transaction_reference"], told["transaction"]["reference"]) == (None, one["reference"])
    assert "created_at" in told
    assert "createdAt" not in told
    for path in (f"/dispute/{dispute_id}", f"/dispute/transaction/{one['id']}"):
        shown = call(sandbox, "GET", path).json()["data"]
        assert (shown["id"], shown["createdAt"]) == (int(dispute_id), told["created_at"])
    query = {"transaction": one["id"], "status": "awaiting-merchant-feedback"}
    assert len(call(sandbox, "GET", "/dispute", params=query).json()["data"]) == 1
    assert call(sandbox, "GET", "/dispute", params={**query, "status": "resolved"}).json()["data"] == []
    assert call(sandbox, "GET", "/dispute", params={**query, "to": "2020-01-01"}).json()["data"] == []
    sandbox.remind(dispute_id)
    sandbox.decide(dispute_id, "auto-accepted")
    assert events(sandbox, one["reference"])[1:] == [
        "charge.dispute.create",
        "charge.dispute.remind",
        "charge.dispute.resolve",
    ]
    ended = data_of(sandbox, one["reference"], "charge.dispute.resolve")
    assert (ended["status"], ended["resolution"]) == ("resolved", "auto-accepted")
    assert ended["transaction"]["status"] == "success"  # a part of it


@pytest.mark.parametrize(
    ("resolution", "status"),
    [("merchant-accepted", "reversed"), ("auto-accepted", "reversed"), ("declined", "success")],
)
def test_who_wins_a_dispute(sandbox: PaystackSandbox, resolution: str, status: str) -> None:
    one = paid(sandbox)
    sandbox.decide(sandbox.open_dispute(one["reference"]), resolution)
    assert data_of(sandbox, one["reference"], "charge.dispute.resolve")["transaction"]["status"] == status
    assert verified(sandbox, one["reference"])["status"] == status


def test_a_dispute_is_declined_with_evidence(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    dispute_id = sandbox.open_dispute(one["reference"])
    path = f"/dispute/{dispute_id}"
    evidence = {
        "customer_email": "ama@example.com",
        "customer_name": "Ama",
        "customer_phone": "0551234987",
        "service_details": "100 credits",
    }
    assert call(sandbox, "POST", f"{path}/evidence", json={}).json()["message"] == (
        "customer_email is required"
    )
    given = call(sandbox, "POST", f"{path}/evidence", json=evidence).json()["data"]
    assert given["dispute"] == int(dispute_id)
    assert call(sandbox, "GET", f"{path}/upload_url").status_code == 400
    place = call(sandbox, "GET", f"{path}/upload_url", params={"upload_filename": "used.pdf"}).json()["data"]
    assert requests.put(place["signedUrl"].split("?")[0], data=b"%PDF", timeout=5).status_code == 403
    assert requests.put(place["signedUrl"], data=b"%PDF", timeout=5).status_code == 200
    done = resolve(sandbox, dispute_id, uploaded_filename=place["fileName"], evidence=given["id"]).json()
    assert (done["message"], done["data"]["status"]) == (
        "Dispute successfully resolved",
        "awaiting-bank-feedback",
    )
    assert done["data"]["message"]["body"] == "It was used"
    sandbox.decide(dispute_id, "declined")
    late = resolve(sandbox, dispute_id)
    assert (late.status_code, late.json()["message"]) == (400, "Dispute has already been resolved")


def test_a_dispute_is_accepted_in_part(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    dispute_id = sandbox.open_dispute(one["reference"])
    too_much = resolve(sandbox, dispute_id, resolution="merchant-accepted", refund_amount=5001)
    assert too_much.json()["message"] == "Refund amount cannot be greater than initial amount"
    assert resolve(sandbox, dispute_id, resolution="maybe").status_code == 400
    assert resolve(sandbox, dispute_id, message="").json()["message"] == "message is required"
    done = resolve(sandbox, dispute_id, resolution="merchant-accepted", refund_amount=2000).json()["data"]
    assert (done["status"], done["refund_amount"]) == ("resolved", 2000)
    assert verified(sandbox, one["reference"])["status"] == "success"


def test_no_dispute_about_what_was_not_paid(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    assert call(sandbox, "POST", f"/_sandbox/dispute/{reference}").status_code == 404
    for method, path in (("GET", "/dispute/1"), ("GET", "/dispute/transaction/1"), ("PUT", "/dispute/1")):
        assert call(sandbox, method, path, json={}).status_code == 404
