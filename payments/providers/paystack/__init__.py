"""Paystack. The one package that knows its JSON and its pesewas; what is foreign is translated here."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from config.core.http import JsonClient, ServiceUnavailable
from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable
from payments.providers.base import Checkout, DisputeReport, Event, GatewayState, RefundReport, Report
from payments.types import PaymentMethod

from . import envelope, events
from .charges import Charges
from .disputes import Disputes
from .reading import report, text
from .refunds import Refunds
from .settlements import Listings

_CHANNELS = {PaymentMethod.PAYSTACK: ["card", "mobile_money"], PaymentMethod.MOMO: ["mobile_money"]}
_log = structlog.get_logger("sika.payments.paystack")


class Paystack(Charges, Refunds, Disputes, Listings):
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
        self._base_url = base_url
        self._http = JsonClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {secret_key}"},
            read_seconds=read_seconds,
        )

    def initialize(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        method: PaymentMethod,
        purpose: str,
        callback_url: str,
        save_card: bool,
    ) -> Checkout:
        metadata: dict[str, Any] = {"purpose": purpose}
        if save_card:
            # Makes the bank see the payer now, so that the card can be charged without them later.
            metadata["custom_filters"] = {"recurring": True}
        payload = {
            "email": email,
            "amount": to_pesewas(amount_ghs),
            "currency": "GHS",  # never left out: the integration's default would be taken silently
            "reference": reference,
            "channels": _CHANNELS[method],
            "callback_url": callback_url,
            "metadata": metadata,
        }
        try:
            reply = self._http.post("/transaction/initialize", payload)
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = envelope.data(reply)
        if data is None:
            raise envelope.refusal(reply)
        payment_url = text(data.get("authorization_url"), 500)
        if not payment_url.startswith(("https://", "http://")) or data.get("reference") != reference:
            _log.error("initialize_unreadable", reference=reference)
            raise GatewayUnavailable
        return Checkout(payment_url=payment_url, access_code=text(data.get("access_code"), 100))

    def verify(self, *, reference: str, access_code: str = "") -> Report:
        """Paystack finds a transaction by our reference alone."""
        try:
            reply = self._http.get(f"/transaction/verify/{reference}")
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        data = envelope.data(reply)
        if data is not None:
            return report(data)
        if envelope.says_not_found(reply):
            return Report(state=GatewayState.NOT_FOUND)
        raise envelope.as_unavailable(reply)

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
