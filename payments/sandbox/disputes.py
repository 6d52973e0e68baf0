"""Disputes: opened and decided by the script's buttons, answered by the merchant."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from config.core.loopback import App, Request, Response

from . import dispute_views, outcomes
from .answers import bad_dates, between, body, error, ok, page, timestamp, whole
from .delivery import Deliveries
from .dispute_views import view
from .guard import Guard
from .store import Store

RESOLUTIONS = ("merchant-accepted", "auto-accepted", "declined")
STATES = ("awaiting-merchant-feedback", "awaiting-bank-feedback", "pending", "resolved", "archived")
_ANSWER_WITHIN = timedelta(hours=48)
_EVIDENCE = ("customer_email", "customer_name", "customer_phone", "service_details")


def register(app: App, store: Store, deliveries: Deliveries, guarded: Guard) -> None:
    def known(handler: Any) -> Any:
        """Hands over the dispute of this id, or says that there is none."""

        def with_row(request: Request, key: str) -> Response:
            row = store.get("dispute", request.params["id"])
            return handler(request, row) if row else _unknown()

        return guarded(with_row)

    @app.get("/dispute")
    @guarded
    def listed(request: Request, key: str) -> Response:
        try:
            since, until = between(request.query)
        except ValueError:
            return bad_dates()
        rows = [row for row in store.all("dispute") if since <= row["created_at"] <= until]
        for name, column in (("status", "status"), ("transaction", "transaction")):
            wanted = request.query.get(name)
            rows = [row for row in rows if wanted in (None, str(row[column]))]
        return page(request, [view(store, row) for row in rows], "Disputes retrieved")

    @app.get("/dispute/transaction/{id}")
    @guarded
    def of_transaction(request: Request, key: str) -> Response:
        wanted = request.params["id"]
        row = next((row for row in store.all("dispute") if str(row["transaction"]) == wanted), None)
        return ok("Dispute retrieved", view(store, row)) if row else _unknown()

    @app.get("/dispute/{id}")
    @known
    def fetch(request: Request, row: dict[str, Any]) -> Response:
        return ok("Dispute retrieved", view(store, row))

    @app.route("PUT", "/dispute/{id}")
    @known
    def update(request: Request, row: dict[str, Any]) -> Response:
        values = body(request) or {}
        problem = _amount_refusal(row, values)
        if problem is not None:
            return problem
        row["amount"] = whole(values["refund_amount"])
        _put(store, row)
        return ok("Dispute updated successfully", view(store, row))

    @app.get("/dispute/{id}/upload_url")
    @known
    def upload_url(request: Request, row: dict[str, Any]) -> Response:
        if not request.query.get("upload_filename"):
            return error(400, "upload_filename is required", "missing_params")
        name, signature = secrets.token_hex(10), secrets.token_hex(16)
        store.put("file", name, {"dispute": row["id"], "signature": signature, "bytes": None})
        url = f"{request.base_url}/_sandbox/files/{name}?X-Signature={signature}"
        return ok("Upload url generated", {"signedUrl": url, "fileName": name})

    @app.route("PUT", "/_sandbox/files/{name}")
    def upload(request: Request) -> Response:
        name = request.params["name"]
        file = store.get("file", name)
        if file is None or file["signature"] != request.query.get("X-Signature"):
            return Response(b"<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        store.put("file", name, {**file, "bytes": len(request.body)})
        return Response(b"")

    @app.post("/dispute/{id}/evidence")
    @known
    def evidence(request: Request, row: dict[str, Any]) -> Response:
        values = body(request) or {}
        missing = [name for name in _EVIDENCE if not values.get(name)]
        if missing:
            return error(400, f"{missing[0]} is required", "missing_params")
        given = {name: values.get(name) for name in (*_EVIDENCE, "delivery_address", "delivery_date")}
        stamps = {"createdAt": timestamp(), "updatedAt": timestamp()}
        row["evidence"] = {**given, "dispute": row["id"], "id": store.next_id(), **stamps}
        _put(store, row)
        return ok("Evidence created", row["evidence"])

    @app.route("PUT", "/dispute/{id}/resolve")
    @known
    def resolve(request: Request, row: dict[str, Any]) -> Response:
        values = body(request) or {}
        problem = _resolve_refusal(row, values)
        if problem is not None:
            return problem
        done = _answer(store, deliveries, row, values)
        return ok(
            "Dispute successfully resolved", dispute_views.resolved(store, done, str(values["message"]))
        )


def open_dispute(
    store: Store, deliveries: Deliveries, reference: str, amount: int | None, category: str
) -> dict[str, Any] | None:
    """None unless the transaction was paid."""
    with store.lock:
        one = store.by_reference(reference)
        if one is None or one.status != "success":
            return None
        row = {
            "id": store.next_id(),
            "transaction": one.id,
            "reference": reference,
            "amount": one.amount if amount is None else min(amount, one.amount),
            "first_amount": one.amount if amount is None else min(amount, one.amount),
            "status": "awaiting-merchant-feedback",
            "resolution": None,
            "category": category,
            "evidence": None,
            "created_at": timestamp(),
            "updated_at": timestamp(),
            "due_at": timestamp(datetime.now(UTC) + _ANSWER_WITHIN),
            "resolved_at": None,
        }
        store.put("dispute", str(row["id"]), row)
        deliveries.send_data("charge.dispute.create", one, dispute_views.webhook(one, row))
    return row


def remind(store: Store, deliveries: Deliveries, dispute_id: str) -> dict[str, Any] | None:
    return _tell(store, deliveries, dispute_id, "charge.dispute.remind", {})


def decide(store: Store, deliveries: Deliveries, dispute_id: str, resolution: str) -> dict[str, Any] | None:
    """The last word. Unless it is declined, the money goes back to the payer."""
    values = {"status": "resolved", "resolution": resolution, "resolved_at": timestamp()}
    return _tell(store, deliveries, dispute_id, "charge.dispute.resolve", values)


def _tell(
    store: Store, deliveries: Deliveries, dispute_id: str, event: str, values: dict[str, Any]
) -> dict[str, Any] | None:
    with store.lock:
        row = store.get("dispute", dispute_id)
        one = store.by_reference(row["reference"]) if row else None
        if row is None or one is None:
            return None
        row |= values
        _put(store, row)
        outcomes.reverse_or_not(store, one)
        now = store.by_reference(row["reference"]) or one
        deliveries.send_data(event, one, dispute_views.webhook(now, row))
    return row


def _answer(
    store: Store, deliveries: Deliveries, row: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    row["message"], row["file"] = str(values["message"]), str(values["uploaded_filename"])
    if values["resolution"] == "merchant-accepted":
        row["amount"] = whole(values["refund_amount"])
        _put(store, row)
        return decide(store, deliveries, str(row["id"]), "merchant-accepted") or row
    row["status"] = "awaiting-bank-feedback"  # the bank has the last word: see `decide`
    _put(store, row)
    return row


def _put(store: Store, row: dict[str, Any]) -> None:
    row["updated_at"] = timestamp()
    store.put("dispute", str(row["id"]), row)


def _resolve_refusal(row: dict[str, Any], values: dict[str, Any]) -> Response | None:
    missing = [name for name in ("resolution", "message", "uploaded_filename") if not values.get(name)]
    if missing:
        return error(400, f"{missing[0]} is required", "missing_params")
    if values["resolution"] not in ("merchant-accepted", "declined"):
        return error(400, "resolution must be merchant-accepted or declined", "invalid_params")
    problem = _amount_refusal(row, values)
    if problem is None and row["status"] == "resolved":
        return error(400, "Dispute has already been resolved", "invalid_params")
    return problem


def _amount_refusal(row: dict[str, Any], values: dict[str, Any]) -> Response | None:
    amount = whole(values.get("refund_amount"))
    if amount is None:
        return error(400, "refund_amount is required", "missing_params")
    if amount > row["first_amount"]:
        return error(400, "Refund amount cannot be greater than initial amount", "invalid_params")
    return None


def _unknown() -> Response:
    return error(404, "Dispute not found", "not_found")
