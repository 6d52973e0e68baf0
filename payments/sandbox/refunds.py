"""Refunds: queued, and moved through their five states by the script or by hand."""

import time
from typing import Any

from config.core.loopback import App, Request, Response, json_response

from . import api
from .delivery import Deliveries
from .script import Script, error
from .store import Store, Transaction

_ENDS = {"4084080000671803": "failed", "4084080000671902": "needs-attention"}
STATES = ("pending", "processing", "processed", "failed", "needs-attention")


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.post("/refund")
    @api.guarded(script)
    def create(request: Request, key: str) -> Response:
        values = api.body(request) or {}
        wanted = str(values.get("transaction", ""))
        one = store.by_reference(wanted) or store.by_id(wanted)
        if one is None:
            return error(404, "Transaction not found", "transaction_not_found")
        if one.status == "reversed":
            return error(400, "Transaction has been fully reversed", "invalid_params")
        if one.status != "success":
            return error(400, "Transaction was not successful", "invalid_params")
        amount = api.whole(values.get("amount", one.amount))
        if amount is None or not 0 < amount <= one.amount - refunded(store, one):
            return error(400, "Refund amount cannot be greater than the transaction amount", "invalid_params")
        row = {
            "id": time.time_ns() // 1000,
            "reference": one.reference,
            "transaction": one.id,
            "amount": amount,
            "currency": one.currency,
            "status": "pending",
            "merchant_note": str(values.get("merchant_note", "")),
            "customer_note": str(values.get("customer_note", "")),
            "created_at": api.timestamp(),
        }
        store.put("refund", str(row["id"]), row)
        deliveries.send_data("refund.pending", one, webhook(row, one))
        answer = {**view(row), "transaction": {**api.view(one)}}
        end = _ENDS.get(one.card, script.refunds_end)
        if end in STATES and end != "pending":
            move(store, deliveries, str(row["id"]), end)
        message = "Refund has been queued for processing"
        return json_response({"status": True, "message": message, "data": answer})

    @app.get("/refund")
    @api.guarded(script)
    def listed(request: Request, key: str) -> Response:
        wanted = request.query.get("transaction")
        rows = [row for row in store.all("refund") if wanted in (None, str(row["transaction"]))]
        return api.page(request, [view(row) for row in rows], "Refunds retrieved")

    @app.get("/refund/{id}")
    @api.guarded(script)
    def fetch(request: Request, key: str) -> Response:
        row = store.get("refund", request.params["id"])
        if row is None:
            return error(404, "Refund not found", "not_found")
        return json_response({"status": True, "message": "Refund retrieved", "data": view(row)})

    @app.post("/refund/retry_with_customer_details/{id}")
    @api.guarded(script)
    def retry(request: Request, key: str) -> Response:
        row = store.get("refund", request.params["id"])
        if row is None:
            return error(404, "Refund not found", "not_found")
        if row["status"] != "needs-attention":
            message = 'Invalid Refund state, refund status should be "needs-attention"'
            return error(422, message, "invalid_params")
        moved = move(store, deliveries, str(row["id"]), "processing")
        message = "Refund retried and has been queued for processing"
        return json_response({"status": True, "message": message, "data": view(moved or row)})


def move(store: Store, deliveries: Deliveries, refund_id: str, status: str) -> dict[str, Any] | None:
    """To another state, with its webhook; a whole refund that is processed reverses the transaction."""
    row = store.get("refund", refund_id)
    one = store.by_reference(row["reference"]) if row else None
    if row is None or one is None:
        return None
    row["status"] = status
    store.put("refund", refund_id, row)
    if status == "processed" and refunded(store, one, ended=True) >= one.amount:
        store.change(one.reference, _reverse)
    deliveries.send_data(f"refund.{status}", one, webhook(row, one))
    return row


def refunded(store: Store, one: Transaction, *, ended: bool = False) -> int:
    counted = ("processed",) if ended else ("pending", "processing", "processed", "needs-attention")
    return sum(
        row["amount"]
        for row in store.all("refund")
        if row["reference"] == one.reference and row["status"] in counted
    )


def view(row: dict[str, Any]) -> dict[str, Any]:
    done = row["status"] == "processed"
    return {
        "id": row["id"],
        "integration": 100043,
        "domain": "test",
        "transaction": row["transaction"],
        "dispute": None,
        "amount": row["amount"],
        "deducted_amount": str(row["amount"]) if done else 0,
        "currency": row["currency"],
        "channel": None,
        "fully_deducted": 1 if done else 0,
        "refunded_by": "shop@example.com",
        "expected_at": row["created_at"],
        "settlement": None,
        "customer_note": row["customer_note"],
        "merchant_note": row["merchant_note"],
        "createdAt": row["created_at"],
        "updatedAt": api.timestamp(),
        "status": row["status"],
    }


def webhook(row: dict[str, Any], one: Transaction) -> dict[str, Any]:
    """No id but where it needs attention; the amount as text but where it failed."""
    status = row["status"]
    data = {
        "status": status,
        "transaction_reference": one.reference,
        "refund_reference": f"TRF_{row['id']}" if status == "processed" else None,
        "amount": row["amount"] if status == "failed" else str(row["amount"]),
        "currency": row["currency"],
        "processor": "instant-transfer",
        "customer": {"first_name": None, "last_name": None, "email": one.email},
        "integration": 100043,
        "domain": "test",
    }
    if status == "needs-attention":
        data |= {
            "id": str(row["id"]),
            "customer_note": row["customer_note"],
            "merchant_note": row["merchant_note"],
        }
    return data


def _reverse(one: Transaction) -> bool:
    one.status = "reversed"
    return True
