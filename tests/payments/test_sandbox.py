"""The stand-in for Paystack: its refusals, its page, its webhooks, its memory."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.core.loopback import App, Request, Response, Server, json_response
from payments import sandbox as sandbox_app
from tests.sandboxes import PaystackSandbox

KEY = {"Authorization": "Bearer sk_test_anything"}
ORDER = {"email": "ama@example.com", "amount": 5000, "currency": "GHS"}


def call(sandbox: PaystackSandbox, method: str, path: str, **kwargs: Any) -> requests.Response:
    return requests.request(method, f"{sandbox.url}{path}", timeout=5, **{"headers": KEY, **kwargs})


def initialize(sandbox: PaystackSandbox, **values: Any) -> dict[str, Any]:
    reply = call(sandbox, "POST", "/transaction/initialize", json={**ORDER, **values})
    assert reply.status_code == 200, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def verified(sandbox: PaystackSandbox, reference: str) -> dict[str, Any]:
    data: dict[str, Any] = call(sandbox, "GET", f"/transaction/verify/{reference}").json()["data"]
    return data


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "No Authorization Header was found"),
        ({"Authorization": "sk_test_x"}, "Format is Authorization Bearer [secret key]"),
        ({"Authorization": "Bearer sk_live_x"}, "Invalid key"),
        ({"Authorization": "Bearer pk_test_x"}, "Invalid key"),
    ],
)
@pytest.mark.parametrize("path", ["/transaction/verify/x", "/transaction"])
def test_key_is_needed(sandbox: PaystackSandbox, headers: dict[str, str], message: str, path: str) -> None:
    reply = call(sandbox, "GET", path, headers=headers)
    assert (reply.status_code, reply.json()) == (401, {"status": False, "message": message})


@pytest.mark.parametrize(
    ("values", "message", "code"),
    [
        ({"email": None}, "Email and amount are required", "missing_params"),
        ({"amount": None}, "Email and amount are required", "missing_params"),
        ({"email": "ama"}, "Invalid Email Address Passed", "invalid_params"),
        ({"amount": 50.5}, '"amount" must be an integer', "invalid_params"),
        ({"amount": "50.00"}, '"amount" must be an integer', "invalid_params"),
        ({"amount": True}, '"amount" must be an integer', "invalid_params"),
        ({"amount": 9}, "You must specify a valid amount", "invalid_params"),
        ({"amount": 1_000_000_001}, "You must specify a valid amount", "invalid_params"),
        ({"currency": "NGN"}, "Currency not supported by merchant", "unsupported_currency"),
        ({"reference": "a_b"}, "Invalid character in transaction reference", "invalid_params"),
        ({"reference": "a b"}, "Invalid character in transaction reference", "invalid_params"),
        ({"channels": ["bank"]}, "No active channel", "invalid_params"),
    ],
)
def test_initialize_refuses(
    sandbox: PaystackSandbox, values: dict[str, Any], message: str, code: str
) -> None:
    reply = call(sandbox, "POST", "/transaction/initialize", json={**ORDER, **values})
    assert reply.status_code == 400
    assert (reply.json()["status"], reply.json()["message"], reply.json()["code"]) == (False, message, code)


def test_reference_can_be_used_once(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    reply = call(sandbox, "POST", "/transaction/initialize", json={**ORDER, "reference": reference})
    assert (reply.status_code, reply.json()["code"]) == (400, "duplicate_reference")
    assert verified(sandbox, reference)["status"] == "abandoned"


def test_unknown_reference(sandbox: PaystackSandbox) -> None:
    reply = call(sandbox, "GET", "/transaction/verify/never-seen")
    assert (reply.status_code, reply.json()["code"]) == (400, "transaction_not_found")


def test_list_is_filtered_and_paged(sandbox: PaystackSandbox) -> None:
    mine = [initialize(sandbox)["reference"] for _ in range(3)]
    sandbox.pay(mine[1])
    first = call(sandbox, "GET", "/transaction", params={"perPage": 2, "page": 1}).json()
    second = call(sandbox, "GET", "/transaction", params={"perPage": 2, "page": 2}).json()
    assert [one["reference"] for one in first["data"] + second["data"]][:3] == mine[::-1]
    assert (first["meta"]["perPage"], second["meta"]["skipped"]) == (2, 2)
    paid = call(sandbox, "GET", "/transaction", params={"status": "success"}).json()["data"]
    assert paid[0]["reference"] == mine[1]
    assert {one["status"] for one in paid} == {"success"}
    assert call(sandbox, "GET", "/transaction", params={"page": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("form", "channel", "bank"),
    [
        (
            {"channel": "mobile_money", "network": "vod", "phone": "020 123 4567"},
            "mobile_money",
            "Telecel Cash",
        ),
        ({"channel": "card"}, "card", "TEST BANK"),
    ],
)
def test_checkout_approves_and_sends_the_buyer_back(
    sandbox: PaystackSandbox, form: dict[str, str], channel: str, bank: str
) -> None:
    data = initialize(sandbox, callback_url="https://shop.example/back?a=1")
    page = requests.get(data["authorization_url"], timeout=5)
    assert "GH₵ 50.00" in page.text
    reply = requests.post(
        data["authorization_url"], data={**form, "outcome": "approve"}, timeout=5, allow_redirects=False
    )
    reference = data["reference"]
    if form.get("network") == "vod":
        assert "voucher code" in reply.text
        wrong = requests.post(data["authorization_url"], data={"otp": "000000"}, timeout=5)
        assert (wrong.status_code, "That code is not right" in wrong.text) == (400, True)
        reply = requests.post(
            data["authorization_url"], data={"otp": "123456"}, timeout=5, allow_redirects=False
        )
    assert reply.status_code == 303
    assert reply.headers["Location"] == (
        f"https://shop.example/back?a=1&trxref={reference}&reference={reference}"
    )
    paid = verified(sandbox, reference)
    assert (paid["status"], paid["channel"], paid["fees"]) == ("success", channel, 98)
    assert paid["authorization"]["bank"] == bank
    assert paid["authorization"]["reusable"] is (channel == "card")
    assert len(sandbox.deliveries(reference)) == 1
    assert "was paid" in requests.get(data["authorization_url"], timeout=5).text
    requests.post(
        data["authorization_url"], data={**form, "outcome": "decline"}, timeout=5, allow_redirects=False
    )
    assert verified(sandbox, reference)["status"] == "success"
    assert len(sandbox.deliveries(reference)) == 1


@pytest.mark.parametrize("outcome", ["decline", "timeout"])
def test_checkout_refused_can_be_tried_again(sandbox: PaystackSandbox, outcome: str) -> None:
    data = initialize(sandbox)
    form = {"channel": "mobile_money", "network": "mtn", "phone": "0551234987"}
    page = requests.post(data["authorization_url"], data={**form, "outcome": outcome}, timeout=5)
    assert "did not go through" in page.text
    assert verified(sandbox, data["reference"])["status"] == "failed"
    assert sandbox.deliveries(data["reference"]) == []
    page = requests.post(data["authorization_url"], data={**form, "outcome": "approve"}, timeout=5)
    assert "was paid" in page.text
    assert verified(sandbox, data["reference"])["status"] == "success"


@pytest.mark.parametrize(
    "form",
    [
        {"channel": "mobile_money", "network": "mtn", "phone": "12345", "outcome": "approve"},
        {"channel": "mobile_money", "network": "glo", "phone": "0551234987", "outcome": "approve"},
        {"channel": "bank", "outcome": "approve"},
        {"channel": "card", "outcome": "maybe"},
        {},
    ],
)
def test_checkout_says_what_is_wrong(sandbox: PaystackSandbox, form: dict[str, str]) -> None:
    data = initialize(sandbox)
    page = requests.post(data["authorization_url"], data=form, timeout=5)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert verified(sandbox, data["reference"])["status"] == "abandoned"


def test_checkout_offers_only_the_channels_asked_for(sandbox: PaystackSandbox) -> None:
    data = initialize(sandbox, channels=["mobile_money"])
    assert 'value="card"' not in requests.get(data["authorization_url"], timeout=5).text
    form = {"channel": "card", "outcome": "approve"}
    assert requests.post(data["authorization_url"], data=form, timeout=5).status_code == 400


def test_page_quotes_what_it_was_given(sandbox: PaystackSandbox) -> None:
    data = initialize(sandbox, email="<b>@x.co", callback_url='https://x.co/?"><script>')
    page = requests.get(data["authorization_url"], timeout=5).text
    assert "<b>@" not in page
    assert "<script>" not in page


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Request]]]:
    """Somebody who takes webhooks, refusing the first."""
    taken: list[Request] = []
    app = App()

    @app.post("/hook")
    def hook(request: Request) -> Response:
        taken.append(request)
        return json_response({}, 500 if len(taken) == 1 else 200)

    with Server({"/shop": app}) as server:
        yield f"{server.url}/shop/hook", taken


def wait_for(taken: list[Request], count: int) -> None:
    until = time.monotonic() + 10
    while len(taken) < count and time.monotonic() < until:
        time.sleep(0.02)
    assert len(taken) == count


def test_webhooks_are_signed_repeated_and_retried(
    sandbox: PaystackSandbox, receiver: tuple[str, list[Request]]
) -> None:
    url, taken = receiver
    sandbox.script(webhook_url=url, webhook_copies=3, webhook_delay_s=0.1)
    reference = initialize(sandbox)["reference"]
    sandbox.pay(reference)
    wait_for(taken, 4)  # three copies, one of them twice
    assert len({one.body for one in taken}) == 1
    body = taken[0].body
    expected = hmac.new(b"sk_test_anything", body, hashlib.sha512).hexdigest()
    assert {one.headers["x-paystack-signature"] for one in taken} == {expected}
    message = json.loads(body)
    assert (message["event"], message["data"]["reference"]) == ("charge.success", reference)
    assert message["data"] == {**verified(sandbox, reference), "plan": {}}


def test_lost_webhooks_are_not_sent_but_can_be_sent_again(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    sandbox.script(lose_webhooks=True)
    sandbox.pay(reference)
    assert sandbox.deliveries(reference) == []
    sandbox.script(lose_webhooks=False)
    assert call(sandbox, "POST", f"/_sandbox/webhook/{reference}").json()["message"] == "3 sent"
    assert len(sandbox.deliveries(reference)) == 3


@pytest.mark.parametrize(
    "values",
    [
        {"unheard": 1},
        {"webhook_copies": "3"},
        {"webhook_copies": 1.5},
        {"tamper": []},
        {"fail_next": "explode"},
        {"webhook_url": "https://elsewhere.example/hook"},
    ],
)
def test_script_refuses_what_it_does_not_know(sandbox: PaystackSandbox, values: dict[str, Any]) -> None:
    before = call(sandbox, "GET", "/_sandbox/script").json()
    assert call(sandbox, "POST", "/_sandbox/script", json=values).status_code == 400
    assert call(sandbox, "GET", "/_sandbox/script").json() == before


def test_faults_are_counted_and_aimed(sandbox: PaystackSandbox) -> None:
    sandbox.script(fail_next="500", fail_calls=2, fail_path="/transaction/verify")
    reference = initialize(sandbox)["reference"]
    statuses = [call(sandbox, "GET", f"/transaction/verify/{reference}").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_rate_limit_looks_like_theirs(sandbox: PaystackSandbox) -> None:
    sandbox.script(fail_next="429")
    reply = call(sandbox, "GET", "/transaction/verify/x")
    assert (reply.status_code, reply.json()["code"]) == (429, "rate_limited")
    assert reply.headers["x-ratelimit-reset"] == "1"


def test_pay_button_refuses_nonsense(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    for values in ({"outcome": "x"}, {"channel": "x"}, {"network": "x"}):
        assert call(sandbox, "POST", f"/_sandbox/pay/{reference}", json=values).status_code == 400
    assert call(sandbox, "POST", "/_sandbox/pay/never-seen").status_code == 404
    assert verified(sandbox, reference)["status"] == "abandoned"


def test_paid_at_once_from_many_sides_is_paid_once(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    threads = [threading.Thread(target=sandbox.pay, args=(reference,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.deliveries(reference)) == 1


def test_restarted_sandbox_remembers(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    with Server({"/paystack": sandbox_app.build(state_file=file)}) as server:
        url = f"{server.url}/paystack/transaction/initialize"
        data = requests.post(url, json=ORDER, headers=KEY, timeout=5).json()["data"]
    with Server({"/paystack": sandbox_app.build(state_file=file)}) as server:
        url = f"{server.url}/paystack/transaction/verify/{data['reference']}"
        assert requests.get(url, headers=KEY, timeout=5).json()["data"]["amount"] == 5000


def test_command_refuses_production(settings: Settings) -> None:
    settings.SIKA_ENV = "production"
    with pytest.raises(CommandError, match="does not run with SIKA_ENV=production"):
        call_command("sandbox", "--port", "0", "--state", "")


def test_command_says_when_the_port_is_taken(sandbox: PaystackSandbox) -> None:
    port = sandbox.url.split(":")[2].split("/")[0]
    with pytest.raises(CommandError, match=f"Port {port} can't be used .* choose one with --port"):
        call_command("sandbox", "--port", port, "--state", "")
