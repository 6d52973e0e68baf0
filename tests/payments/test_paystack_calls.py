"""Every call the provider can make: its shape against Paystack's document, and what faults make of it."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from config.core.http import OutcomeUnknown
from config.core.loopback import App, Drop, Request, Response, Server, json_response
from payments.errors import CardUnusable, CodeRefused, GatewayUnavailable, PaymentRejected
from payments.providers.base import DirectGateway, DuplicateReference, Evidence
from payments.providers.paystack import Paystack
from payments.types import PaymentMethod

from .test_paystack_contract import CONTRACT, _nullable, document  # noqa: F401 — a fixture

KEY = "sk_test_of_nobody"
REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
MONEY: dict[str, Any] = {
    "reference": REFERENCE,
    "amount_ghs": Decimal("19.99"),
    "email": "ama@example.com",
    "purpose": "credit_purchase",
}

# Method of the provider → how it is called, and what it sends: verb and path in the document's words.
CALLS: dict[str, tuple[Callable[[Paystack], Any], str, str]] = {
    "initialize": (
        lambda gateway: gateway.initialize(
            **MONEY, method=PaymentMethod.PAYSTACK, callback_url="https://shop.example/", save_card=True
        ),
        "post",
        "/transaction/initialize",
    ),
    "verify": (lambda gateway: gateway.verify(reference=REFERENCE), "get", "/transaction/verify/{reference}"),
    "transactions": (
        lambda gateway: list(gateway.transactions(since=NOON, until=NOON)),
        "get",
        "/transaction",
    ),
    "charge_mobile_money": (
        lambda gateway: gateway.charge_mobile_money(**MONEY, phone="0551234987", network="mtn"),
        "post",
        "/charge",
    ),
    "submit_otp": (
        lambda gateway: gateway.submit_otp(reference=REFERENCE, otp="123456"),
        "post",
        "/charge/submit_otp",
    ),
    "check_charge": (lambda gateway: gateway.check_charge(reference=REFERENCE), "get", "/charge/{reference}"),
    "charge_card": (
        lambda gateway: gateway.charge_card(
            **MONEY, card_code="AUTH_of_nobody", callback_url="https://shop.example/"
        ),
        "post",
        "/transaction/charge_authorization",
    ),
    "forget_card": (
        lambda gateway: gateway.forget_card(card_code="AUTH_of_nobody"),
        "post",
        "/customer/authorization/deactivate",
    ),
    "refund": (
        lambda gateway: gateway.refund(
            transaction_id="41", amount_ghs=Decimal("7.50"), refund_id="r-1", reason="not needed"
        ),
        "post",
        "/refund",
    ),
    "refunds": (lambda gateway: gateway.refunds(transaction_id="41"), "get", "/refund"),
    "retry_refund": (
        lambda gateway: gateway.retry_refund(refund_id="7", account_number="0011223344", bank_id="9"),
        "post",
        "/refund/retry_with_customer_details/{id}",
    ),
    "disputes": (lambda gateway: list(gateway.disputes(since=NOON, until=NOON)), "get", "/dispute"),
    "dispute": (lambda gateway: gateway.dispute(dispute_id="7"), "get", "/dispute/{id}"),
    "add_evidence": (
        lambda gateway: gateway.add_evidence(
            dispute_id="7", evidence=Evidence("ama@example.com", "Ama", "0551234987", "100 credits")
        ),
        "post",
        "/dispute/{id}/evidence",
    ),
    "upload": (
        lambda gateway: gateway.upload(dispute_id="7", filename="used.pdf", content=b"%PDF"),
        "get",
        "/dispute/{id}/upload_url",
    ),
    "resolve_dispute": (
        lambda gateway: gateway.resolve_dispute(
            dispute_id="7",
            accept=False,
            message="The credits were used",
            refund_ghs=Decimal(0),
            uploaded_filename="used.pdf",
            evidence_id="3",
        ),
        "put",
        "/dispute/{id}/resolve",
    ),
    "settlements": (lambda gateway: list(gateway.settlements(since=NOON, until=NOON)), "get", "/settlement"),
}
WRITES = sorted(name for name, (_, verb, _) in CALLS.items() if verb != "get")
READS = sorted(set(CALLS) - set(WRITES))
# In the reference text and not in the OpenAPI file.
IN_THE_TEXT = {
    "/charge": {"currency"},
    "/refund": {"transaction"},
    "/dispute/{id}/upload_url": {"upload_filename"},
    "/settlement": {"from", "to"},
}


class Recorder:
    """Answers everything with `answer`, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[], Response] = lambda: json_response({"status": True, "data": {}})
        app = App()
        for verb in ("GET", "POST", "PUT"):
            for depth in range(1, 5):
                app.route(verb, "".join(f"/{{p{part}}}" for part in range(depth)))(self._note)
        self.server = Server({"/paystack": app})

    def _note(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()
    with found.server:
        yield found


@pytest.fixture
def gateway(recorder: Recorder) -> Paystack:
    return Paystack(base_url=f"{recorder.server.url}/paystack", secret_key=KEY, read_seconds=0.4)


def test_every_call_is_here() -> None:
    reading_only = {"signed_with", "without_secrets", "read_event", "read_refund", "read_dispute"}
    methods = {name for name, _ in inspect.getmembers(DirectGateway, inspect.isfunction) if name[0] != "_"}
    assert sorted(CALLS) == sorted(methods - reading_only)


@pytest.mark.skipif(not CONTRACT.is_dir(), reason="no copy of Paystack's contract beside the project")
@pytest.mark.parametrize("name", sorted(CALLS))
def test_request_shape(
    document: dict[str, Any],  # noqa: F811
    recorder: Recorder,
    gateway: Paystack,
    name: str,
) -> None:
    call, verb, path = CALLS[name]
    with pytest.raises(GatewayUnavailable) if name in _UNREADABLE else _nothing():
        call(gateway)
    asked = recorder.asked[0]
    assert asked.method == verb.upper()
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked.path)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    operation = document["paths"][path][verb]
    declared = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
    for query, value in asked.query.items():
        if query not in IN_THE_TEXT.get(path, set()):
            _check_query(declared[query], value)
    if verb == "get":
        assert asked.body == b""
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(asked.json(), _nullable({**schema, "components": document["components"]}))
    assert set(asked.json()) - IN_THE_TEXT.get(path, set()) <= _properties(document, schema)


