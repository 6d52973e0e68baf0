"""Paystack. The one package that knows its JSON and its pesewas; what is foreign is translated here."""

from datetime import datetime

from payments.providers.base import DisputeReport, Event, RefundReport

from . import events
from .charges import Charges
from .client import Client
from .disputes import Disputes
from .refunds import Refunds
from .settlements import Settlements
from .transactions import Transactions


class Paystack(Transactions, Charges, Refunds, Disputes, Settlements):
    """A DirectGateway. A read ends within 5 s + `read_seconds`, all tries together; a write is sent once."""

    name = "paystack"

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        previous_key: str = "",
        key_rotated_at: datetime | None = None,
        read_seconds: float = 30,
    ) -> None:
        self.domain = "live" if secret_key.startswith("sk_live_") else "test"
        self._secret_key = secret_key
        self._previous_key = previous_key
        self._key_rotated_at = key_rotated_at
        self._client = Client(base_url=base_url, secret_key=secret_key, read_seconds=read_seconds)

    def signed_with(self, *, body: bytes, signature: str, now: datetime) -> str | None:
        return events.signed_with(
            body=body,
            signature=signature,
            key=self._secret_key,
            previous_key=self._previous_key,
            rotated_at=self._key_rotated_at,
            now=now,
        )

    def without_secrets(self, *, text: str) -> str:
        return events.without_card_codes(text)

    def read_event(self, *, body: bytes) -> Event | None:
        return events.read(body)

    def read_refund(self, *, body: bytes) -> RefundReport | None:
        return events.read_refund(body)

    def read_dispute(self, *, body: bytes) -> DisputeReport | None:
        return events.read_dispute(body)

    def close(self) -> None:
        """Closes the connections that are kept open between calls."""
        self._client.close()
