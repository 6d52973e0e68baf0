"""The stand-in for Paystack: what it can be told to do wrong, and its webhooks."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import requests

from tests.sandboxes import PaystackSandbox

from .test_sandbox import KEY, ORDER, Request, call, initialize, receiver, verified, wait_for  # noqa: F401
from .test_sandbox_money import events, paid, refund

HOOK = tuple[str, list[Request]]

# Fault → the status it answers with, 0 for no answer at all, and whether the work was done.
ANSWERS = {
    "400": (400, False),
    "401": (401, False),
    "403": (403, False),
    "404": (404, False),
    "422": (422, False),
    "429": (429, False),
    "500": (500, False),
    "502": (502, False),
    "timeout": (0, False),
    "drop": (0, False),
    "garbage": (200, False),
    "envelope": (200, False),
    "huge": (200, False),
    "slow": (200, True),
    "drip": (200, True),
    "landed": (0, True),
    "landed-500": (500, True),
    "landed-timeout": (0, True),
}


def answer(sandbox: PaystackSandbox, method: str, path: str, **kwargs: Any) -> int:
    try:
        return call(sandbox, method, path, **kwargs).status_code
    except requests.ConnectionError:
        return 0


@pytest.mark.parametrize("fault", ANSWERS)
def test_what_each_fault_answers_and_leaves_behind(sandbox: PaystackSandbox, fault: str) -> None:
    sandbox.script(timeout_s=0.1, slow_s=0.1, drip_s=0.001)
    sandbox.faults([{"path": "/transaction/initialize", "method": "POST", "fault": fault}])
    reference = f"fault.{fault}.{time.time_ns()}"
    order = {**ORDER, "reference": reference}
    status, is_done = ANSWERS[fault]
    assert answer(sandbox, "POST", "/transaction/initialize", json=order) == status
    assert [(one["fault"], one["answer"]) for one in sandbox.calls()] == [(fault, status)]
    assert call(sandbox, "GET", f"/transaction/verify/{reference}").status_code == (200 if is_done else 400)


def test_an_answer_that_drips_is_whole(sandbox: PaystackSandbox) -> None:
    reference = initialize(sandbox)["reference"]
    sandbox.faults([{"fault": "drip", "seconds": 0.0005}])
    assert call(sandbox, "GET", f"/transaction/verify/{reference}").json()["data"]["reference"] == reference


def test_a_huge_answer_is_json_of_eight_megabytes(sandbox: PaystackSandbox) -> None:
    sandbox.faults([{"fault": "huge"}])
    reply = call(sandbox, "GET", "/transaction")
    assert (len(reply.content) > 8_000_000, reply.json()["status"]) == (True, True)


def test_planned_faults_are_used_up_in_order(sandbox: PaystackSandbox) -> None:
    sandbox.faults(
        [
            {"path": "/transaction/verify", "fault": "429", "times": 2},
            {"path": "/transaction/verify", "fault": "500"},
            {"path": "/transaction", "exact": True, "fault": "403"},
            {"method": "POST", "fault": "401"},
        ]
    )
    assert [answer(sandbox, "GET", "/transaction/verify/x") for _ in range(4)] == [429, 429, 500, 400]
    assert [answer(sandbox, "GET", "/transaction") for _ in range(2)] == [403, 200]
    assert [answer(sandbox, "POST", "/transaction/initialize", json=ORDER) for _ in range(2)] == [401, 200]
    assert call(sandbox, "GET", "/_sandbox/script").json()["faults"] == []


def test_a_rate_limit_says_how_long(sandbox: PaystackSandbox) -> None:
    sandbox.script(rate_limit_reset=41)
    sandbox.faults([{"fault": "429"}])
    reply = call(sandbox, "GET", "/transaction")
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    assert [reply.headers[name] for name in names] == ["100", "0", "41"]
    assert reply.json() == {
        "status": False,
        "message": "Rate limit exceeded!",
        "meta": {"nextStep": "Wait a few minutes and try the API call again"},
        "type": "api_error",
        "code": "rate_limited",
    }


@pytest.mark.parametrize(
    "plans",
    [
        {"fault": "500"},
        ["500"],
        [{"fault": "explode"}],
        [{"path": "/x"}],
        [{"fault": "500", "times": 0}],
        [{"fault": "500", "times": True}],
        [{"fault": "500", "seconds": -1}],
        [{"fault": "500", "often": 2}],
        [{"fault": "500", "path": 3}],
    ],
)
def test_plans_that_are_refused_change_nothing(sandbox: PaystackSandbox, plans: Any) -> None:
    sandbox.faults([{"fault": "500"}])
    assert call(sandbox, "POST", "/_sandbox/faults", json=plans).status_code == 400
    assert call(sandbox, "GET", "/_sandbox/script").json()["faults"] == [{"fault": "500"}]


@pytest.mark.parametrize(
    "values",
    [
        {"card_charge": "maybe"},
        {"refunds_end": "lost"},
        {"webhook_form": "xml"},
        {"webhook_copies": -1},
        {"webhook_copies": True},
        {"prompt_seconds": "long"},
        {"webhook_delays": {"charge.success": -1}},
        {"lose_events": [1]},
        {"settlements": [1]},
        {"otp": 1},
    ],
)
def test_values_that_are_refused(sandbox: PaystackSandbox, values: dict[str, Any]) -> None:
    reply = call(sandbox, "POST", "/_sandbox/script", json=values)
    assert (reply.status_code, next(iter(values)) in reply.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    "path", ["script", "pay/x", "phone/x", "status/x", "refund/1", "dispute/x", "dispute/1/decide"]
)
def test_buttons_want_a_json_object(sandbox: PaystackSandbox, path: str) -> None:
    for data in (b"[1]", b"{", b'"x"'):
        assert call(sandbox, "POST", f"/_sandbox/{path}", data=data).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [{"Host": "shop.example"}, {"Origin": "https://shop.example"}, {"Origin": "http://127.0.0.1:1"}],
)
def test_only_this_machine_presses_buttons(sandbox: PaystackSandbox, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", "script"),
        ("POST", "reset"),
        ("GET", "deliveries"),
        ("POST", ""),
        ("GET", ""),
    ):
        assert call(sandbox, method, f"/_sandbox/{path}", headers=headers).status_code == 403


# --- webhooks -------------------------------------------------------------------------------------------


def test_events_in_disorder(sandbox: PaystackSandbox) -> None:
    sandbox.script(webhook_disorder=3)
    one = paid(sandbox)
    assert sandbox.deliveries(one["reference"]) == []
    refund(sandbox, transaction=one["id"], amount=100)
    assert events(sandbox, one["reference"]) == ["refund.processing", "refund.pending", "charge.success"]
    sandbox.release()
    assert events(sandbox, one["reference"])[3:] == ["refund.processed"]


def test_held_events_are_released_backwards(sandbox: PaystackSandbox, receiver: HOOK) -> None:  # noqa: F811
    url, taken = receiver
    sandbox.script(webhook_url=url, webhook_hold=True, refunds_end="pending")
    one = paid(sandbox)
    refund(sandbox, transaction=one["id"])
    assert (taken, sandbox.deliveries(one["reference"])) == ([], [])
    sandbox.release("backwards")
    wait_for(taken, 3)  # the receiver refuses the first, which comes again at the end
    assert [json.loads(one.body)["event"] for one in taken] == [
        "refund.pending",
        "charge.success",
        "refund.pending",
    ]


def test_events_are_lost_by_name_and_by_count(sandbox: PaystackSandbox) -> None:
    sandbox.script(lose_events=["refund.pending"], lose_next=1)
    one = paid(sandbox)
    refund(sandbox, transaction=one["id"], amount=100)
    assert events(sandbox, one["reference"]) == ["refund.processing", "refund.processed"]


def test_an_event_of_one_name_is_late(sandbox: PaystackSandbox, receiver: HOOK) -> None:  # noqa: F811
    url, taken = receiver
    taken.append(Request("POST", "", "", {}, b""))  # so that none is refused
    sandbox.script(webhook_url=url, webhook_delays={"charge.success": 0.3}, refunds_end="pending")
    refund(sandbox, transaction=paid(sandbox)["id"])
    wait_for(taken, 3)
    assert [json.loads(one.body)["event"] for one in taken[1:]] == ["refund.pending", "charge.success"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("right", True), ("forged", False), ("upper", False), ("missing", None), ("empty", "")],
)
def test_signatures(
    sandbox: PaystackSandbox,
    receiver: HOOK,  # noqa: F811
    kind: str,
    expected: Any,
) -> None:
    url, taken = receiver
    taken.append(Request("POST", "", "", {}, b""))
    sandbox.script(webhook_url=url, webhook_signature=kind)
    paid(sandbox)
    wait_for(taken, 2)
    signature = taken[1].headers.get("x-paystack-signature")
    right = hmac.new(b"sk_test_anything", taken[1].body, hashlib.sha512).hexdigest()
    assert (signature == right) is expected if isinstance(expected, bool) else signature == expected
    assert (kind != "upper") or signature == right.upper()


def test_another_key_signs(sandbox: PaystackSandbox) -> None:
    sandbox.script(webhook_key="sk_test_the_one_before")
    one = paid(sandbox)
    [sent] = sandbox.deliveries(one["reference"])
    right = hmac.new(b"sk_test_the_one_before", sent["body"].encode(), hashlib.sha512).hexdigest()
    assert sent["signature"] == right


@pytest.mark.parametrize(
    ("form", "content_type", "start", "end"),
    [
        ("plain", "application/json", b'{"event":"', b"}}"),
        ("pretty", "application/json", b'{\n  "event": "', b"\n}"),
        ("escaped", "application/json", b'{"event":"', b"}}"),
        ("unicode", "application/json", b'{"event":"', b"}}"),
        ("newline", "application/json", b'{"event":"', b"}}\n"),
        ("text", "text/plain", b'{"event":"', b"}}"),
        ("form", "application/x-www-form-urlencoded", b'{"event":"', b"}}"),
        ("charset", "application/json; charset=utf-8", b'{"event":"', b"}}"),
    ],
)
def test_odd_bodies_are_still_signed(
    sandbox: PaystackSandbox,
    receiver: HOOK,  # noqa: F811
    form: str,
    content_type: str,
    start: bytes,
    end: bytes,
) -> None:
    url, taken = receiver
    taken.append(Request("POST", "", "", {}, b""))
    sandbox.script(webhook_url=url, webhook_form=form)
    one = paid(sandbox, metadata={"note": "Adwoa's café/bar"})
    wait_for(taken, 2)
    body = taken[1].body
    assert (body.startswith(start), body.endswith(end)) == (True, True)
    assert taken[1].headers["content-type"] == content_type
    assert json.loads(body)["data"]["metadata"] == one["metadata"]
    assert (b"caf\\u00e9" in body, b"\\/bar" in body) == (form != "unicode", form == "escaped")
    right = hmac.new(b"sk_test_anything", body, hashlib.sha512).hexdigest()
    assert taken[1].headers["x-paystack-signature"] == right