_UNREADABLE = {"initialize", "upload", "transactions", "disputes", "settlements", "refunds"}


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def _check_query(schema: dict[str, Any], value: str) -> None:
    if schema["type"] == "integer":
        assert value.isdigit()
    elif schema["type"] == "boolean":
        assert value in ("true", "false")
    elif schema.get("format") == "date-time":
        assert datetime.fromisoformat(value).tzinfo is not None
    else:
        assert value


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:  # noqa: F811
    if "$ref" in schema:
        return _properties(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    own = set(schema.get("properties", {}))
    return own.union(*(_properties(document, part) for part in schema.get("allOf", [])))


def test_money_is_whole_pesewas_and_the_phone_is_local(recorder: Recorder, gateway: Paystack) -> None:
    CALLS["charge_mobile_money"][0](gateway)
    assert recorder.asked[0].json() == {
        "email": "ama@example.com",
        "amount": 1999,
        "currency": "GHS",
        "reference": REFERENCE,
        "mobile_money": {"phone": "0551234987", "provider": "mtn"},
        "metadata": {"purpose": "credit_purchase"},
    }


def error(status: int, message: str, code: str = "") -> Callable[[], Response]:
    headers = {"x-ratelimit-reset": "41"} if status == 429 or code == "rate_limited" else {}
    return lambda: json_response({"status": False, "message": message, "code": code}, status, headers)


def drop() -> Response:
    raise Drop


def drip() -> Response:
    def slowly() -> Iterator[bytes]:
        import time

        for _ in range(40):
            yield b" "
            time.sleep(0.05)

    return Response(slowly())


FAULTS: dict[str, Callable[[], Response]] = {
    "400": error(400, "Something is wrong"),
    "400 rate": error(400, "Rate limit exceeded!", "rate_limited"),
    "401": error(401, "Invalid key"),
    "403": error(403, "Not permitted"),
    "422": error(422, "Wrong state"),
    "429": error(429, "Rate limit exceeded!", "rate_limited"),
    "500": error(500, "An error occurred"),
    "502": lambda: Response(b"<html>", 502),
    "drop": drop,
    "drip": drip,
    "garbage": lambda: Response(b"<html>ok</html>"),
    "other shape": lambda: json_response([1]),
    "huge": lambda: Response(b" " * 5_100_000),
}
UNKNOWN = {"500", "502", "drop", "drip", "huge"}  # after a write: it may have happened
REFUSED = {"400", "422"}
MOVES_MONEY = {"charge_mobile_money", "charge_card", "submit_otp", "refund"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITES)
def test_write_is_sent_once_whatever_comes_back(
    recorder: Recorder, gateway: Paystack, name: str, fault: str
) -> None:
    recorder.answer = FAULTS[fault]
    expected: type[Exception] = GatewayUnavailable
    unreadable = fault in ("garbage", "other shape") and name in MOVES_MONEY
    if fault in UNKNOWN or unreadable:
        expected = OutcomeUnknown  # a refund that was answered with 200 was taken
    elif fault in REFUSED:
        expected = PaymentRejected
    if name == "forget_card" and fault == "400":
        CALLS[name][0](gateway)  # it is not known there: forgotten
    else:
        if name == "forget_card" and fault == "422":
            expected = GatewayUnavailable
        with pytest.raises(expected) as no:
            CALLS[name][0](gateway)
        if "rate" in fault or fault == "429":
            assert no.value.data["retry_after"] == 41  # type: ignore[attr-defined]
    assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("name", "fault"),
    [("verify", fault) for fault in FAULTS]
    + [(name, fault) for name in READS if name != "verify" for fault in ("400", "400 rate", "garbage")],
)
def test_read_says_unavailable_or_not_found(
    recorder: Recorder, gateway: Paystack, name: str, fault: str
) -> None:
    recorder.answer = FAULTS[fault]
    if name == "check_charge" and fault == "400":
        assert gateway.check_charge(reference=REFERENCE).state.value == "not_found"
    else:
        with pytest.raises((GatewayUnavailable, PaymentRejected)):
            CALLS[name][0](gateway)
    assert 1 <= len(recorder.asked) <= 3


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Provided registration token is invalid", CodeRefused),
        ("Too many attempts. You have to wait for 10 minutes", CodeRefused),
        ("Transaction reference is invalid", PaymentRejected),
    ],
)
def test_refused_code(recorder: Recorder, gateway: Paystack, message: str, expected: type[Exception]) -> None:
    recorder.answer = error(400, message)
    with pytest.raises(expected) as refused:
        gateway.submit_otp(reference=REFERENCE, otp="864209")
    assert "864209" not in f"{refused.value!r} {refused.value.__dict__}"


