"""Charges without a hosted page: a prompt on a phone, or a saved card."""

import json
from decimal import Decimal
from typing import Any

import structlog

from config.core.http import JsonClient, OutcomeUnknown, Reply, ServiceUnavailable
from config.core.money import to_pesewas
from payments.errors import CardUnusable, CodeRefused, GatewayUnavailable
from payments.providers.base import GatewayState, Step
from payments.types import NextAction

from . import envelope
from .reading import text

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
_CODE_REFUSED = ("token", "too many attempts", "wait")
_CARD_REFUSED = ("authorization", "not reusable")
_log = structlog.get_logger("sika.payments.paystack")


class Charges:
    _http: JsonClient

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
        return self._step(self._post("/charge", payload))

    def submit_otp(self, *, reference: str, otp: str) -> Step:
        reply = self._post("/charge/submit_otp", {"otp": otp, "reference": reference})
        message = text(reply.body.get("message"), 200) if isinstance(reply.body, dict) else ""
        if (
            reply.status == 400
            and not reply.is_rate_limited
            and any(word in message.lower() for word in _CODE_REFUSED)
        ):
            raise CodeRefused(reason=message)
        return self._step(reply)

    def check_charge(self, *, reference: str) -> Step:
        try:
            reply = self._http.get(f"/charge/{reference}")
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error
        if envelope.worked(reply):
            return self._step(reply)
        unknown = reply.status == 400 and not reply.is_rate_limited
        if unknown or envelope.says_not_found(reply):  # `Transaction reference is invalid`
            return Step(state=GatewayState.NOT_FOUND)
        raise envelope.as_unavailable(reply)

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
            "metadata": json.dumps({"purpose": purpose, "cancel_action": callback_url}),
        }
        reply = self._post("/transaction/charge_authorization", payload)
        message = text(reply.body.get("message"), 200).lower() if isinstance(reply.body, dict) else ""
        if reply.status in (400, 404) and any(word in message for word in _CARD_REFUSED):
            raise CardUnusable
        return self._step(reply)

    def forget_card(self, *, card_code: str) -> None:
        reply = self._post("/customer/authorization/deactivate", {"authorization_code": card_code})
        # Unknown there: forgotten already.
        is_unknown = reply.status in (400, 404) and not reply.is_rate_limited
        if not envelope.worked(reply) and not is_unknown:
            raise envelope.as_unavailable(reply)

    def _post(self, path: str, payload: dict[str, Any]) -> Reply:
        try:
            return self._http.post(path, payload)
        except ServiceUnavailable as error:
            raise GatewayUnavailable from error

    def _step(self, reply: Reply) -> Step:
        data = envelope.data(reply)
        if data is None:
            # Accepted, but not readable: it may have been charged.
            raise OutcomeUnknown if reply.status < 300 else envelope.refusal(reply)
        if data.get("paused") is True or (data.get("authorization_url") and not data.get("status")):
            return Step(
                state=GatewayState.IN_PROGRESS,
                next_action=NextAction.OPEN_URL,
                url=_url(data.get("authorization_url")),
            )
        status = text(data.get("status"), 40)
        if status not in _STEPS:
            # A card's PIN or birthday, or a word that is new: not ours to answer, and not the end.
            _log.error("unknown_charge_status", status=status)
        state, action = _STEPS.get(status, (GatewayState.IN_PROGRESS, NextAction.WAIT))
        return Step(
            state=state,
            next_action=action,
            display_text=text(data.get("display_text"), 300),
            url=_url(data.get("url")),
            response=text(data.get("gateway_response") or data.get("message"), 300),
        )


def _url(value: Any) -> str:
    found = text(value, 500)
    return found if found.startswith(("https://", "http://")) else ""
