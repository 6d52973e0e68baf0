"""Refunds: queued, and moved through their five states by the script or by hand."""

from typing import Any

from config.core.loopback import App, Request, Response

from . import card_list, outcomes, transactions
from .answers import body, error, ok, page, timestamp, whole
from .delivery import Deliveries
from .guard import Guard
from .script import Script
from .store import Store, Transaction

_COUNTED = ("pending", "processing", "processed", "needs-attention")
_TOO_MUCH = "Refund amount cannot be greater than the transaction amount"
_WRONG_STATE = 'Invalid Refund state, refund status should be "needs-attention"'


def register(app: App, store: Store, script: Script, deliveries: Deliveries, guarded: Guard) -> None:
    @app.post("/refund")
    @guarded
    def create(request: Request, key: str) -> Response:
        values = body(request) or {}
        wanted = str(values.get("transaction", ""))
        one = store.by_reference(wanted) or store.by_id(wanted)
        if one is None:
            return error(404, "Transaction not found", "transaction_not_found")
        left = one.amount - refunded(store, one)
        amount = whole(values.get("amount", left))
        problem = _refusal(script, one, left, amount, values.get("currency"))
        if problem is not None or amount is None:
            return problem or error(400, "Invalid amount passed.", "invalid_params")
        row = _new(store, one, amount, values)
        deliveries.send_data("refund.pending", one, webhook(row, one))
        shown = {**transactions.view(one), "subaccount": {"currency": None}}
        answer = {**view(row, one), "transaction": shown, "fully_deducted": False}
        card = card_list.CARDS.get(one.card) if one.channel == "card" else None
        _go_on(store, deliveries, row, (card.refunds_end if card else "") or script.refunds_end)
        return ok("Refund has been queued for processing", answer)

    @app.get("/refund")
    @guarded
    def listed(request: Request, key: str) -> Response:
        wanted = {name: request.query[name] for name in ("transaction", "currency") if name in request.query}
        rows = [row for row in store.all("refund") if all(str(row[name]) == wanted[name] for name in wanted)]
        shown = [_row(row, one) for row in rows if (one := store.by_reference(row["reference"]))]
        failed = sum(row["status"] == "failed" for row in rows)
        return page(request, shown, "Refunds retrieved", failedRefundCount=failed)

    @app.get("/refund/{id}")
    @guarded
    def fetch(request: Request, key: str) -> Response:
        row, one = _find(store, request.params["id"])
        if row is None or one is None:
            return error(404, "Refund not found", "not_found")
        return ok("Refund retrieved", view(row, one))

    @app.post("/refund/retry_with_customer_details/{id}")
    @guarded
    def retry(request: Request, key: str) -> Response:
        row, one = _find(store, request.params["id"])
        if row is None or one is None:
            return error(404, "Refund not found", "not_found")
        if row["status"] != "needs-attention":
            return error(422, _WRONG_STATE, "invalid_params")
        account = (body(request) or {}).get("refund_account_details")
        needed = ("currency", "account_number", "bank_id")
        if not isinstance(account, dict) or not all(account.get(name) for name in needed):
            return error(400, f"refund_account_details must have {', '.join(needed)}", "missing_params")
        moved = move(store, deliveries, str(row["id"]), "processing") or row
        answer = {**view(moved, one), "fully_deducted": True, "reason": "PROCESSING"}
        return ok("Refund retried and has been queued for processing", answer)


def move(store: Store, deliveries: Deliveries, refund_id: str, status: str) -> dict[str, Any] | None:
    """To another state, with its webhook. When all of it was given back, the transaction is reversed."""
    with store.lock:
        row, one = _find(store, refund_id)
        if row is None or one is None:
            return None
        row |= {"status": status, "updated_at": timestamp()}
        row["refunded_at"] = timestamp() if status == "processed" else None
        store.put("refund", refund_id, row)
        outcomes.reverse_or_not(store, one)
        deliveries.send_data(f"refund.{status}", one, webhook(row, one))
    return row


def refunded(store: Store, one: Transaction) -> int:
    """Given back or on its way, in pesewas."""
    rows = store.all("refund")
    return sum(
        row["amount"] for row in rows if row["reference"] == one.reference and row["status"] in _COUNTED
    )


