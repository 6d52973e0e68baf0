"""Charges without a hosted page: a prompt on a phone, or a saved card."""

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import structlog

from config.core.http import OutcomeUnknown, Reply
from config.core.money import to_pesewas
from payments.errors import CardUnusable, CodeRefused, GatewayUnavailable, NoCodeExpected, PaymentRejected
from payments.providers.base import GatewayState, Step
from payments.types import NextAction

from . import envelope
from .client import Client
from .reading import text, web_address

_STEPS = {
    "success": (GatewayState.PAID, None),
    "failed": (GatewayState.FAILED, None),
    "timeout": (GatewayState.FAILED, None),
    "pay_offline": (GatewayState.IN_PROGRESS, NextAction.APPROVE),
    "send_otp": (GatewayState.IN_PROGRESS, NextAction.OTP),
    "open_url": (GatewayState.IN_PROGRESS, NextAction.OPEN_URL),
    "pending": (GatewayState.IN_PROGRESS, NextAction.WAIT),
    "ongoing": (GatewayState.IN_PROGRESS, NextAction.WAIT),
    "processing": (GatewayState.IN_PROGRESS, NextAction.WAIT),
    "queued": (GatewayState.IN_PROGRESS, NextAction.WAIT),
}
_FORGOTTEN = ("does not exist", "not found", "deactivated", "inactive")
_log = structlog.get_logger("sika.payments.paystack")


class Charges:
    _client: Client

    def charge_mobile_money(
        self, *, reference: str, amount_ghs: Decimal, email: str, phone: str, network: str, purpose: str
    ) -> Step:
        payload = {
            "email": email,
            "amount": to_pesewas(amount_ghs),
            "currency": "GHS",
            "reference": reference,
            "mobile_money": {"phone": phone, "provider": network},
            "metadata": {"purpose": purpose},
        }
        reply = self._client.post("/charge", payload)
        return _after_write(envelope.of_write(reply), reference)

    def submit_otp(self, *, reference: str, otp: str) -> Step:
        reply = self._client.post("/charge/submit_otp", {"otp": otp, "reference": reference})
        refused = _refused_code(reply)
        if refused is not None:
            raise refused
        return _after_write(envelope.of_write(reply, secret=otp), reference)

    def check_charge(self, *, reference: str) -> Step:
        reply = self._client.get(f"/charge/{quote(reference, safe='')}")
        if envelope.says_unknown_transaction(reply):
            return Step(state=GatewayState.NOT_FOUND)
        data = envelope.of_read(reply)
        if not _is_about(data, reference):
            raise GatewayUnavailable
        return read(data)

    def charge_card(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        card_code: str,
        purpose: str,
        callback_url: str,
    ) -> Step:
        payload = {
            "email": email,
            "amount": to_pesewas(amount_ghs),
            "currency": "GHS",
            "reference": reference,
            "authorization_code": card_code,
            # Here the document wants metadata as text. `cancel_action` is for a payer whom the bank must see.
            "metadata": json.dumps({"purpose": purpose, "cancel_action": callback_url}),
        }
        reply = self._client.post("/transaction/charge_authorization", payload)
        try:
            data = envelope.of_write(reply, secret=card_code)
        except PaymentRejected as refused:
            if "authorization" in refused.detail.lower():
                raise CardUnusable from None
            raise
        return _after_write(data, reference)

    def forget_card(self, *, card_code: str) -> None:
        reply = self._client.post("/customer/authorization/deactivate", {"authorization_code": card_code})
        if envelope.worked(reply):
            return
        refused = envelope.refusal(reply, secret=card_code)
        is_unknown = isinstance(refused, PaymentRejected) and any(
            word in refused.detail.lower() for word in _FORGOTTEN
        )
        if not is_unknown:  # else it is forgotten already
            raise refused if isinstance(refused, GatewayUnavailable) else GatewayUnavailable


def read(data: dict[str, Any]) -> Step:
    """A charge as every call shows it. A bank that wants to see the payer first sends no `status` at all."""
    if "status" not in data and data.get("authorization_url"):
        return _open(data.get("authorization_url"), "")
    status, shown = text(data.get("status"), 40), text(data.get("display_text"), 300)
    if status == "open_url":
        return _open(data.get("url"), shown)
    if status not in _STEPS:
        # A card's PIN or birthday, or a word that is new: not ours to answer, and not the end.
        _log.error("unknown_charge_status", status=status)
    state, action = _STEPS.get(status, (GatewayState.IN_PROGRESS, NextAction.WAIT))
    response = text(data.get("gateway_response") or data.get("message"), 300)
    return Step(state=state, next_action=action, display_text=shown, response=response)


def _open(address: Any, shown: str) -> Step:
    url = web_address(address)
    if not url:
        _log.error("charge_without_page")  # nothing to open: asking shows what becomes of it
    action = NextAction.OPEN_URL if url else NextAction.WAIT
    return Step(state=GatewayState.IN_PROGRESS, next_action=action, display_text=shown, url=url)


def _after_write(data: dict[str, Any], reference: str) -> Step:
    if not _is_about(data, reference):
        raise OutcomeUnknown
    return read(data)


def _is_about(data: dict[str, Any], reference: str) -> bool:
    said = text(data.get("reference"), 100)
    if said in ("", reference):
        return True
    _log.error("charge_of_another", reference=reference, said=said)
    return False


def _refused_code(reply: Reply) -> CodeRefused | NoCodeExpected | None:
    """In our words, not theirs: theirs might repeat the code."""
    if reply.status not in (400, 422) or reply.is_rate_limited:
        return None
    message = envelope.words(reply).lower()
    if "too many attempts" in message:
        minutes = re.search(r"(\d{1,4}) minute", message)
        wait = int(minutes[1]) if minutes else 10
        return CodeRefused(
            f"Too many codes were tried. Wait {wait} minutes, then enter the newest one.",
            retry_after=wait * 60,
        )
    if "reference is invalid" in message:
        return NoCodeExpected(
            "This payment waits for no code any more. See what became of it before you start a new one."
        )
    return CodeRefused() if "token" in message or "otp" in message else None