@pytest.mark.parametrize(
    "message",
    [
        "This authorization is not reusable",
        "Authorization code does not exist or has been deactivated",
        "Email does not match Authorization code. Authorization may be inactive or belong to a different"
        " email.",
    ],
)
def test_card_that_cannot_be_charged(recorder: Recorder, gateway: Paystack, message: str) -> None:
    recorder.answer = error(400, message)
    with pytest.raises(CardUnusable) as refused:
        CALLS["charge_card"][0](gateway)
    assert "AUTH_" not in f"{refused.value!r} {refused.value.__dict__}"


@pytest.mark.parametrize("name", ["initialize", "charge_mobile_money", "charge_card"])
def test_reference_used_before(recorder: Recorder, gateway: Paystack, name: str) -> None:
    recorder.answer = error(400, "Duplicate Transaction Reference", "duplicate_reference")
    with pytest.raises(DuplicateReference):
        CALLS[name][0](gateway)


def test_cursor_that_does_not_move_ends(recorder: Recorder, gateway: Paystack) -> None:
    page = {"status": True, "data": [{"reference": "a", "status": "success"}], "meta": {"next": "same"}}
    recorder.answer = lambda: json_response(page)
    assert len(list(gateway.transactions(since=NOON, until=NOON))) == 2
    assert [one.query.get("next") for one in recorder.asked] == [None, "same"]


@pytest.mark.parametrize(
    "signed_url", ["http://files.example/x", "ftp://127.0.0.1/x", "javascript:alert(1)", "", None]
)
def test_file_goes_to_a_safe_place_only(
    recorder: Recorder, gateway: Paystack, signed_url: str | None
) -> None:
    data = {"signedUrl": signed_url, "fileName": "f"}
    recorder.answer = lambda: json_response({"status": True, "data": data})
    with pytest.raises(GatewayUnavailable):
        CALLS["upload"][0](gateway)
    assert [one.method for one in recorder.asked] == ["GET"]


def test_file_is_put_without_our_key(recorder: Recorder, gateway: Paystack) -> None:
    data = {"signedUrl": f"{recorder.server.url}/paystack/files/f", "fileName": "f"}
    recorder.answer = lambda: json_response({"status": True, "data": data})
    assert CALLS["upload"][0](gateway) == "f"
    put = recorder.asked[1]
    assert (put.method, put.path, put.body) == ("PUT", "/files/f", b"%PDF")
    assert "authorization" not in put.headers