def view(row: dict[str, Any], one: Transaction) -> dict[str, Any]:
    is_done = row["status"] == "processed"
    return {
        "integration": 100043,
        "transaction": row["transaction"],
        "dispute": None,
        "settlement": None,
        "id": row["id"],
        "domain": "test",
        "currency": row["currency"],
        "amount": row["amount"],
        "status": row["status"],
        "refunded_at": row.get("refunded_at"),
        "refunded_by": "shop@example.com",
        "expected_at": row["created_at"],
        "customer_note": row["customer_note"],
        "merchant_note": row["merchant_note"],
        "deducted_amount": row["amount"] if is_done else 0,
        "fully_deducted": is_done,
        "createdAt": row["created_at"],
        "updatedAt": row.get("updated_at", row["created_at"]),
        "bank_reference": None,
        "transaction_reference": one.reference,
        "reason": "",
        "customer": transactions.customer(one.email),
        "refund_type": "full" if row["amount"] == one.amount else "partial",
        "transaction_amount": one.amount,
        "initiated_by": "shop@example.com",
        "refund_channel": one.channel,
        "channel": None,
        "reversed_at": None,
        "session_id": None,
        "collect_account_number": False,
    }


def _row(row: dict[str, Any], one: Transaction) -> dict[str, Any]:
    """In the list, dates have both of their spellings, and yes is a number."""
    shown = view(row, one)
    dates = {"created_at": shown["createdAt"], "updated_at": shown["updatedAt"]}
    return {**shown, **dates, "fully_deducted": int(shown["fully_deducted"])}


def webhook(row: dict[str, Any], one: Transaction) -> dict[str, Any]:
    """No id but where it needs attention; the amount as text but there and where it failed."""
    status = row["status"]
    is_open = status in ("pending", "processing")
    data = {
        "status": status,
        "transaction_reference": one.reference,
        "refund_reference": None if is_open else f"TRF_{row['id']}",
        "amount": str(row["amount"]) if is_open or status == "processed" else row["amount"],
        "currency": row["currency"],
        "processor": "instant-transfer",
        "customer": {"first_name": None, "last_name": None, "email": one.email},
        "integration": 100043,
        "domain": "test",
    }
    if status == "needs-attention":
        del data["processor"]
        notes = {name: row[name] for name in ("customer_note", "merchant_note")}
        data |= {"id": str(row["id"]), **notes}
    return data


def _refusal(
    script: Script, one: Transaction, left: int, amount: int | None, currency: Any
) -> Response | None:
    if one.status == "reversed" or (one.status == "success" and left <= 0):
        return error(400, "Transaction has been fully reversed", "invalid_params")
    if one.status != "success":
        return error(400, "Only successful transactions can be refunded", "invalid_params")
    if currency not in (None, one.currency):
        return error(400, "Currency not supported by merchant", "unsupported_currency")
    if amount is None or amount <= 0:
        return error(400, "Invalid amount passed.", "invalid_params")
    if amount > left:
        return error(400, _TOO_MUCH, "invalid_params")
    return error(400, script.refunds_refused, "invalid_params") if script.refunds_refused else None


def _new(store: Store, one: Transaction, amount: int, values: dict[str, Any]) -> dict[str, Any]:
    note = f"Refund for transaction {one.reference}"
    row = {
        "id": store.next_id(),
        "reference": one.reference,
        "transaction": one.id,
        "amount": amount,
        "currency": one.currency,
        "status": "pending",
        "merchant_note": str(values.get("merchant_note") or f"{note} by shop@example.com"),
        "customer_note": str(values.get("customer_note") or note),
        "created_at": timestamp(),
    }
    store.put("refund", str(row["id"]), row)
    return row


def _go_on(store: Store, deliveries: Deliveries, row: dict[str, Any], end: str) -> None:
    """By itself, with the steps in between."""
    if end == "pending":
        return
    for status in ("processing", end) if end != "processing" else ("processing",):
        move(store, deliveries, str(row["id"]), status)


def _find(store: Store, refund_id: str) -> tuple[dict[str, Any] | None, Transaction | None]:
    row = store.get("refund", refund_id)
    return row, store.by_reference(row["reference"]) if row else None
