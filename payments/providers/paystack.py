"""Paystack. The one module that knows its JSON and its pesewas; what is foreign is translated here.

Envelope: `{status: bool, message, data}`. Its `status` says that the call worked; money is `data.status`.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from config.core.http import JsonClient, Reply, ServiceUnavailable
from config.core.money import from_pesewas, to_pesewas
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.types import PaymentMethod

from .base import Checkout, DuplicateReference, Event, EventKind, GatewayState, Report

PREVIOUS_KEY_LIFE = timedelta(hours=72)  # as long as Paystack repeats a delivery
_CURRENCY = "GHS"
_CHANNELS = {PaymentMethod.PAYSTACK: ["card", "mobile_money"], PaymentMethod.MOMO: ["mobile_money"]}
_STATES = {
    "success": GatewayState.PAID,
    "failed": GatewayState.FAILED,
    "reversed": GatewayState.REVERSED,
    # `abandoned` is also what a page looks like that nobody has opened yet.
    "abandoned": GatewayState.IN_PROGRESS,
    "ongoing": GatewayState.IN_PROGRESS,
    "pending": GatewayState.IN_PROGRESS,
    "processing": GatewayState.IN_PROGRESS,
    "queued": GatewayState.IN_PROGRESS,
}
_log = structlog.get_logger("sika.payments.paystack")


class Paystack:
    name = "paystack"

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        previous_key: str = "",
        key_rotated_at: datetime | None = None,
        read_seconds: float = 30,
    ) -> None:
        self.domain = "live" if secret_key.startswith("sk_live_") else "test"
        self._secret_key = secret_key
        self._previous_key = previous_key
        self._key_rotated_at = key_rotated_at
        self._http = JsonClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {secret_key}"},
            read_seconds=read_seconds,
        )

    def initialize(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        method: PaymentMethod,
        purpose: str,
        callback_url: str,
        save_card: bool,
    ) -> Checkout:
        payload: dict[str, Any] = {
            "email": email,
            "amount": to_pesewas(amount_ghs),
            "currency": _CURRENCY,  # never left out: the integration's default would be taken silently
            "reference": reference,
            "channels": _CHANNELS[method],
            "callback_url": callback_url,
            "metadata": {"purpose": purpose},
        }
        if save_card:
            # Makes the bank see the payer now, so that the card can be charged without them later.
            payload["metadata"] = {"purpose": purpose, "custom_filters": {"recurring": True}}
        try:
            reply = self._http.post("/transaction/initialize", payload)
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = _data(reply)
        if data is None:
            raise _refusal(reply)
        payment_url = _text(data.get("authorization_url"), 500)
        if not payment_url.startswith(("https://", "http://")) or data.get("reference") != reference:
            _log.error("initialize_unreadable", reference=reference)
            raise GatewayUnavailable
        return Checkout(payment_url=payment_url, access_code=_text(data.get("access_code"), 100))

    def verify(self, *, reference: str, access_code: str = "") -> Report:
        try:
            reply = self._http.get(f"/transaction/verify/{reference}")
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = _data(reply)
        if data is not None:
            return _report(data)
        if reply.status == 404 or (reply.status == 400 and _says_not_found(reply.body)):
            return Report(state=GatewayState.NOT_FOUND)
        refusal = _refusal(reply)
        raise refusal if isinstance(refusal, GatewayUnavailable) else GatewayUnavailable()

    def signed_with(self, *, body: bytes, signature: str, now: datetime) -> str | None:
        """HMAC-SHA512 over the raw bytes. The key before the last one counts for 72 h after the change."""
        if _signs(self._secret_key, body, signature):
            return "current"
        rotated_at = self._key_rotated_at
        is_recent = rotated_at is not None and now < rotated_at + PREVIOUS_KEY_LIFE
        if is_recent and self._previous_key and _signs(self._previous_key, body, signature):
            return "previous"
        return None

    def read_event(self, *, body: bytes) -> Event | None:
        """`data` may be a list, and `data.reference` missing: both are other events.

        Lenient on purpose: only two texts are read, and an odd character elsewhere must not hide a payment.
        """
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(message, dict) or not isinstance(message.get("event"), str):
            return None
        name, data = message["event"], message.get("data")
        reference = _text(data.get("reference"), 100) if isinstance(data, dict) else ""
        return Event(name=_text(name, 80), reference=reference, kind=_kind(name))


def _kind(name: str) -> EventKind:
    if name == "charge.success":
        return EventKind.PAID
    is_charge = name.startswith("charge.") and not name.startswith("charge.dispute.")
    return EventKind.CHANGED if is_charge else EventKind.OTHER


def _signs(key: str, body: bytes, signature: str) -> bool:
    expected = hmac.new(key.encode(), body, hashlib.sha512).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


def _data(reply: Reply) -> dict[str, Any] | None:
    """The payload of a call that worked."""
    body = reply.body
    if reply.status not in (200, 201) or not isinstance(body, dict) or body.get("status") is not True:
        return None
    data = body.get("data")
    return data if isinstance(data, dict) else None


def _refusal(reply: Reply) -> Exception:
    body = reply.body if isinstance(reply.body, dict) else {}
    code, message = body.get("code"), _text(body.get("message"), 200)
    if code == "duplicate_reference" or (reply.status == 400 and message.lower().startswith("duplicate")):
        return DuplicateReference()
    if reply.status == 429 or code == "rate_limited":
        seconds = reply.headers.get("x-ratelimit-reset", "")
        return GatewayUnavailable(retry_after=int(seconds) if seconds.isdigit() else 60)
    if reply.status == 400 and message:
        return PaymentRejected(f"The payment company refused this payment: {message}")
    # A wrong key, a page that is not Paystack's, an answer in no known shape: ours to repair.
    _log.error("paystack_refused", status=reply.status, code=code, message=message)
    return GatewayUnavailable()


def _says_not_found(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    return (
        body.get("code") == "transaction_not_found" or "not found" in _text(body.get("message"), 200).lower()
    )


def _report(data: dict[str, Any]) -> Report:
    status = data.get("status")
    state = _STATES.get(status) if isinstance(status, str) else None
    if state is None:
        _log.error("unknown_transaction_status", status=_text(status, 40))
        state = GatewayState.IN_PROGRESS
    requested = data.get("requested_amount")
    requested_ghs = _cedis(requested)
    return Report(
        state=state,
        reference=_text(data.get("reference"), 100),
        domain=_text(data.get("domain"), 20),
        currency=_text(data.get("currency"), 10),
        paid_ghs=_cedis(data.get("amount")),
        requested_ghs=requested_ghs,
        requested_is_unreadable=requested is not None and requested_ghs is None,
        transaction_id=_text(data.get("id"), 40),
        channel=_text(data.get("channel"), 40),
        fees_ghs=_cedis(data.get("fees")),
        response=_text(data.get("gateway_response") or data.get("message"), 300),
    )


def _cedis(pesewas: Any) -> Decimal | None:
    """Pesewas as an integer, or as text of one: the documents show both. None for anything else."""
    if isinstance(pesewas, str) and pesewas.isascii() and pesewas.isdigit() and len(pesewas) <= 12:
        pesewas = int(pesewas)
    if not isinstance(pesewas, int) or isinstance(pesewas, bool) or not 0 <= pesewas < 10**12:
        return None
    return from_pesewas(pesewas)


def _text(value: Any, limit: int) -> str:
    """At most `limit` characters, storable in PostgreSQL; "" for what is neither text nor a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
