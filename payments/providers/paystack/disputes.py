"""A payer's bank wants money back: what it says, and our answer."""

import mimetypes
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import structlog

from config.core.http import OutcomeUnknown
from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable
from payments.providers.base import DisputeReport, Evidence

from . import envelope, listing
from .client import Client
from .reading import cedis, mapping, moment, text

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_log = structlog.get_logger("sika.payments.paystack")


class Disputes:
    _client: Client

    def disputes(self, *, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        query = {"from": since.isoformat(), "to": until.isoformat()}
        return map(read, listing.by_page(self._client, "/dispute", query))

    def dispute(self, *, dispute_id: str) -> DisputeReport:
        return read(envelope.of_read(self._client.get(_path(dispute_id))))

    def add_evidence(self, *, dispute_id: str, evidence: Evidence) -> str:
        payload = {
            "customer_email": evidence.customer_email,
            "customer_name": evidence.customer_name,
            "customer_phone": evidence.customer_phone,
            "service_details": evidence.service_details,
        }
        reply = self._client.post(_path(dispute_id, "/evidence"), payload)
        return text(envelope.of_write(reply).get("id"), 40)

    def upload(self, *, dispute_id: str, filename: str, content: bytes) -> str:
        """Raises PaymentRejected for a name that is refused; else GatewayUnavailable: it may be sent again.

        A file that nothing refers to does no harm, so one that may have arrived needs no asking.
        """
        reply = self._client.get(_path(dispute_id, "/upload_url"), {"upload_filename": filename})
        data = envelope.payload(reply)
        if data is None:
            raise envelope.refusal(reply)
        url, name = text(data.get("signedUrl"), 4000), text(data.get("fileName"), 200)
        if not name or not _is_safe(url, self._client.base_url):
            _log.error("upload_place_unsafe", dispute=dispute_id)
            raise GatewayUnavailable("The payment company gave no safe place for the file.")
        content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        try:
            stored = self._client.put_file(url, content, content_type)
        except OutcomeUnknown as error:
            raise GatewayUnavailable(
                "The place for the file did not answer. Nothing was decided; send it again."
            ) from error
        if not 200 <= stored.status < 300:
            _log.error("upload_refused", dispute=dispute_id, status=stored.status)
            raise GatewayUnavailable("The file could not be stored. Nothing was decided; send it again.")
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
        if evidence_id.isascii() and evidence_id.isdigit():
            payload["evidence"] = int(evidence_id)
        return read(envelope.of_write(self._client.put(_path(dispute_id, "/resolve"), payload)))


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


def _path(dispute_id: str, rest: str = "") -> str:
    return f"/dispute/{quote(dispute_id, safe='')}{rest}"


def _is_safe(url: str, base_url: str) -> bool:
    """https, or http on this machine when the gateway itself is on it: the sandbox."""
    try:
        where, gateway = urlsplit(url), urlsplit(base_url)
        host = where.hostname or ""
    except ValueError:
        return False
    if where.scheme == "https":
        return bool(host)
    return where.scheme == "http" and host in _LOOPBACK and gateway.hostname in _LOOPBACK
