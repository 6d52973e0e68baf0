"""The sandbox's answers and webhooks beside Paystack's own samples, where a copy lies beside the project."""

import json
from typing import Any

import pytest

from tests.sandboxes import PaystackSandbox

from .test_paystack_contract import CONTRACT
from .test_sandbox import ORDER, call, initialize
from .test_sandbox_back import resolve
from .test_sandbox_cards import charge_card
from .test_sandbox_money import MTN, VODAFONE, charge, data_of, paid, refund, submit

pytestmark = pytest.mark.skipif(
    not CONTRACT.is_dir(), reason="no copy of Paystack's contract in ../shared/contracts/paystack"
)

# In the samples and of other countries, products or times: a client that reads them reads too much.
_NOT_HERE = {"log", "source", "subaccount_group", "metadata", "terminal_id", "dispute", "settlement"}


def sample(name: str, case: str = "200") -> Any:
    found = json.loads((CONTRACT / "responses" / f"{name}.json").read_text())
    return found[case]["data"] if case in found else found


def differences(theirs: Any, ours: Any, at: str = "") -> list[str]:
    """Keys that we lack and values of another type. Null fits everything."""
    if theirs is None or ours is None:
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        lacking = [f"{at}.{name}: missing" for name in theirs.keys() - ours.keys() - _NOT_HERE]
        shared = (theirs.keys() & ours.keys()) - _NOT_HERE
        return lacking + [
            one for name in shared for one in differences(theirs[name], ours[name], f"{at}.{name}")
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        return differences(theirs[0], ours[0], f"{at}[0]") if theirs and ours else []
    return [] if type(theirs) is type(ours) else [f"{at}: {type(theirs).__name__}, not {type(ours).__name__}"]


def same(
    sandbox: PaystackSandbox, name: str, path: str, case: str = "200", method: str = "GET", **values: Any
) -> None:
    ours = call(sandbox, method, path, json=values).json()
    theirs = sample(name, case)
    assert differences(theirs, ours) == []
    assert ours["message"] == theirs["message"]


def test_transactions(sandbox: PaystackSandbox) -> None:
    order: dict[str, Any] = ORDER
    same(sandbox, "transactions.initialize", "/transaction/initialize", method="POST", **order)
    one = paid(sandbox)
    same(sandbox, "transactions.verify", f"/transaction/verify/{one['reference']}")
    same(sandbox, "transactions.list", "/transaction?use_cursor=true")
    card: dict[str, Any] = {**ORDER, "authorization_code": one["authorization"]["authorization_code"]}
    path = "/transaction/charge_authorization"
    same(sandbox, "transactions.charge_authorization", path, method="POST", **card)
    sandbox.script(card_charge="challenge")
    same(sandbox, "charge_authorization.paused", path, method="POST", **card)


def test_charges(sandbox: PaystackSandbox) -> None:
    order: dict[str, Any] = ORDER
    same(sandbox, "momo.charge.pay_offline", "/charge", method="POST", **order, mobile_money=MTN)
    same(sandbox, "momo.charge.send_otp", "/charge", method="POST", **order, mobile_money=VODAFONE)
    for after in ("pending", "success"):
        sandbox.script(after_otp=after)
        reference = charge(sandbox, VODAFONE)["reference"]
        ours = submit(sandbox, reference, "123456").json()
        assert differences(sample(f"momo.submit_otp.{after}"), ours) == []
    sandbox.set_status(reference, "pending")
    same(sandbox, "charges.check", f"/charge/{reference}", "200_pending")
    sandbox.pay(reference, "decline")
    same(sandbox, "charges.check", f"/charge/{reference}", "200_failed")
    same(sandbox, "charges.check", "/charge/never-seen", "400")


def test_refunds(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    sandbox.script(refunds_end="needs-attention")
    same(sandbox, "refunds.create", "/refund", method="POST", transaction=one["id"], amount=100)
    [row] = call(sandbox, "GET", f"/refund?transaction={one['id']}").json()["data"]
    same(sandbox, "refunds.list", "/refund")
    account = {"currency": "GHS", "account_number": "0011223344", "bank_id": "9"}
    path = f"/refund/retry_with_customer_details/{row['id']}"
    same(sandbox, "refunds.retry", path, method="POST", refund_account_details=account)
    same(sandbox, "refunds.retry", path, "422", method="POST", refund_account_details=account)
    same(sandbox, "refunds.fetch", f"/refund/{row['id']}")


def test_disputes(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    dispute_id = sandbox.open_dispute(one["reference"])
    same(sandbox, "disputes.list", "/dispute")
    same(sandbox, "disputes.upload-url", f"/dispute/{dispute_id}/upload_url?upload_filename=x.pdf")
    evidence: dict[str, Any] = dict.fromkeys(
        ("customer_email", "customer_name", "customer_phone", "service_details"), "x"
    )
    same(sandbox, "disputes.evidence", f"/dispute/{dispute_id}/evidence", method="POST", **evidence)
    ours = resolve(sandbox, dispute_id, resolution="merchant-accepted", refund_amount=100).json()
    assert differences(sample("disputes.resolve"), ours) == []


def test_what_is_only_told(sandbox: PaystackSandbox) -> None:
    paid(sandbox)
    row = sandbox.settle()
    same(sandbox, "settlements.list", "/settlement")
    same(sandbox, "settlements.transactions", f"/settlement/{row['id']}/transactions")
    same(sandbox, "transfers-control.balance", "/balance")
    same(sandbox, "bank.list.ghs.mobile_money", "/bank?currency=GHS&type=mobile_money")
    same(sandbox, "integration.fetch-timeout", "/integration/payment_session_timeout")
    same(sandbox, "customers.fetch", f"/customer/{ORDER['email']}")


@pytest.mark.parametrize("status", ["pending", "processing", "processed", "failed", "needs-attention"])
def test_refund_webhooks_have_exactly_their_keys(sandbox: PaystackSandbox, status: str) -> None:
    sandbox.script(refunds_end=status)
    one = paid(sandbox)
    refund(sandbox, transaction=one["id"], amount=100)
    ours = data_of(sandbox, one["reference"], f"refund.{status}")
    theirs = json.loads((CONTRACT / "webhooks" / f"refund.{status}.json").read_text())["data"]
    assert differences(theirs, ours) == []
    assert ours.keys() == theirs.keys()


@pytest.mark.parametrize("step", ["create", "remind", "resolve"])
def test_dispute_webhooks_have_exactly_their_keys(sandbox: PaystackSandbox, step: str) -> None:
    one = paid(sandbox)
    dispute_id = sandbox.open_dispute(one["reference"])
    sandbox.remind(dispute_id)
    sandbox.decide(dispute_id, "auto-accepted")
    ours = data_of(sandbox, one["reference"], f"charge.dispute.{step}")
    theirs = json.loads((CONTRACT / "webhooks" / f"charge.dispute.{step}.json").read_text())["data"]
    assert differences(theirs, ours) == []
    assert ours.keys() == theirs.keys()


@pytest.mark.parametrize("name", ["card", "mobile_money.ghs"])
def test_payment_webhooks_have_their_keys(sandbox: PaystackSandbox, name: str) -> None:
    reference = initialize(sandbox)["reference"]
    sandbox.pay(reference, channel=name.partition(".")[0])
    theirs = json.loads((CONTRACT / "webhooks" / f"charge.success.{name}.json").read_text())["data"]
    assert differences(theirs, data_of(sandbox, reference, "charge.success")) == []


def test_a_card_of_a_stranger_is_refused_in_their_words(sandbox: PaystackSandbox) -> None:
    catalogue = (CONTRACT / "api-errors.json").read_text()
    code = paid(sandbox)["authorization"]["authorization_code"]
    told = charge_card(sandbox, code, email="kofi@example.com").json()["message"]
    assert json.dumps(told) in catalogue
