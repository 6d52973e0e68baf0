"""Webhooks: who signed them, and what they are about."""

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any

from payments.providers.base import DisputeReport, Event, EventKind, RefundReport

from . import disputes, refunds
from .reading import mapping, text

_CARD_CODE = re.compile(r"AUTH_\w+")
PREVIOUS_KEY_LIFE = timedelta(hours=72)  # as long as Paystack repeats a delivery


def signed_with(
    *, body: bytes, signature: str, key: str, previous_key: str, rotated_at: datetime | None, now: datetime
) -> str | None:
    """HMAC-SHA512 over the raw bytes. The key before the last one counts for 72 h after the change."""
    if _signs(key, body, signature):
        return "current"
    is_recent = rotated_at is not None and now < rotated_at + PREVIOUS_KEY_LIFE
    if is_recent and previous_key and _signs(previous_key, body, signature):
        return "previous"
    return None


def without_card_codes(text: str) -> str:
    """A code charges its card. Where it is wanted, asking about the payment tells it."""
    return _CARD_CODE.sub("AUTH_***", text)


def read(body: bytes) -> Event | None:
    """`data` may be a list, and `data.reference` missing: both are other events.

    Lenient on purpose: only two texts are read, and an odd character elsewhere must not hide a payment.
    """
    message = _message(body)
    if message is None:
        return None
    name, data = message["event"], mapping(message.get("data"))
    kind = _kind(name)
    reference = data.get("reference")
    if kind is EventKind.REFUND:
        reference = data.get("transaction_reference")
    elif kind is EventKind.DISPUTE:
        reference = mapping(data.get("transaction")).get("reference")
    return Event(name=text(name, 80), reference=text(reference, 100), kind=kind)


def read_refund(body: bytes) -> RefundReport | None:
    message = _message(body)
    return refunds.read(mapping(message.get("data"))) if message else None


def read_dispute(body: bytes) -> DisputeReport | None:
    message = _message(body)
    return disputes.read(mapping(message.get("data"))) if message else None


def _message(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("event"), str) else None


def _kind(name: str) -> EventKind:
    if name == "charge.success":
        return EventKind.PAID
    if name.startswith("charge.dispute."):
        return EventKind.DISPUTE
    if name.startswith("refund."):
        return EventKind.REFUND
    return EventKind.CHANGED if name.startswith("charge.") else EventKind.OTHER


def _signs(key: str, body: bytes, signature: str) -> bool:
    expected = hmac.new(key.encode(), body, hashlib.sha512).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
