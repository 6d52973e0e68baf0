"""Opening a transaction, asking what became of it, and the list of all."""

import re
import secrets
from typing import Any

from config.core.loopback import App, Request, Response

from .answers import (
    bad_dates,
    bad_page,
    between,
    body,
    cursor,
    error,
    from_cursor,
    ok,
    paging,
    size_and_page,
    timestamp,
    whole,
)
from .guard import Guard
from .script import Script
from .store import Store, Transaction, customer_id

_REFERENCE = re.compile(r"[A-Za-z0-9.=-]{1,100}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CHANNELS = ("card", "mobile_money")
# What the list can be asked for, and how SQLite finds it.
_FILTERS = {
    "status": "json_extract(state, '$.status') = ?",
    "channel": "json_extract(state, '$.channel') = ?",
    "amount": "json_extract(state, '$.amount') = CAST(? AS INTEGER)",
    "customer": "customer_id(json_extract(state, '$.email')) = CAST(? AS INTEGER)",
    "customer_code": "'CUS_' || printf('%09d', customer_id(json_extract(state, '$.email'))) = ?",
}
_DATES = "json_extract(state, '$.created_at') BETWEEN ? AND ?"
_OLDER = "json_extract(state, '$.id') < ?"


def register(app: App, store: Store, script: Script, guarded: Guard) -> None:
    @app.post("/transaction/initialize")
    @guarded
    def initialize(request: Request, key: str) -> Response:
        values = body(request)
        if values is None:
            return error(400, "Invalid JSON body", "invalid_params")
        problem = refusal(values)
        if problem is not None:
            return problem
        one = new(store, values, key)
        if not store.add(one):
            return duplicate()
        url = f"{request.base_url}/checkout/{one.access_code}"
        data = {"authorization_url": url, "access_code": one.access_code, "reference": one.reference}
        return ok("Authorization URL created", data)

    @app.get("/transaction/verify/{reference}")
    @guarded
    def verify(request: Request, key: str) -> Response:
        one = store.by_reference(request.params["reference"])
        if one is None:
            return error(400, "Transaction reference not found", "transaction_not_found")
        return ok("Verification successful", {**view(one), **script.tamper})

    @app.get("/transaction")
    @guarded
    def listed(request: Request, key: str) -> Response:
        return _listed(store, request)

    @app.get("/transaction/totals")
    @guarded
    def totals(request: Request, key: str) -> Response:
        try:
            total, volume = store.count(_DATES, list(between(request.query)))
        except ValueError:
            return bad_dates()
        data = {
            "total_transactions": total,
            "total_volume": volume,
            "total_volume_by_currency": [{"currency": "GHS", "amount": volume}],
            "pending_transfers": 0,
            "pending_transfers_by_currency": [{"currency": "GHS", "amount": 0}],
        }
        return ok("Transaction totals", data)

    @app.get("/transaction/{id}")
    @guarded
    def fetch(request: Request, key: str) -> Response:
        one = store.by_id(request.params["id"])
        if one is None:
            return error(404, "Transaction not found", "transaction_not_found")
        return ok("Transaction retrieved", view(one))


def refusal(values: dict[str, Any]) -> Response | None:
    """Why no transaction can be opened with these, or None."""
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
    is_known = isinstance(channels, list) and channels and all(one in _CHANNELS for one in channels)
    if channels is not None and not is_known:
        return error(400, "No active channel", "invalid_params")
    return None


def duplicate(message: str = "Duplicate Transaction Reference") -> Response:
    again = "Try and create the Transaction or Charge with a new reference"
    return error(400, message, "duplicate_reference", again)


def new(store: Store, values: dict[str, Any], key: str) -> Transaction:
    """From values without a `refusal`; not added yet."""
    return Transaction(
        reference=values.get("reference") or secrets.token_hex(8),
        access_code=secrets.token_hex(8),
        key=key,
        id=store.next_id(),
        email=values["email"],
        amount=whole(values["amount"]) or 0,
        currency="GHS",
        callback_url=str(values.get("callback_url") or ""),
        channels=list(values.get("channels") or _CHANNELS),
        metadata=values.get("metadata") or "",
        created_at=timestamp(),
    )


def customer(email: str) -> dict[str, Any]:
    nobody = dict.fromkeys(("first_name", "last_name", "phone", "metadata", "international_format_phone"))
    number = customer_id(email)
    return {
        **nobody,
        "id": number,
        "email": email,
        "customer_code": f"CUS_{number:09}",
        "risk_action": "default",
    }


def view(one: Transaction) -> dict[str, Any]:
    """A transaction as verify, the list and webhooks show it."""
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
        "customer": customer(one.email),
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


def _listed(store: Store, request: Request) -> Response:
    query, asked = request.query, size_and_page(request.query)
    if asked is None:
        return bad_page()
    try:
        values: list[Any] = [*between(query)]
    except ValueError:
        return bad_dates()
    wanted = {name: query[name] for name in _FILTERS if query.get(name)}
    where = " AND ".join([_DATES, *(_FILTERS[name] for name in wanted)])
    values += wanted.values()
    if query.get("use_cursor") == "true":
        return _by_cursor(store, where, values, asked[0], query.get("next", ""))
    found = store.find(where, values, limit=asked[0], offset=(asked[1] - 1) * asked[0])
    total, volume = store.count(where, values)
    meta = {**paging(total, *asked), "total_volume": volume}
    return ok("Transactions retrieved", list(map(_row, found)), meta=meta)


def _by_cursor(store: Store, where: str, values: list[Any], size: int, after: str) -> Response:
    """Rows that come in meanwhile neither repeat nor hide others: the cursor is the last row's id."""
    if after:
        last_id = from_cursor(after)
        if last_id is None:
            return error(400, "next is not a cursor", "invalid_params")
        where, values = f"{where} AND {_OLDER}", [*values, last_id]
    found = store.find(where, values, limit=size + 1)
    rows, is_more = found[:size], len(found) > size
    meta = {"next": cursor(rows[-1].id) if is_more else None, "previous": None, "perPage": size}
    return ok("Transactions retrieved", list(map(_row, rows)), meta=meta)


def _row(one: Transaction) -> dict[str, Any]:
    return {**view(one), "plan": {}}
