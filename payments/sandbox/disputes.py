"""Disputes: opened and decided by the script's buttons, answered by the merchant."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from config.core.loopback import App, Request, Response, json_response

from . import api
from .delivery import Deliveries
from .script import Script, error
from .store import Store

RESOLUTIONS = ("merchant-accepted", "auto-accepted", "declined")


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.get("/dispute")
    @api.guarded(script)
    def listed(request: Request, key: str) -> Response:
        wanted = request.query.get("status")
        rows = [row for row in store.all("dispute") if wanted in (None, row["status"])]
        return api.page(request, [view(store, row) for row in rows], "Disputes retrieved")

    @app.get("/dispute/{id}")
    @api.guarded(script)
    def fetch(request: Request, key: str) -> Response:
        row = store.get("dispute", request.params["id"])
        if row is None:
            return error(404, "Dispute not found", "not_found")
        return json_response({"status": True, "message": "Dispute retrieved", "data": view(store, row)})

    @app.get("/dispute/transaction/{id}")
    @api.guarded(script)
    def of_transaction(request: Request, key: str) -> Response:
        one = store.by_id(request.params["id"])
        rows = [row for row in store.all("dispute") if one and row["reference"] == one.reference]
        if not rows:
            return error(404, "Dispute not found", "not_found")
        return json_response({"status": True, "message": "Dispute retrieved", "data": view(store, rows[0])})

    @app.get("/dispute/{id}/upload_url")
    @api.guarded(script)
    def upload_url(request: Request, key: str) -> Response:
        row = store.get("dispute", request.params["id"])
        name = request.query.get("upload_filename", "")
        if row is None or not name:
            return error(404, "Dispute not found", "not_found")
        stored = f"{row['id']}-{name}"
        data = {"signedUrl": f"{request.base_url}/_sandbox/files/{stored}", "fileName": stored}
        return json_response({"status": True, "message": "Upload url generated", "data": data})

    @app.route("PUT", "/_sandbox/files/{name}")
    def upload(request: Request) -> Response:
        store.put("file", request.params["name"], {"bytes": len(request.body)})
        return Response(b"")

    @app.post("/dispute/{id}/evidence")
    @api.guarded(script)
    def evidence(request: Request, key: str) -> Response:
        row, values = store.get("dispute", request.params["id"]), api.body(request) or {}
        if row is None:
            return error(404, "Dispute not found", "not_found")
        needed = ("customer_email", "customer_name", "customer_phone", "service_details")
        missing = [name for name in needed if not values.get(name)]
        if missing:
            return error(400, f"{missing[0]} is required", "missing_params")
        row["evidence"] = {**values, "id": time.time_ns() // 1000, "dispute": row["id"]}
        store.put("dispute", str(row["id"]), row)
        return json_response({"status": True, "message": "Evidence created", "data": row["evidence"]})

    @app.route("PUT", "/dispute/{id}/resolve")
    @api.guarded(script)
    def resolve(request: Request, key: str) -> Response:
        row, values = store.get("dispute", request.params["id"]), api.body(request) or {}
        if row is None:
            return error(404, "Dispute not found", "not_found")
        resolution, amount = values.get("resolution"), api.whole(values.get("refund_amount"))
        missing = [name for name in ("message", "uploaded_filename") if not values.get(name)]
        if resolution not in ("merchant-accepted", "declined") or amount is None or missing:
            return error(400, "resolution, message, refund_amount and uploaded_filename are required")
        if amount > row["amount"]:
            return error(400, "Refund amount cannot be greater than initial amount", "invalid_params")
        if row["status"] == "resolved":
            return error(400, "Dispute has already been resolved", "invalid_params")
        if resolution == "merchant-accepted":
            done = decide(store, deliveries, str(row["id"]), "merchant-accepted") or row
        else:
            row["status"] = "awaiting-bank-feedback"  # the bank has the last word: see `decide`
            store.put("dispute", str(row["id"]), row)
            done = row
        message = "Dispute successfully resolved"
        return json_response({"status": True, "message": message, "data": view(store, done)})


def open_dispute(
    store: Store, deliveries: Deliveries, reference: str, amount: int | None, category: str
) -> dict[str, Any] | None:
    one = store.by_reference(reference)
    if one is None:
        return None
    row = {
        "id": time.time_ns() // 1000,
        "reference": reference,
        "amount": one.amount if amount is None else amount,
        "status": "awaiting-merchant-feedback",
        "resolution": None,
        "category": category,
        "evidence": None,
        "created_at": api.timestamp(),
        "due_at": _stamp(datetime.now(UTC) + timedelta(hours=48)),
        "resolved_at": None,
    }
    store.put("dispute", str(row["id"]), row)
    deliveries.send_data("charge.dispute.create", one, view(store, row))
    return row


def remind(store: Store, deliveries: Deliveries, dispute_id: str) -> dict[str, Any] | None:
    row = store.get("dispute", dispute_id)
    one = store.by_reference(row["reference"]) if row else None
    if row is None or one is None:
        return None
    deliveries.send_data("charge.dispute.remind", one, view(store, row))
    return row


def decide(store: Store, deliveries: Deliveries, dispute_id: str, resolution: str) -> dict[str, Any] | None:
    row = store.get("dispute", dispute_id)
    one = store.by_reference(row["reference"]) if row else None
    if row is None or one is None:
        return None
    row |= {"status": "resolved", "resolution": resolution, "resolved_at": api.timestamp()}
    store.put("dispute", dispute_id, row)
    if resolution != "declined" and row["amount"] >= one.amount:
        store.change(one.reference, _reverse)
    deliveries.send_data("charge.dispute.resolve", one, view(store, row))
    return row


def view(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    one = store.by_reference(row["reference"])
    return {
        "id": row["id"],
        "refund_amount": row["amount"],
        "currency": "GHS",
        "status": row["status"],
        "resolution": row["resolution"],
        "domain": "test",
        "transaction": {**api.view(one), "plan": {}} if one else {},
        "transaction_reference": None,
        "category": row["category"],
        "customer": {"email": one.email if one else ""},
        "bin": None,
        "last4": None,
        "dueAt": row["due_at"],
        "resolvedAt": row["resolved_at"],
        "evidence": row["evidence"],
        "attachments": "",
        "note": None,
        "history": [{"status": row["status"], "by": "demo@test.co", "createdAt": row["created_at"]}],
        "messages": [
            {"sender": "demo@test.co", "body": "I did not buy this", "createdAt": row["created_at"]}
        ],
        "createdAt": row["created_at"],
        "updatedAt": api.timestamp(),
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _reverse(one: Any) -> bool:
    one.status = "reversed"
    return True
