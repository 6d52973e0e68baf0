"""Charges without a page: prompts on phones, codes, and cards charged again."""

import re
import time
from typing import Any

from config.core.loopback import App, Request, Response, json_response

from . import api, outcomes
from .delivery import Deliveries
from .script import Script, error
from .store import Store, Transaction

_MENU = "Please dial *110# to generate a voucher code. Then input the voucher"
_PROMPT = "Please complete authorization process on your mobile phone"
_OPEN = ("pay_offline", "send_otp", "ongoing", "pending")
_WRONG_CODES = 3


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.post("/charge")
    @api.guarded(script)
    def charge(request: Request, key: str) -> Response:
        values = api.body(request) or {}
        problem = api.refusal(values) or _momo_refusal(values.get("mobile_money"))
        if problem is not None:
            return problem
        momo = values["mobile_money"]
        one = api.new(values, key, request.base_url)
        one.channel, one.channels = "mobile_money", ["mobile_money"]
        one.phone, one.network = momo["phone"], str(momo["provider"]).lower()
        one.status = "send_otp" if one.network == "vod" else "pay_offline"
        one.prompt_until = time.time() + script.prompt_seconds
        if not store.add(one):
            return error(400, "Duplicate charge request for reference", "duplicate_reference")
        return _attempted(one)

    @app.post("/charge/submit_otp")
    @api.guarded(script)
    def submit_otp(request: Request, key: str) -> Response:
        values = api.body(request) or {}
        reference, code = str(values.get("reference", "")), str(values.get("otp", ""))
        one = store.by_reference(reference)
        if one is None or one.status != "send_otp":
            return error(400, "Transaction reference is invalid", "invalid_params")
        if one.wrong_codes >= _WRONG_CODES:
            return error(400, "Too many attempts. You have to wait for 10 minutes", "invalid_params")
        if code != script.otp:
            store.change(reference, lambda row: _count_wrong(row))
            return error(400, "Provided registration token is invalid", "invalid_params")
        store.change(reference, lambda row: _set(row, "pay_offline"))
        return _attempted(_now(store, reference))

    @app.get("/charge/{reference}")
    @api.guarded(script)
    def check(request: Request, key: str) -> Response:
        found = store.by_reference(request.params["reference"])
        if found is None:
            return error(400, "Transaction reference is invalid", "invalid_params")
        expire(store, found.reference)
        return _attempted(_now(store, found.reference), "Reference check successful")

    @app.post("/transaction/charge_authorization")
    @api.guarded(script)
    def charge_authorization(request: Request, key: str) -> Response:
        values = api.body(request) or {}
        problem = api.refusal(values)
        if problem is not None:
            return problem
        card = store.by_authorization(str(values.get("authorization_code", "")))
        if card is None:
            return error(400, "Authorization code does not exist or has been deactivated", "not_found")
        if not card.authorization.get("reusable"):
            return error(400, "This authorization is not reusable", "invalid_params")
        if card.email != values["email"]:
            text = "Email does not match Authorization code. Authorization may be inactive or belong to a"
            return error(400, f"{text} different email.", "invalid_params")
        one = api.new(values, key, request.base_url)
        one.channel, one.card = "card", card.card
        if not store.add(one):
            return error(400, "Duplicate Transaction Reference", "duplicate_reference")
        if script.card_charge == "challenge":
            data = {
                "authorization_url": f"{request.base_url}/checkout/{one.access_code}",
                "reference": one.reference,
                "access_code": one.access_code,
                "paused": True,
            }
            message = "Please, redirect your customer to the authorization url provided"
            return json_response({"status": True, "message": message, "data": data})
        if script.card_charge == "pending":
            store.change(one.reference, lambda row: _set(row, "pending"))
            return _attempted(_now(store, one.reference))
        outcome = "approve" if script.card_charge == "success" else "decline"
        outcomes.pay(store, one.reference, outcome=outcome, channel="card", card=card.card)
        paid = _now(store, one.reference)
        if paid.status == "success":
            deliveries.send(paid)
        return _attempted(paid)

    @app.post("/customer/authorization/deactivate")
    @api.guarded(script)
    def deactivate(request: Request, key: str) -> Response:
        code = str((api.body(request) or {}).get("authorization_code", ""))
        if not store.forget_authorization(code):
            return error(404, "Authorization code does not exist", "not_found")
        return json_response({"status": True, "message": "Authorization has been deactivated"})


def phone(store: Store, deliveries: Deliveries, reference: str, outcome: str) -> str:
    """What the payer does with the prompt: approve, decline, timeout, or late (after the 180 s)."""
    if outcome != "late":
        expire(store, reference)
    one = store.by_reference(reference)
    if one is None or (one.status not in _OPEN and outcome != "late"):
        return one.status if one else ""
    acts = {"approve": "approve", "late": "approve", "decline": "decline", "timeout": "timeout"}
    outcomes.pay(
        store,
        reference,
        outcome=acts[outcome],
        channel="mobile_money",
        network=one.network or "mtn",
        phone=one.phone,
    )
    paid = _now(store, reference)
    if paid.status == "success":
        deliveries.send(paid)
    return paid.status


def expire(store: Store, reference: str) -> None:
    """A prompt that nobody answered in time has failed."""
    one = store.by_reference(reference)
    if one is not None and one.status in _OPEN and 0 < one.prompt_until < time.time():
        outcomes.pay(store, reference, outcome="timeout", channel="mobile_money", network=one.network)


def _momo_refusal(momo: Any) -> Response | None:
    if not isinstance(momo, dict):
        message = "One of Authorization code, card object or mobile money object should be passed."
        return error(400, message, "missing_params")
    if str(momo.get("provider", "")).lower() not in outcomes.NETWORKS:
        return error(400, "Invalid mobile money provider", "invalid_params")
    if not re.fullmatch(r"0\d{9}", str(momo.get("phone", ""))):
        return error(400, "Invalid phone number", "invalid_params")
    return None


def _attempted(one: Transaction, message: str = "Charge attempted") -> Response:
    if one.status in ("success", "reversed"):
        data = api.view(one)
        data["authorization"] = {**one.authorization, "exp_month": 12}
    elif one.status == "failed":
        data = {"reference": one.reference, "status": "failed", "message": one.gateway_response}
    else:
        data = {"reference": one.reference, "status": one.status}
        if one.status == "send_otp":
            data["display_text"] = _MENU
        if one.status == "pay_offline":
            data["display_text"] = _PROMPT
    return json_response({"status": True, "message": message, "data": data})


def _set(one: Transaction, status: str) -> bool:
    one.status = status
    return True


def _count_wrong(one: Transaction) -> bool:
    one.wrong_codes += 1
    return True


def _now(store: Store, reference: str) -> Transaction:
    found = store.by_reference(reference)
    assert found is not None
    return found
