"""What every call sends, against Paystack's own document where a copy lies beside the project."""

import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema
import pytest

from config.core.loopback import Request, Response
from payments.providers.base import DirectGateway
from payments.providers.paystack import Paystack

from .paystack_line import CALLS, CARD_CODE, KEY, OTP, REFERENCE, Answer, Line, ok
from .test_paystack_contract import CONTRACT, _nullable, document  # noqa: F401 — a fixture

# In the reference text and not in the OpenAPI file.
IN_THE_TEXT = {
    "/charge": {"currency"},
    "/refund": {"transaction"},
    "/dispute/{id}/upload_url": {"upload_filename"},
    "/settlement": {"from", "to"},
    "/transaction": {"perPage"},
}
LISTS = {"transactions", "refunds", "disputes", "settlements"}


def sensible(name: str, line: Line) -> Answer:
    """Lists of two pages, a place for the file, and a little of everything else."""
    page = _two_pages()

    def answer(request: Request) -> Response:
        if name in LISTS:
            return next(page)
        if name == "upload" and request.method == "GET":
            return ok({"signedUrl": f"{line.url}/files/f", "fileName": "f"})
        url = "https://checkout.paystack.com/x"
        return ok({"id": 1, "reference": REFERENCE, "status": "pending", "authorization_url": url})

    return answer


def _two_pages() -> Iterator[Response]:
    for number, cursor in ((1, "c2"), (2, None)):
        row = {"id": number, "status": "pending", "transaction": 41}
        yield ok([row], {"next": cursor, "page": number, "pageCount": 2})


def test_every_call_is_here() -> None:
    not_calls = {"signed_with", "without_secrets", "read_event", "read_refund", "read_dispute"}
    promised = {name for name, _ in inspect.getmembers(DirectGateway, inspect.isfunction) if name[0] != "_"}
    offered = {name for name, _ in inspect.getmembers(Paystack, inspect.isfunction) if name[0] != "_"}
    assert sorted(CALLS) == sorted(promised - not_calls)
    assert offered == promised | {"close"}


@pytest.mark.skipif(not CONTRACT.is_dir(), reason="no copy of Paystack's contract beside the project")
@pytest.mark.parametrize("name", sorted(CALLS))
def test_request_shape(
    document: dict[str, Any],  # noqa: F811
    line: Line,
    paystack: Paystack,
    name: str,
) -> None:
    call, verb, path = CALLS[name]
    line.answer = sensible(name, line)
    call(paystack)
    asked = [request for request in line.asked if not request.path.startswith("/files/")]
    assert len(asked) == (2 if name in LISTS else 1)
    assert len(line.asked) == (2 if name in LISTS or name == "upload" else 1)
    for request in asked:
        assert request.method == verb.upper()
        assert request.headers["authorization"] == f"Bearer {KEY}"
        _check_path(document, path, verb, request.path)
        _check_query(document, path, verb, request.query)
        _check_body(document, path, verb, request)


def _check_path(document: dict[str, Any], path: str, verb: str, asked: str) -> None:  # noqa: F811
    found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), asked)
    assert found is not None
    declared = [*document["paths"][path].get("parameters", []), *_parameters(document, path, verb)]
    kinds = {one["name"]: one["schema"]["type"] for one in declared if one["in"] == "path"}
    assert sorted(kinds) == sorted(found.groupdict())
    for name, value in found.groupdict().items():
        assert value.isdigit() or kinds[name] == "string"


def _check_query(document: dict[str, Any], path: str, verb: str, asked: dict[str, str]) -> None:  # noqa: F811
    declared = {one["name"]: one for one in _parameters(document, path, verb) if one["in"] == "query"}
    assert {name for name, one in declared.items() if one.get("required")} <= set(asked)
    for name in set(asked) - IN_THE_TEXT.get(path, set()):
        _check_value(declared[name]["schema"], asked[name])


def _parameters(document: dict[str, Any], path: str, verb: str) -> list[dict[str, Any]]:  # noqa: F811
    found: list[dict[str, Any]] = document["paths"][path][verb].get("parameters", [])
    return found


def _check_value(schema: dict[str, Any], value: str) -> None:
    if schema["type"] == "integer":
        assert value.isdigit()
    elif schema["type"] == "boolean":
        assert value in ("true", "false")
    elif schema.get("format") == "date-time":
        assert datetime.fromisoformat(value).tzinfo is not None
    else:
        assert value


