"""`{status: bool, message, data}`: its `status` says that the call worked; money is `data.status`."""

from typing import Any

import structlog

from config.core.http import OutcomeUnknown, Reply
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.providers.base import DuplicateReference

from .reading import text

_DEFAULT_WAIT_SECONDS = 60  # the length of Paystack's windows
_OURS_TO_REPAIR = ("invalid key", "no authorization header", "format is authorization")
_log = structlog.get_logger("sika.payments.paystack")


def worked(reply: Reply) -> bool:
    return reply.status in (200, 201) and isinstance(reply.body, dict) and reply.body.get("status") is True


def payload(reply: Reply) -> dict[str, Any] | None:
    """What a call that worked gives; None for a refusal and for every other shape."""
    found = reply.body.get("data") if worked(reply) else None
    return found if isinstance(found, dict) else None


def of_read(reply: Reply) -> dict[str, Any]:
    """The payload of a read. Raises GatewayUnavailable: whatever is wrong with the answer, we don't know."""
    found = payload(reply)
    if found is None:
        raise unavailable(reply)
    return found


def of_write(reply: Reply, *, secret: str = "") -> dict[str, Any]:
    """The payload of a write. Raises `refusal`, or OutcomeUnknown: taken, but not readable."""
    found = payload(reply)
    if found is not None:
        return found
    if 200 <= reply.status < 300:
        _log.error("paystack_unreadable", status=reply.status)
        raise OutcomeUnknown
    raise refusal(reply, secret=secret)


def rows(reply: Reply) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The payload of a list, and its `meta`. Raises GatewayUnavailable."""
    found = reply.body.get("data") if worked(reply) else None
    if not isinstance(found, list):
        raise unavailable(reply)
    meta = reply.body.get("meta")
    return [row for row in found if isinstance(row, dict)], meta if isinstance(meta, dict) else {}


def refusal(reply: Reply, *, secret: str = "") -> Exception:
    """What a call that did not work says: DuplicateReference, PaymentRejected or GatewayUnavailable.

    `secret` is blotted out of the gateway's words, should they repeat it.
    """
    code, message = _code(reply), words(reply, secret=secret)
    if reply.is_rate_limited:
        told = reply.retry_after
        return GatewayUnavailable(retry_after=_DEFAULT_WAIT_SECONDS if told is None else max(told, 1))
    if code == "duplicate_reference" or (reply.status == 400 and message.lower().startswith("duplicate")):
        return DuplicateReference()
    is_ours = message.lower().startswith(_OURS_TO_REPAIR)
    if reply.status in (400, 404, 422) and message and not is_ours:
        return PaymentRejected(f"The payment company refused this: {message}")
    # A wrong key, a page that is not Paystack's, an answer in no known shape.
    _log.error("paystack_refused", status=reply.status, code=text(code, 40), message=message)
    return GatewayUnavailable()


def unavailable(reply: Reply) -> GatewayUnavailable:
    """The refusal of a read."""
    found = refusal(reply)
    return found if isinstance(found, GatewayUnavailable) else GatewayUnavailable()


def says_unknown_transaction(reply: Reply) -> bool:
    """The documents have 404 and 400 for it. A 404 of another server is no answer."""
    is_envelope = isinstance(reply.body, dict) and reply.body.get("status") is False
    if not is_envelope or reply.status not in (400, 404):
        return False
    message = words(reply).lower()
    is_named = message.startswith("transaction") and ("not found" in message or "is invalid" in message)
    return reply.status == 404 or _code(reply) == "transaction_not_found" or is_named


def words(reply: Reply, *, secret: str = "") -> str:
    """The gateway's own words, as far as they can be shown."""
    message = text(reply.body.get("message"), 200) if isinstance(reply.body, dict) else ""
    return message.replace(secret, "…") if secret else message


def _code(reply: Reply) -> Any:
    return reply.body.get("code") if isinstance(reply.body, dict) else None
