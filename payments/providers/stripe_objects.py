"""What Stripe's objects say, in the product's words. Nothing here raises: what is unreadable is left out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog

from config.core.money import from_pesewas
from payments.types import RefundStatus

from .base import DisputeReport, Event, EventKind, GatewayState, RefundReport, Report

_REFUND_STATES = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.NEEDS_ATTENTION,
    "succeeded": RefundStatus.PROCESSED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_INQUIRIES = ("warning_needs_response", "warning_under_review", "warning_closed")
_DECIDED = ("won", "lost", "warning_closed")
_DISPUTE_STATES = (*_INQUIRIES, *_DECIDED, "needs_response", "under_review")
_PAID_EVENTS = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
_log = structlog.get_logger("sika.payments.stripe")


def plain(value: Any) -> dict[str, Any] | None:
    """An object of the SDK as a dictionary."""
    to_dict = getattr(value, "to_dict", None)
    found = to_dict() if to_dict is not None else value
    return found if isinstance(found, dict) else None


def rows(page: Any) -> Iterator[dict[str, Any]]:
    found = (plain(page) or {}).get("data")
    yield from (row for row in (found if isinstance(found, list) else []) if isinstance(row, dict))


def report(session: dict[str, Any]) -> Report:
    """A Checkout Session that came with its payment_intent.latest_charge.balance_transaction."""
    intent = _inner(session, "payment_intent")
    charge = _inner(intent, "latest_charge")
    state = _state(session, intent, charge)
    amount_ghs = cedis(session.get("amount_total"))
    live = session.get("livemode")
    is_paid = state in (GatewayState.PAID, GatewayState.REVERSED)
    channel = text(_inner(charge, "payment_method_details").get("type"), 40)
    return Report(
        state=state,
        reference=text(session.get("client_reference_id"), 100),
        domain={True: "live", False: "test"}.get(live, "") if isinstance(live, bool) else "",
        currency=text(session.get("currency"), 10).upper(),
        paid_ghs=amount_ghs,
        requested_ghs=amount_ghs,
        requested_is_unreadable=amount_ghs is None,
        transaction_id=_intent_id(session),
        channel=channel or ("card" if is_paid else ""),
        fees_ghs=_fees(charge),
        response=_response(session, intent, charge),
        created_at=_moment(session.get("created")),
    )


def event(message: Any) -> Event | None:
    """A webhook's body; `data.object` is what it is about."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return None
    name = message["type"]
    about = _inner(_inner(message, "data"), "object")
    reference = text(about.get("client_reference_id"), 100)
    kind = _kind(name, about)
    return Event(
        name=text(name, 80),
        reference=reference or text(_inner(about, "metadata").get("reference"), 100),
        kind=kind,
        access_code=identifier(about) if name.startswith("checkout.session.") else "",
        transaction_id=_intent_id(about) if kind in (EventKind.REFUND, EventKind.DISPUTE) else "",
    )


def refund(found: dict[str, Any] | None) -> RefundReport | None:
    if found is None or not identifier(found, 40):
        return None
    status = found.get("status")
    known = _REFUND_STATES.get(status) if isinstance(status, str) else None
    if known is None:
        _log.error("unknown_refund_status", status=text(status, 40))
    metadata = _inner(found, "metadata")
    return RefundReport(
        id=identifier(found, 40),
        status=known or RefundStatus.PENDING,
        amount_ghs=cedis(found.get("amount")),
        transaction_id=_intent_id(found),
        reference=text(metadata.get("reference"), 100),
        note=text(metadata.get("refund_id"), 100),
        message=text(found.get("failure_reason"), 300),
    )


def dispute(found: dict[str, Any]) -> DisputeReport:
    """A dispute; our reference where it came with its payment_intent. Amounts in other money are left out."""
    status = text(found.get("status"), 40)
    if status not in _DISPUTE_STATES:
        _log.error("unknown_dispute_status", status=status)
    return DisputeReport(
        id=identifier(found, 40),
        reference=text(_inner(_inner(found, "payment_intent"), "metadata").get("reference"), 100),
        amount_ghs=cedis(found.get("amount")) if found.get("currency") == "ghs" else None,
        status=status,
        resolution=status if status in _DECIDED else "",
        category=text(found.get("reason"), 80),
        due_at=_moment(_inner(found, "evidence_details").get("due_by")),
        created_at=_moment(found.get("created")),
        transaction_id=_intent_id(found),
        is_inquiry=status in _INQUIRIES,
    )


def told_dispute(message: Any) -> DisputeReport | None:
    """The dispute that a webhook is about."""
    about = _inner(_inner(message, "data"), "object") if isinstance(message, dict) else {}
    return dispute(about) if identifier(about, 40) else None


def cedis(minor: Any) -> Decimal | None:
    """A whole number of pesewas, else None."""
    if not isinstance(minor, int) or isinstance(minor, bool) or not 0 <= minor < 10**12:
        return None
    return from_pesewas(minor)


def identifier(found: dict[str, Any], limit: int = 100) -> str:
    """The object's id; "" rather than a part of one that is too long."""
    value = text(found.get("id"), limit + 1)
    return value if len(value) <= limit else ""


def text(value: Any, limit: int) -> str:
    """At most `limit` characters, storable in PostgreSQL; "" for what is not text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]


def _inner(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _intent_id(found: dict[str, Any]) -> str:
    """Of the PaymentIntent, whether it came along or as its id alone."""
    return text(_inner(found, "payment_intent").get("id") or found.get("payment_intent"), 40)


def _state(session: dict[str, Any], intent: dict[str, Any], charge: dict[str, Any]) -> GatewayState:
    if session.get("payment_status") in ("paid", "no_payment_required"):
        return GatewayState.REVERSED if charge.get("refunded") is True else GatewayState.PAID
    status = session.get("status")
    if status == "expired":
        return GatewayState.FAILED
    if status == "complete" and intent.get("status") in ("requires_payment_method", "canceled"):
        return GatewayState.FAILED  # finished, and the bank said no afterwards
    if status not in ("open", "complete"):
        _log.error("unknown_session_status", status=text(status, 40))
    return GatewayState.IN_PROGRESS  # on an open page a refused card can be followed by another


def _fees(charge: dict[str, Any]) -> Decimal | None:
    """Only when they were taken in cedis: a balance in another currency says nothing exact about them."""
    entry = _inner(charge, "balance_transaction")
    return cedis(entry.get("fee")) if entry.get("currency") == "ghs" else None


def _response(session: dict[str, Any], intent: dict[str, Any], charge: dict[str, Any]) -> str:
    refusal = text(_inner(intent, "last_payment_error").get("message"), 300)
    if session.get("status") == "expired":
        return refusal or "The payment page has expired."
    return refusal or text(_inner(charge, "outcome").get("seller_message"), 300)


def _moment(seconds: Any) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds < 10**11:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _kind(name: str, about: dict[str, Any]) -> EventKind:
    if name in _PAID_EVENTS and about.get("payment_status") != "unpaid":
        return EventKind.PAID
    if name.startswith("checkout.session."):
        return EventKind.CHANGED
    if name == "charge.refunded" or name.startswith(("refund.", "charge.refund.")):
        return EventKind.REFUND
    return EventKind.DISPUTE if name.startswith("charge.dispute.") else EventKind.OTHER
