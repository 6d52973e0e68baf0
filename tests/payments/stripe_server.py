"""A small Stripe on loopback: form-encoded in, JSON out, idempotency keys, expansion, cursors, faults."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from config.core.loopback import App, Drop, Request, Response, Server, json_response

SECRET_KEY = "sk_test_not_a_real_key_of_stripe"
WEBHOOK_SECRET = "whsec_not_a_real_secret"


class StripeServer:
    """Its objects, keyed by id, in the order they were made; `requests` is what was asked of it."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.faults: list[str] = []
        self.url = ""
        self._answers: dict[str, tuple[dict[str, str], Response]] = {}
        self._lock = threading.Lock()
        self._number = 0

    # What a buyer does on the page.

    def pay(self, session_id: str, **changes: Any) -> dict[str, Any]:
        """Pays a session; `changes` go into it afterwards. Returns the session."""
        session = self.sessions[session_id]
        intent, charge = self._id("pi"), self._id("ch")
        amount = session["amount_total"]
        self.charges[charge] = {
            "id": charge,
            "object": "charge",
            "amount": amount,
            "amount_refunded": 0,
            "refunded": False,
            "payment_intent": intent,
            "metadata": session["_intent_metadata"],
            "outcome": {"seller_message": "Payment complete."},
            "payment_method_details": {"type": "card"},
            "balance_transaction": {"object": "balance_transaction", "fee": 145, "currency": "ghs"},
        }
        self.intents[intent] = {
            "id": intent,
            "object": "payment_intent",
            "status": "succeeded",
            "latest_charge": charge,
            "last_payment_error": None,
            "metadata": session["_intent_metadata"],
        }
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent, "url": None}
        session |= changes
        return session

    def refund(self, payment_intent: str, amount: int | None = None) -> dict[str, Any]:
        """From the dashboard: all of it, or `amount` pesewas. Still pending."""
        charge = self.charges[self.intents[payment_intent]["latest_charge"]]
        amount = amount or charge["amount"]
        return self._refund(charge, payment_intent, amount, {})

    def give_back(self, payment_intent: str) -> None:
        """A full refund from the dashboard."""
        charge = self.charges[self.intents[payment_intent]["latest_charge"]]
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}

    def dispute(self, payment_intent: str, status: str = "needs_response", **changes: Any) -> dict[str, Any]:
        """The payer's bank wants its money back; `changes` go into what is told of it."""
        charge = self.intents[payment_intent]["latest_charge"]
        dispute_id = self._id("du")
        self.disputes[dispute_id] = {
            "id": dispute_id,
            "object": "dispute",
            "amount": self.charges[charge]["amount"],
            "charge": charge,
            "created": int(time.time()),
            "currency": "ghs",
            "evidence_details": {"due_by": int(time.time()) + 7 * 24 * 3600, "has_evidence": False},
            "livemode": False,
            "metadata": {},
            "payment_intent": payment_intent,
            "reason": "fraudulent",
            "status": status,
            **changes,
        }
        return self.disputes[dispute_id]

    def event(self, name: str, about: dict[str, Any], secret: str = WEBHOOK_SECRET) -> tuple[bytes, str]:
        """The body and the Stripe-Signature of a delivery, signed now."""
        message = {"id": self._id("evt"), "object": "event", "type": name, "livemode": False}
        body = json.dumps({**message, "data": {"object": _shown(about)}}).encode()
        return body, sign(body, secret=secret)

    # What it answers.

    def app(self) -> App:
        app = App()
        for method, path, handler in (
            ("POST", "/v1/checkout/sessions", self._create_session),
            ("GET", "/v1/checkout/sessions", self._list_sessions),
            ("GET", "/v1/checkout/sessions/{id}", self._get_session),
            ("GET", "/v1/payment_intents/search", self._search),
            ("POST", "/v1/refunds", self._create_refund),
            ("GET", "/v1/refunds", self._list_refunds),
            ("GET", "/v1/disputes", self._list_disputes),
            ("GET", "/v1/disputes/{id}", self._get_dispute),
        ):
            app.route(method, path)(self._guarded(handler))
        return app

    def _guarded(self, handler: Any) -> Any:
        def answer(request: Request) -> Response:
            form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            self.requests.append((request.method, request.path, form or request.query, request.headers))
            if request.headers["authorization"] != f"Bearer {SECRET_KEY}":
                return _error(401, "invalid_request_error", "Invalid API Key provided: sk_test_****key")
            fault = self.faults.pop(0) if self.faults else ""
            if fault and fault != "lose_answer":
                return self._fault(fault)
            with self._lock:
                response = self._once(request, form, handler)
            if fault == "lose_answer":
                raise Drop
            return response

        return answer

    def _once(self, request: Request, form: dict[str, str], handler: Any) -> Response:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return handler(request, form)
        if key in self._answers:
            sent, response = self._answers[key]
            if sent != form:
                words = "Keys for idempotent requests can only be used with the same parameters."
                return _error(400, "idempotency_error", words)
            return response
        response = handler(request, form)
        self._answers[key] = (form, response)
        return response

    def _fault(self, fault: str) -> Response:
        if fault == "drop":
            raise Drop
        if fault == "slow":
            time.sleep(1)
            raise Drop
        if fault == "html":
            return Response(b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})
        status, _, wait = fault.partition(":")
        response = _error(int(status), "api_error", f"Fault {status}")
        return replace(response, headers={**response.headers, "Retry-After": wait}) if wait else response

    def _create_session(self, request: Request, form: dict[str, str]) -> Response:
        if "@" not in form["customer_email"]:
            return _error(400, "invalid_request_error", "Invalid email address: nobody", "email_invalid")
        session_id = self._id("cs_test")
        amount = int(form["line_items[0][price_data][unit_amount]"])
        self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": amount * int(form["line_items[0][quantity]"]),
            "client_reference_id": form.get("client_reference_id"),
            "created": int(time.time()),
            "currency": form["line_items[0][price_data][currency]"],
            "livemode": False,
            "metadata": _metadata(form, "metadata"),
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "url": f"https://checkout.stripe.com/c/pay/{session_id}#{'x' * 700}",
            "_intent_metadata": _metadata(form, "payment_intent_data[metadata]"),
        }
        return json_response(_shown(self.sessions[session_id]))

    def _get_session(self, request: Request, form: dict[str, str]) -> Response:
        session = self.sessions.get(request.params["id"])
        if session is None:
            return _error(404, "invalid_request_error", "No such checkout.session", "resource_missing")
        return json_response(self._expanded(session, "payment_intent" in request.query.get("expand[0]", "")))

    def _list_sessions(self, request: Request, form: dict[str, str]) -> Response:
        query = request.query
        created = range(int(query.get("created[gte]", 0)), int(query.get("created[lt]", 1 << 40)))
        found = [
            session
            for session in reversed(self.sessions.values())
            if session["created"] in created
            and query.get("payment_intent", session["payment_intent"]) == session["payment_intent"]
        ]
        is_expanded = query.get("expand[0]", "").startswith("data.payment_intent")
        return _page(found, query, "/v1/checkout/sessions", lambda one: self._expanded(one, is_expanded))

    def _search(self, request: Request, form: dict[str, str]) -> Response:
        wanted = request.query["query"].removeprefix("metadata['reference']:'").removesuffix("'")
        rows = [one for one in self.intents.values() if one["metadata"].get("reference") == wanted]
        body = {"object": "search_result", "url": request.path, "has_more": False, "data": rows[:1]}
        return json_response(body)

    def _create_refund(self, request: Request, form: dict[str, str]) -> Response:
        intent = self.intents.get(form["payment_intent"])
        if intent is None:
            return _error(404, "invalid_request_error", "No such payment_intent", "resource_missing")
        charge = self.charges[intent["latest_charge"]]
        amount = int(form["amount"])
        if amount > charge["amount"] - charge["amount_refunded"]:
            words = "Refund amount is greater than unrefunded amount on charge"
            return _error(400, "invalid_request_error", words)
        return json_response(self._refund(charge, intent["id"], amount, _metadata(form, "metadata")))

    def _refund(
        self, charge: dict[str, Any], intent: str, amount: int, metadata: dict[str, str]
    ) -> dict[str, Any]:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        refund_id = self._id("re")
        self.refunds[refund_id] = {
            "id": refund_id,
            "object": "refund",
            "amount": amount,
            "currency": "ghs",
            "payment_intent": intent,
            "metadata": metadata,
            "status": "pending",
        }
        return self.refunds[refund_id]

    def _list_refunds(self, request: Request, form: dict[str, str]) -> Response:
        intent = request.query["payment_intent"]
        rows = [one for one in reversed(self.refunds.values()) if one["payment_intent"] == intent]
        return _page(rows, request.query, "/v1/refunds")

    def _list_disputes(self, request: Request, form: dict[str, str]) -> Response:
        query = request.query
        created = range(int(query.get("created[gte]", 0)), int(query.get("created[lt]", 1 << 40)))
        rows = [one for one in reversed(self.disputes.values()) if one["created"] in created]
        is_expanded = query.get("expand[0]") == "data.payment_intent"
        return _page(rows, query, "/v1/disputes", lambda one: self._with_intent(one, is_expanded))

    def _get_dispute(self, request: Request, form: dict[str, str]) -> Response:
        found = self.disputes.get(request.params["id"])
        if found is None:
            return _error(404, "invalid_request_error", "No such dispute", "resource_missing")
        return json_response(self._with_intent(found, request.query.get("expand[0]") == "payment_intent"))

    def _with_intent(self, found: dict[str, Any], is_expanded: bool) -> dict[str, Any]:
        return {**found, "payment_intent": self.intents[found["payment_intent"]]} if is_expanded else found

    def _expanded(self, session: dict[str, Any], is_expanded: bool) -> dict[str, Any]:
        intent = self.intents.get(session["payment_intent"] or "")
        if not is_expanded or intent is None:
            return _shown(session)
        charge = self.charges.get(intent["latest_charge"] or "")
        return {**_shown(session), "payment_intent": {**intent, "latest_charge": charge}}

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number:024}"


def sign(body: bytes, *, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """Stripe's scheme, by hand: HMAC-SHA256 of the time, a dot and the body."""
    seconds = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


@contextmanager
def serving() -> Iterator[StripeServer]:
    stripe = StripeServer()
    with Server({"/stripe": stripe.app()}) as server:
        stripe.url = f"{server.url}/stripe"
        yield stripe


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if not name.startswith("_")}


def _metadata(form: dict[str, str], prefix: str) -> dict[str, str]:
    start = f"{prefix}["
    return {name[len(start) : -1]: value for name, value in form.items() if name.startswith(start)}


def _page(
    rows: list[dict[str, Any]], query: dict[str, str], url: str, show: Callable[[Any], Any] = _shown
) -> Response:
    after, limit = query.get("starting_after"), int(query.get("limit", 10))
    start = next((i + 1 for i, row in enumerate(rows) if row["id"] == after), 0)
    page = {"object": "list", "url": url, "has_more": len(rows) > start + limit}
    return json_response({**page, "data": [show(row) for row in rows[start : start + limit]]})


def _error(status: int, kind: str, message: str, code: str | None = None) -> Response:
    return json_response({"error": {"type": kind, "message": message, "code": code}}, status)
