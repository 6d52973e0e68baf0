"""`{status: bool, message, data}`: its `status` says that the call worked; money is `data.status`."""

from typing import Any

import structlog

from config.core.http import Reply
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.providers.base import DuplicateReference

from .reading import text

_log = structlog.get_logger("sika.payments.paystack")


def worked(reply: Reply) -> bool:
    return reply.status in (200, 201) and isinstance(reply.body, dict) and reply.body.get("status") is True


def data(reply: Reply) -> dict[str, Any] | None:
    """The payload of a call that worked."""
    found = reply.body.get("data") if worked(reply) else None
    return found if isinstance(found, dict) else None


def rows(reply: Reply) -> list[dict[str, Any]]:
    """The payload of a list. Raises what the refusal says, or GatewayUnavailable for another shape."""
    found = reply.body.get("data") if worked(reply) else None
    if not isinstance(found, list):
        raise as_unavailable(reply)
    return [row for row in found if isinstance(row, dict)]


def refusal(reply: Reply) -> Exception:
    """What a call that did not work says: DuplicateReference, PaymentRejected or GatewayUnavailable."""
    body = reply.body if isinstance(reply.body, dict) else {}
    code, message = body.get("code"), text(body.get("message"), 200)
    if code == "duplicate_reference" or (reply.status == 400 and message.lower().startswith("duplicate")):
        return DuplicateReference()
    if reply.is_rate_limited:
        seconds = reply.headers.get("x-ratelimit-reset", "")
        return GatewayUnavailable(retry_after=int(seconds) if seconds.isdigit() else 60)
    if reply.status in (400, 422) and message:
        return PaymentRejected(f"The payment company refused this: {message}")
    # A wrong key, a page that is not Paystack's, an answer in no known shape: ours to repair.
    _log.error("paystack_refused", status=reply.status, code=text(code, 40), message=message)
    return GatewayUnavailable()


def as_unavailable(reply: Reply) -> GatewayUnavailable:
    """For a read: whatever is wrong with the answer, we do not know."""
    found = refusal(reply)
    return found if isinstance(found, GatewayUnavailable) else GatewayUnavailable()


def says_not_found(reply: Reply) -> bool:
    if reply.status == 404:
        return True
    if reply.status != 400 or not isinstance(reply.body, dict):
        return False
    message = text(reply.body.get("message"), 200).lower()
    return reply.body.get("code") == "transaction_not_found" or "not found" in message
