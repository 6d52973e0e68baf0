"""Mobile money without a page: prompts on phones, and the codes that some networks want first."""

import re
import time
from typing import Any

from config.core.loopback import App, Request, Response

from . import outcomes, transactions
from .answers import body, error, ok
from .delivery import Deliveries
from .guard import Guard
from .script import Script
from .store import Store, Transaction

_MENU = "Please dial *110# to generate a voucher code. Then input the voucher"
_PROMPT = "Please complete authorization process on your mobile phone"
_NOT_THE_TEST_PHONE = (
    "Declined. Please use the test mobile money number since you are doing a test transaction."
)
_WITHOUT = "One of Authorization code, card object, bank object, mobile money object should be passed."
WRONG_CODES = 3
PHONE_OUTCOMES = ("approve", "decline", "timeout", "late")


def register(app: App, store: Store, script: Script, deliveries: Deliveries, guarded: Guard) -> None:
    @app.post("/charge")
    @guarded
    def charge(request: Request, key: str) -> Response:
        values = body(request) or {}
        problem = _refusal(values)
        if problem is not None:
            return problem
        momo = values["mobile_money"]
        one = transactions.new(store, values, key)
        if not store.add(one):
            return transactions.duplicate("Duplicate charge request for reference")
        prompt(store, script, one.reference, network=momo["provider"].lower(), phone=momo["phone"])
        if script.only_test_phone and momo["phone"] != outcomes.TEST_PHONE:
            reason = _NOT_THE_TEST_PHONE
            outcomes.pay(
                store, deliveries, one.reference, outcome="decline", channel="mobile_money", reason=reason
            )
        return attempted(now(store, one.reference))

    @app.post("/charge/submit_otp")
    @guarded
    def submit_otp(request: Request, key: str) -> Response:
        values = body(request) or {}
        reference, code = str(values.get("reference", "")), str(values.get("otp", ""))
        one = store.by_reference(reference)
        if one is None or one.step != "send_otp":
            return error(400, "Transaction reference is invalid", "invalid_params")
        problem = enter_code(store, script, deliveries, reference, code)
        return error(400, problem, "invalid_params") if problem else attempted(now(store, reference))

    @app.get("/charge/{reference}")
    @guarded
    def check(request: Request, key: str) -> Response:
        one = store.by_reference(request.params["reference"])
        if one is None:
            return error(400, "Transaction reference is invalid", "invalid_params")
        return attempted(one, "Reference check successful")


def prompt(store: Store, script: Script, reference: str, *, network: str, phone: str) -> None:
    """Asks the phone, or asks for a code first; unanswered after `prompt_seconds` it has failed.

    Nothing happens to what is paid.
    """

    def ask(one: Transaction) -> bool:
        if one.status in ("success", "reversed"):
            return False
        outcomes.wait_for(one, "send_otp" if network == "vod" else "pay_offline")
        one.channel, one.network, one.phone = "mobile_money", network, phone
        one.wrong_codes, one.blocked_until = 0, 0.0
        one.prompt_until = time.time() + script.prompt_seconds
        return True

    store.change(reference, ask)


def enter_code(store: Store, script: Script, deliveries: Deliveries, reference: str, code: str) -> str:
    """What is wrong with the code, "" when it is right and `after_otp` follows."""
    one, moment = now(store, reference), time.time()
    if one.blocked_until > moment:
        minutes = -int(-(one.blocked_until - moment) // 60)
        return f"Too many attempts. You have to wait for {minutes} minutes"
    if code != script.otp:
        store.change(reference, lambda row: _count_wrong(row, moment + script.otp_wait_s))
        return "Provided registration token is invalid"
    if script.after_otp in ("success", "failed"):
        outcome = "approve" if script.after_otp == "success" else "decline"
        outcomes.pay(store, deliveries, reference, outcome=outcome, channel="mobile_money")
    else:
        store.change(reference, lambda row: _ask_phone(row, script.after_otp, script.prompt_seconds))
    return ""


def phone(store: Store, deliveries: Deliveries, reference: str, outcome: str) -> str:
    """What the payer does with the prompt. The status it leads to, "" when there is no such transaction.

    `late` pays after it has failed; without an open prompt the other three change nothing.
    """
    with store.lock:
        outcomes.expire(store, deliveries, time.time())
        one = store.by_reference(reference)
        if one is None or (outcome != "late" and one.status not in ("ongoing", "pending")):
            return one.status if one else ""
        act = "approve" if outcome == "late" else outcome
        outcomes.pay(store, deliveries, reference, outcome=act, channel=_channel(one))
        return now(store, reference).status


def attempted(one: Transaction, message: str = "Charge attempted") -> Response:
    """A charge as far as it got."""
    if one.status in ("success", "reversed"):
        data = transactions.view(one)
        if one.channel == "mobile_money":  # numbers here, texts elsewhere
            data["authorization"] = {**one.authorization, "exp_month": 12, "exp_year": 9999}
    elif one.status == "failed":
        status = "timeout" if one.step == "timeout" else "failed"
        data = {"reference": one.reference, "status": status, "message": one.gateway_response}
    else:
        data = {"reference": one.reference, "status": one.step or one.status}
        texts = {"send_otp": _MENU, "pay_offline": _PROMPT}
        if one.step in texts:
            data["display_text"] = texts[one.step]
    return ok(message, data)


def now(store: Store, reference: str) -> Transaction:
    found = store.by_reference(reference)
    assert found is not None
    return found


def _channel(one: Transaction) -> str:
    return one.channel if one.phone or one.saved else "mobile_money"


def _refusal(values: dict[str, Any]) -> Response | None:
    momo = values.get("mobile_money")
    if not values.get("email"):
        return error(400, "Email address is required to create charge", "missing_params")
    if not isinstance(momo, dict):
        return error(400, _WITHOUT, "missing_params")
    problem = transactions.refusal(values)
    if problem is not None:
        return problem
    if str(momo.get("provider", "")).lower() not in outcomes.NETWORKS:
        return error(400, "Invalid mobile money provider", "invalid_params")
    number = momo.get("phone")
    if not (isinstance(number, str) and re.fullmatch(r"0[0-9]{9}", number)):
        return error(400, "Invalid phone number", "invalid_params")
    return None


def _count_wrong(one: Transaction, blocked_until: float) -> None:
    one.wrong_codes += 1
    if one.wrong_codes >= WRONG_CODES:
        one.wrong_codes, one.blocked_until = 0, blocked_until


def _ask_phone(one: Transaction, step: str, seconds: float) -> None:
    one.step, one.prompt_until = step, time.time() + seconds