def _check_body(document: dict[str, Any], path: str, verb: str, asked: Request) -> None:  # noqa: F811
    if verb == "get":
        assert asked.body == b""
        return
    schema = document["paths"][path][verb]["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(asked.json(), _nullable({**schema, "components": document["components"]}))
    assert asked.headers["content-type"] == "application/json"
    assert set(asked.json()) - IN_THE_TEXT.get(path, set()) <= _properties(document, schema)


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:  # noqa: F811
    if "$ref" in schema:
        return _properties(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    own = set(schema.get("properties", {}))
    return own.union(*(_properties(document, part) for part in schema.get("allOf", [])))


METADATA = '{"purpose": "credit_purchase", "cancel_action": "https://shop.example/"}'
BODIES: dict[str, dict[str, Any]] = {
    "initialize": {
        "email": "ama@example.com",
        "amount": 1999,
        "currency": "GHS",
        "reference": REFERENCE,
        "channels": ["card", "mobile_money"],
        "callback_url": "https://shop.example/",
        "metadata": {"purpose": "credit_purchase", "custom_filters": {"recurring": True}},
    },
    "charge_mobile_money": {
        "email": "ama@example.com",
        "amount": 1999,
        "currency": "GHS",
        "reference": REFERENCE,
        "mobile_money": {"phone": "0551234987", "provider": "mtn"},
        "metadata": {"purpose": "credit_purchase"},
    },
    "submit_otp": {"otp": OTP, "reference": REFERENCE},
    "charge_card": {
        "email": "ama@example.com",
        "amount": 1999,
        "currency": "GHS",
        "reference": REFERENCE,
        "authorization_code": CARD_CODE,
        "metadata": METADATA,
    },
    "forget_card": {"authorization_code": CARD_CODE},
    "refund": {
        "transaction": "41",
        "amount": 750,
        "currency": "GHS",
        "customer_note": "Refund of a payment",
        "merchant_note": "r-1",
    },
    "retry_refund": {
        "refund_account_details": {"currency": "GHS", "account_number": "0011223344", "bank_id": "9"}
    },
    "add_evidence": {
        "customer_email": "ama@example.com",
        "customer_name": "Ama",
        "customer_phone": "0551234987",
        "service_details": "100 credits",
    },
    "resolve_dispute": {
        "resolution": "declined",
        "message": "The credits were used",
        "refund_amount": 0,
        "uploaded_filename": "used.pdf",
        "evidence": 3,
    },
}
SPAN = {"from": "2027-01-31T12:00:00+00:00", "to": "2027-02-01T12:00:00+00:00"}
CURSOR = {"per_page": "100", "perPage": "100", "use_cursor": "true"}
QUERIES: dict[str, list[dict[str, str]]] = {
    "verify": [{}],
    "check_charge": [{}],
    "dispute": [{}],
    "upload": [{"upload_filename": "used.pdf"}, {}],
    "transactions": [{**SPAN, **CURSOR}, {**SPAN, **CURSOR, "next": "c2"}],
    "refunds": [{"transaction": "41", "perPage": "50", "page": page} for page in ("1", "2")],
    "disputes": [{**SPAN, "perPage": "100", "page": page} for page in ("1", "2")],
    "settlements": [{**SPAN, "perPage": "100", "page": page} for page in ("1", "2")],
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_is_sent(line: Line, paystack: Paystack, name: str) -> None:
    """Whole pesewas; the reason of a refund stays here; our own id goes along."""
    line.answer = sensible(name, line)
    CALLS[name][0](paystack)
    if name in BODIES:
        assert [request.json() for request in line.asked] == [BODIES[name]]
    else:
        assert [request.query for request in line.asked] == QUERIES[name]


def test_ids_can_not_lead_elsewhere(line: Line, paystack: Paystack) -> None:
    line.answer = sensible("dispute", line)
    paystack.dispute(dispute_id="../refund/7?x=1")
    paystack.verify(reference="a/b#c")
    assert [(one.path, one.query) for one in line.asked] == [
        ("/dispute/..%2Frefund%2F7%3Fx%3D1", {}),
        ("/transaction/verify/a%2Fb%23c", {}),
    ]
