"""Payments on Paystack's own page, and what became of any payment."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import structlog

from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable
from payments.providers.base import Checkout, GatewayState, Report
from payments.types import PaymentMethod

from . import envelope, listing
from .client import Client
from .reading import report, text, web_address

_CHANNELS = {PaymentMethod.PAYSTACK: ["card", "mobile_money"], PaymentMethod.MOMO: ["mobile_money"]}
_log = structlog.get_logger("sika.payments.paystack")


class Transactions:
    _client: Client

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
        reply = self._client.post("/transaction/initialize", payload)
        data = envelope.payload(reply)
        if data is None:
            raise envelope.refusal(reply)  # takes no money, so an answer we can't read leaves nothing open
        payment_url = web_address(data.get("authorization_url"))
        if not payment_url or data.get("reference") != reference:
            _log.error("initialize_unreadable", reference=reference)
            raise GatewayUnavailable
        return Checkout(payment_url=payment_url, access_code=text(data.get("access_code"), 100))

    def verify(self, *, reference: str, access_code: str = "") -> Report:
        """Paystack finds a transaction by our reference alone."""
        reply = self._client.get(f"/transaction/verify/{quote(reference, safe='')}")
        if envelope.says_unknown_transaction(reply):
            return Report(state=GatewayState.NOT_FOUND)
        return report(envelope.of_read(reply))

    def transactions(self, *, since: datetime, until: datetime) -> Iterator[Report]:
        query = {"from": since.isoformat(), "to": until.isoformat()}
        return map(report, listing.by_cursor(self._client, "/transaction", query))
