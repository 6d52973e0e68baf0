"""A dispute as calls and webhooks show it: not quite the same."""

from typing import Any

from . import transactions
from .store import Store, Transaction

_COMPLAINT = "Customer complained about debit without value"
# What of a transaction a dispute repeats.
_REPEATED = (
    "id",
    "domain",
    "status",
    "reference",
    "amount",
    "message",
    "gateway_response",
    "paid_at",
    "created_at",
    "channel",
    "currency",
    "ip_address",
    "metadata",
    "log",
    "fees",
    "fees_split",
    "subaccount",
    "split",
    "order_id",
    "paidAt",
    "createdAt",
    "requested_amount",
    "pos_transaction_data",
    "source",
    "fees_breakdown",
    "connect",
)


def view(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    one = store.by_reference(row["reference"])
    if one is None:
        return {"id": row["id"], "status": row["status"], "transaction": None}
    return {**_shared(one, row), "createdAt": row["created_at"], "updatedAt": row["updated_at"]}


def webhook(one: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    return {**_shared(one, row), "created_at": row["created_at"], "updated_at": row["updated_at"]}


def resolved(store: Store, row: dict[str, Any], message: str) -> dict[str, Any]:
    """What `resolve` answers: without the history, with the merchant's words."""
    told = {name: value for name, value in view(store, row).items() if name not in ("history", "messages")}
    said = {"dispute": row["id"], "sender": "shop@example.com", "body": message, "id": row["id"] + 1}
    stamps = {"createdAt": row["updated_at"], "updatedAt": row["updated_at"]}
    more = {"merchant_transaction_reference": None, "created_by": 30, "message": {**said, **stamps}}
    return {**told, **more}


def _shared(one: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    shown = transactions.view(one)
    is_card = one.channel == "card"
    return {
        "id": row["id"],
        "refund_amount": row["amount"],
        "currency": one.currency,
        "status": row["status"],
        "resolution": row["resolution"],
        "domain": "test",
        "transaction": {
            **{name: shown[name] for name in _REPEATED},
            "authorization": {},
            "customer": {"international_format_phone": None},
            "plan": {},
        },
        "transaction_reference": None,
        "category": row["category"],
        "customer": transactions.customer(one.email),
        "bin": one.authorization.get("bin") if is_card else None,
        "last4": one.authorization.get("last4") if is_card else None,
        "dueAt": row["due_at"],
        "resolvedAt": row["resolved_at"],
        "evidence": row["evidence"],
        "attachments": None,
        "note": None,
        "history": [{"status": "pending", "by": one.email, "createdAt": row["created_at"]}],
        "messages": [{"sender": one.email, "body": _COMPLAINT, "createdAt": row["created_at"]}],
    }
