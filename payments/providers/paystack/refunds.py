"""Money back to the payer."""

from decimal import Decimal
from typing import Any

import structlog

from config.core.http import JsonClient, OutcomeUnknown, ServiceUnavailable
from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable
from payments.providers.base import RefundReport
from payments.types import RefundStatus

from . import envelope
from .reading import cedis, mapping, text

_STATUSES = {
    "pending": RefundStatus.PENDING,
    "processing": RefundStatus.PROCESSING,
    "processed": RefundStatus.PROCESSED,
    "failed": RefundStatus.FAILED,
    "needs-attention": RefundStatus.NEEDS_ATTENTION,
    "needs_attention": RefundStatus.NEEDS_ATTENTION,
}
_FOR_THE_PAYER = "Refund of a payment"
_log = structlog.get_logger("sika.payments.paystack")


class Refunds:
    _http: JsonClient

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
        try:
            reply = self._http.post("/refund", payload)
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = envelope.data(reply)
        if data is None and reply.status < 300:
            raise OutcomeUnknown  # it was taken; what became of it can't be read
        if data is None:
            raise envelope.refusal(reply)
        return read(data)

    def refunds(self, *, transaction_id: str) -> list[RefundReport]:
        found: list[RefundReport] = []
        for page in range(1, 21):
            query = {"transaction": transaction_id, "perPage": 50, "page": page}
            try:
                reply = self._http.get("/refund", query)
            except ServiceUnavailable as error:
                raise GatewayUnavailable from error
            rows = envelope.rows(reply)
            # The filter is not ours to trust: another transaction's refund must not count here.
            found += [one for one in map(read, rows) if one.transaction_id in ("", transaction_id)]
            if len(rows) < 50:
                break
        return found

    def retry_refund(self, *, refund_id: str, account_number: str, bank_id: str) -> RefundReport:
        details = {"currency": "GHS", "account_number": account_number, "bank_id": bank_id}
        try:
            reply = self._http.post(
                f"/refund/retry_with_customer_details/{refund_id}", {"refund_account_details": details}
            )
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = envelope.data(reply)
        if data is None:
            raise envelope.refusal(reply)
        return read(data)


def read(data: dict[str, Any]) -> RefundReport:
    """A refund as calls and webhooks show it; what is not said is empty."""
    status = text(data.get("status"), 40).lower()
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
        note=text(data.get("merchant_note"), 100),
        message=text(data.get("message"), 300),
        dispute_id=text(data.get("dispute"), 40),
    )
