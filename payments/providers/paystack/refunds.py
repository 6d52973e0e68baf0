"""Money back to the payer."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import structlog

from config.core.http import OutcomeUnknown
from config.core.money import to_pesewas
from payments.providers.base import RefundReport
from payments.types import RefundStatus

from . import envelope, listing
from .client import Client
from .reading import cedis, mapping, text

_STATUSES = {
    "pending": RefundStatus.PENDING,
    "processing": RefundStatus.PROCESSING,
    "processed": RefundStatus.PROCESSED,
    "failed": RefundStatus.FAILED,
    "needs-attention": RefundStatus.NEEDS_ATTENTION,
}
_FOR_THE_PAYER = "Refund of a payment"  # our own reason is not for their statement
_log = structlog.get_logger("sika.payments.paystack")


class Refunds:
    _client: Client

    def refund(
        self, *, transaction_id: str, amount_ghs: Decimal, refund_id: str, reason: str
    ) -> RefundReport:
        payload = {
            "transaction": transaction_id,
            "amount": to_pesewas(amount_ghs),
            "currency": "GHS",
            "customer_note": _FOR_THE_PAYER,
            "merchant_note": refund_id,
        }
        made = read(envelope.of_write(self._client.post("/refund", payload)))
        if not made.id:
            raise OutcomeUnknown  # accepted, but as which? The list of the transaction's refunds says
        return made

    def refunds(self, *, transaction_id: str) -> list[RefundReport]:
        rows = listing.by_page(self._client, "/refund", {"transaction": transaction_id}, size=50)
        # The filter is not ours to trust: another transaction's refund must not count here.
        return [one for one in map(read, rows) if one.transaction_id in ("", transaction_id)]

    def retry_refund(self, *, refund_id: str, account_number: str, bank_id: str) -> RefundReport:
        details = {"currency": "GHS", "account_number": account_number, "bank_id": bank_id}
        path = f"/refund/retry_with_customer_details/{quote(refund_id, safe='')}"
        reply = self._client.post(path, {"refund_account_details": details})
        return read(envelope.of_write(reply, secret=account_number))


def read(data: dict[str, Any]) -> RefundReport:
    """A refund as calls and webhooks show it; what is not said is empty."""
    status = text(data.get("status"), 40).lower().replace("_", "-")
    if status not in _STATUSES:
        _log.error("unknown_refund_status", status=status)
    transaction = data.get("transaction")
    inner = mapping(transaction)
    return RefundReport(
        id=text(data.get("id"), 40),
        status=_STATUSES.get(status, RefundStatus.PENDING),
        amount_ghs=cedis(data.get("amount")),
        transaction_id=text(inner.get("id") if inner else transaction, 40),
        reference=text(data.get("transaction_reference") or inner.get("reference"), 100),
        note=text(data.get("merchant_note"), 500),
        message=text(data.get("message"), 300),
        dispute_id=text(data.get("dispute"), 40),
    )
