"""What Paystack's JSON says, in our words. Lenient: fields come and go, and may hold anything."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import structlog

from config.core.money import from_pesewas
from payments.providers.base import Card, GatewayState, Report

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
    # Words of a charge, which asking about its transaction repeats.
    "pay_offline": GatewayState.IN_PROGRESS,
    "send_otp": GatewayState.IN_PROGRESS,
}
_log = structlog.get_logger("sika.payments.paystack")


def report(data: dict[str, Any]) -> Report:
    """A transaction, as verify and the list show it."""
    status = data.get("status")
    state = _STATES.get(status) if isinstance(status, str) else None
    if state is None:
        _log.error("unknown_transaction_status", status=text(status, 40))
        state = GatewayState.IN_PROGRESS
    requested = data.get("requested_amount")
    requested_ghs = cedis(requested)
    return Report(
        state=state,
        reference=text(data.get("reference"), 100),
        domain=text(data.get("domain"), 20),
        currency=text(data.get("currency"), 10),
        paid_ghs=cedis(data.get("amount")),
        requested_ghs=requested_ghs,
        requested_is_unreadable=requested is not None and requested_ghs is None,
        transaction_id=text(data.get("id"), 40),
        channel=text(data.get("channel"), 40),
        fees_ghs=cedis(data.get("fees")),
        response=text(data.get("gateway_response") or data.get("message"), 300),
        card=card(data.get("authorization")),
        created_at=moment(data.get("created_at") or data.get("createdAt")),
    )


def card(authorization: Any) -> Card | None:
    """The card behind a payment, only when it says of itself that it can be charged again."""
    if not isinstance(authorization, dict) or authorization.get("reusable") is not True:
        return None
    code = text(authorization.get("authorization_code"), 200)
    signature = text(authorization.get("signature"), 100)
    month, year = number(authorization.get("exp_month")), number(authorization.get("exp_year"))
    if authorization.get("channel") != "card" or not code or not signature:
        return None
    if month is None or year is None or not (1 <= month <= 12 and 2000 <= year <= 9999):
        return None
    return Card(
        code=code,
        signature=signature,
        brand=text(authorization.get("brand"), 40),
        bank=text(authorization.get("bank"), 80),
        last4=text(authorization.get("last4"), 4),
        exp_month=month,
        exp_year=year,
    )


def cedis(pesewas: Any) -> Decimal | None:
    """Pesewas as an integer, or as text of one: the documents show both. None for anything else."""
    whole = number(pesewas)
    return None if whole is None or not 0 <= whole < 10**12 else from_pesewas(whole)


def number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """A time with its offset; one without is UTC. None for what is no time of this century or the next."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 2000 <= found.year < 2200:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(value: Any) -> date | None:
    found = moment(value)
    return found.date() if found else None


def text(value: Any, limit: int) -> str:
    """At most `limit` characters, storable in PostgreSQL; "" for what is neither text nor a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def web_address(value: Any) -> str:
    """An address a browser can open, or "" for anything else."""
    found = text(value, 500)
    return found if found.startswith(("https://", "http://")) else ""
