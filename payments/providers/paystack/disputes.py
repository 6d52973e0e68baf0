"""A payer's bank wants money back: what it says, and our answer."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from config.core.http import JsonClient, Reply, ServiceUnavailable
from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable
from payments.providers.base import DisputeReport, Evidence

from . import envelope, listing
from .reading import cedis, mapping, moment, text

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Disputes:
    _http: JsonClient
    _base_url: str

    def disputes(self, *, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        query = {"from": since.isoformat(), "to": until.isoformat()}
        return map(read, listing.pages(self._http, "/dispute", query))

    def dispute(self, *, dispute_id: str) -> DisputeReport:
        return read(self._payload(self._get(f"/dispute/{dispute_id}")))

    def add_evidence(self, *, dispute_id: str, evidence: Evidence) -> str:
        payload = {
            "customer_email": evidence.customer_email,
            "customer_name": evidence.customer_name,
            "customer_phone": evidence.customer_phone,
            "service_details": evidence.service_details,
        }
        reply = self._write(lambda: self._http.post(f"/dispute/{dispute_id}/evidence", payload))
        return text(self._payload(reply).get("id"), 40)

    def upload(self, *, dispute_id: str, filename: str, content: bytes) -> str:
        reply = self._get(f"/dispute/{dispute_id}/upload_url", {"upload_filename": filename})
        data = self._payload(reply)
        url, name = text(data.get("signedUrl"), 4000), text(data.get("fileName"), 200)
        where = urlsplit(url)
        both_here = urlsplit(self._base_url).hostname in _LOOPBACK and where.hostname in _LOOPBACK
        if not name or not (where.scheme == "https" or (where.scheme == "http" and both_here)):
            raise GatewayUnavailable("The payment company gave no safe place for the file.")
        self._write(lambda: self._http.put_bytes(url, content))
        return name

    def resolve_dispute(
        self,
        *,
        dispute_id: str,
        accept: bool,
        message: str,
        refund_ghs: Decimal,
        uploaded_filename: str,
        evidence_id: str,
    ) -> DisputeReport:
        payload: dict[str, Any] = {
            "resolution": "merchant-accepted" if accept else "declined",
            "message": message,
            "refund_amount": to_pesewas(refund_ghs),
            "uploaded_filename": uploaded_filename,
        }
        if evidence_id.isdigit():
            payload["evidence"] = int(evidence_id)
        reply = self._write(lambda: self._http.put(f"/dispute/{dispute_id}/resolve", payload))
        return read(self._payload(reply))

    def _get(self, path: str, query: dict[str, Any] | None = None) -> Reply:
        try:
            return self._http.get(path, query)
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error

    def _write(self, send: Any) -> Reply:
        try:
            reply: Reply = send()
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        return reply

    def _payload(self, reply: Reply) -> dict[str, Any]:
        data = envelope.data(reply)
        if data is None:
            raise envelope.refusal(reply)
        return data


def read(data: dict[str, Any]) -> DisputeReport:
    """A dispute as calls and webhooks show it. `transaction_reference` is null; the transaction has it."""
    transaction = mapping(data.get("transaction"))
    messages = data.get("messages")
    last = mapping(messages[-1]) if isinstance(messages, list) and messages else {}
    return DisputeReport(
        id=text(data.get("id"), 40),
        reference=text(transaction.get("reference") or data.get("transaction_reference"), 100),
        amount_ghs=cedis(data.get("refund_amount")),
        status=text(data.get("status"), 40),
        resolution=text(data.get("resolution"), 40),
        category=text(data.get("category"), 80),
        message=text(last.get("body"), 500),
        due_at=moment(data.get("dueAt")),
        created_at=moment(data.get("createdAt") or data.get("created_at")),
    )
