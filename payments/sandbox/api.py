"""The endpoints that a Paystack client calls, with Paystack's shapes and refusals."""

import json
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from config.core.loopback import App, Drop, Handler, Request, Response, json_response

from .script import Script, error
from .store import Store, Transaction

_REFERENCE = re.compile(r"[A-Za-z0-9.=-]{1,100}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CHANNELS = {"card", "mobile_money"}


def register(app: App, store: Store, script: Script) -> None:
    @app.post("/transaction/initialize")
    @guarded(script)
    def initialize(request: Request, key: str) -> Response:
        values = body(request)
        if values is None:
            return error(400, "Invalid JSON body", "invalid_params")
        problem = refusal(values)
        if problem is not None:
            return problem
        transaction = new(values, key, request.base_url)
        if not store.add(transaction):
            again = "Try and create the Transaction or Charge with a new reference"
            return error(400, "Duplicate Transaction Reference", "duplicate_reference", again)
        data = {
            "authorization_url": f"{request.base_url}/checkout/{transaction.access_code}",
            "access_code": transaction.access_code,
            "reference": transaction.reference,
        }
        return json_response({"status": True, "message": "Authorization URL created", "data": data})

    @app.get("/transaction/verify/{reference}")
    @guarded(script)
    def verify(request: Request, key: str) -> Response:
        transaction = store.by_reference(request.params["reference"])
        if transaction is None:
            return error(400, "Transaction reference not found", "transaction_not_found")
        data = {**view(transaction), **script.tamper}
        return json_response({"status": True, "message": "Verification successful", "data": data})

    @app.get("/transaction")
    @guarded(script)
    def transactions(request: Request, key: str) -> Response:
        found = [one for one in store.newest_first() if _wanted(one, request.query)]
        rows = [{**view(one), "plan": {}} for one in found]
        volume = sum(one.amount for one in found if one.status == "success")
        return page(request, rows, "Transactions retrieved", total_volume=volume)


def guarded(script: Script) -> Callable[[Callable[[Request, str], Response]], Handler]:
    """Notes the request, shows the fault it has been told to show, and wants a test key."""

    def decorate(handler: Callable[[Request, str], Response]) -> Handler:
        def guarded(request: Request) -> Response:
            seen = {"method": request.method, "path": request.path, "query": request.query}
            script.requests.append({**seen, "body": body(request)})
            fault = script.take_fault(request)
            if fault == "slow":
                time.sleep(script.slow_s)
            elif fault and fault != "landed":
                return script.show(fault)
            header = request.headers.get("authorization", "")
            if not header:
                return json_response({"status": False, "message": "No Authorization Header was found"}, 401)
            scheme, _, key = header.partition(" ")
            if scheme != "Bearer":
                message = "Format is Authorization Bearer [secret key]"
                return json_response({"status": False, "message": message}, 401)
            if not key.startswith("sk_test_"):
                return json_response({"status": False, "message": "Invalid key"}, 401)
            response = handler(request, key)
            if fault == "landed":
                raise Drop
            return response

        return guarded

    return decorate


def body(request: Request) -> dict[str, Any] | None:
    try:
        values = request.json()
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def refusal(values: dict[str, Any]) -> Response | None:
    amount, reference = values.get("amount"), values.get("reference")
    channels, currency = values.get("channels"), values.get("currency")
    if not values.get("email") or amount is None:
        return error(400, "Email and amount are required", "missing_params")
    if not isinstance(values["email"], str) or not _EMAIL.fullmatch(values["email"]):
        return error(400, "Invalid Email Address Passed", "invalid_params")
    if whole(amount) is None:
        return error(400, '"amount" must be an integer', "invalid_params")
    if not 10 <= (whole(amount) or 0) <= 10_000_000 * 100:
        return error(400, "You must specify a valid amount", "invalid_params")
    if currency not in (None, "GHS"):
        return error(400, "Currency not supported by merchant", "unsupported_currency")
    if reference is not None and not (isinstance(reference, str) and _REFERENCE.fullmatch(reference)):
        return error(400, "Invalid character in transaction reference", "invalid_params")
    if channels is not None and not (isinstance(channels, list) and channels and set(channels) <= _CHANNELS):
        return error(400, "No active channel", "invalid_params")
    return None


def whole(amount: Any) -> int | None:
    if isinstance(amount, str) and amount.isascii() and amount.isdigit():
        return int(amount)
    return amount if isinstance(amount, int) and not isinstance(amount, bool) else None


def new(values: dict[str, Any], key: str, base_url: str) -> Transaction:
    return Transaction(
        reference=values.get("reference") or secrets.token_hex(8),
        access_code=secrets.token_hex(8),
        key=key,
        id=time.time_ns() // 1000,  # never the same again, not even after the state was thrown away
        email=values["email"],
        amount=whole(values["amount"]) or 0,
        currency="GHS",
        callback_url=str(values.get("callback_url") or ""),
        channels=list(values.get("channels") or ["card", "mobile_money"]),
        metadata=values.get("metadata") or "",
        created_at=timestamp(),
    )


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def view(one: Transaction) -> dict[str, Any]:
    """A transaction as verify, the list and webhooks show it."""
    nobody = dict.fromkeys(["first_name", "last_name", "phone", "metadata", "international_format_phone"])
    customer = {"id": one.id % 1_000_000, "email": one.email, "customer_code": f"CUS_{one.access_code}"}
    return {
        "id": one.id,
        "domain": "test",
        "status": one.status,
        "reference": one.reference,
        "receipt_number": None,
        "amount": one.amount,
        "message": one.message,
        "gateway_response": one.gateway_response,
        "paid_at": one.paid_at,
        "created_at": one.created_at,
        "channel": one.channel,
        "currency": one.currency,
        "ip_address": "127.0.0.1",
        "metadata": one.metadata,
        "log": None,
        "fees": one.fees,
        "fees_split": None,
        "authorization": one.authorization,
        "customer": {**nobody, **customer, "risk_action": "default"},
        "plan": None,
        "split": {},
        "order_id": None,
        "paidAt": one.paid_at,
        "createdAt": one.created_at,
        "requested_amount": one.amount,
        "pos_transaction_data": None,
        "source": None,
        "fees_breakdown": None,
        "connect": None,
        "transaction_date": one.created_at,
        "plan_object": {},
        "subaccount": {},
    }


def _wanted(one: Transaction, query: dict[str, str]) -> bool:
    if "status" in query and one.status != query["status"]:
        return False
    if "from" in query and one.created_at < query["from"]:
        return False
    return not ("to" in query and one.created_at > query["to"])


def page(request: Request, found: list[Any], message: str, **more: Any) -> Response:
    """By page and perPage, or by cursor: `next` is the number of the first row that follows."""
    asked_size = request.query.get("perPage") or request.query.get("per_page") or "50"
    asked_page = request.query.get("page", "1")
    if not (asked_size.isdigit() and asked_page.isdigit() and int(asked_size) and int(asked_page)):
        return error(400, "perPage and page must be positive integers", "invalid_params")
    size = int(asked_size)
    if request.query.get("use_cursor") == "true":
        start = int(request.query.get("next") or 0)
        rows, end = found[start : start + size], start + size
        meta = {"next": str(end) if end < len(found) else None, "previous": None, "perPage": size}
        return json_response({"status": True, "message": message, "data": rows, "meta": meta})
    start = (int(asked_page) - 1) * size
    meta = {
        "total": len(found),
        "skipped": start,
        "perPage": size,
        "page": int(asked_page),
        "pageCount": -(-len(found) // size),
        **more,
    }
    return json_response(
        {"status": True, "message": message, "data": found[start : start + size], "meta": meta}
    )


def webhook_body(event: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"event": event, "data": data}, separators=(",", ":")).encode()
