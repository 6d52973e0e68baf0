"""The page to watch the sandbox and to play the payer, the bank and the network: `GET /_sandbox/`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from config.core.loopback import App, Request, Response, html_response, redirect

from . import charges, disputes, listings, outcomes, refunds, watch_pages
from .control import local
from .delivery import Deliveries
from .faults import FAULTS
from .script import REFUND_STATES, Script
from .store import Store

Form = dict[str, str]

# What a button does → the part of the page to come back to.
_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "phone": "phones",
        "pay": "transactions",
        "settle": "transactions",
        "refund": "refunds",
        "give_back": "refunds",
        "dispute": "disputes",
        "decide": "disputes",
        "webhook": "webhooks",
        "release": "webhooks",
        "fault": "steer",
        "script": "steer",
        "reset": "steer",
    }
)


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.get("/_sandbox/")
    @local
    def watch(request: Request) -> Response:
        return html_response(watch_pages.page(store, script, deliveries))

    @app.post("/_sandbox/")
    @local
    def act(request: Request) -> Response:
        form = request.form()
        problem = _act(store, script, deliveries, form)
        if problem:
            return html_response(watch_pages.page(store, script, deliveries, problem=problem), 400)
        return redirect(f"{request.base_url}/_sandbox/#{_PARTS[form['what']]}")


def _act(store: Store, script: Script, deliveries: Deliveries, form: Form) -> str | None:
    """What is wrong, or None and it is done."""
    what = form.get("what", "")
    if what in ("fault", "script", "reset", "release", "settle"):
        return _steer(store, script, deliveries, what, form)
    acts = {**_payer(store, deliveries), **_bank(store, deliveries)}
    if what not in acts:
        return "There is no such button."
    return None if acts[what](form.get("which", ""), form.get("how", "")) else "That can not be done now."


def _payer(store: Store, deliveries: Deliveries) -> dict[str, Callable[[str, str], object]]:
    def phone(which: str, how: str) -> object:
        return how in charges.PHONE_OUTCOMES and charges.phone(store, deliveries, which, how)

    def pay(which: str, how: str) -> object:
        one = store.by_reference(which)
        if one is None or how not in outcomes.OUTCOMES:
            return False
        channel = one.channel if one.saved or one.phone else one.channels[0]
        return outcomes.pay(store, deliveries, which, outcome=how, channel=channel)

    return {"phone": phone, "pay": pay}


def _bank(store: Store, deliveries: Deliveries) -> dict[str, Callable[[str, str], object]]:
    def refund(which: str, how: str) -> object:
        return how in REFUND_STATES and refunds.move(store, deliveries, which, how)

    def dispute(which: str, how: str) -> object:
        return disputes.open_dispute(store, deliveries, which, None, "chargeback")

    def decide(which: str, how: str) -> object:
        if how == "remind":
            return disputes.remind(store, deliveries, which)
        return how in disputes.RESOLUTIONS and disputes.decide(store, deliveries, which, how)

    def webhook(which: str, how: str) -> object:
        one = store.by_reference(which)
        if one is not None:
            deliveries.send(one)
        return one

    return {"refund": refund, "dispute": dispute, "decide": decide, "webhook": webhook}


def _steer(store: Store, script: Script, deliveries: Deliveries, what: str, form: Form) -> str | None:
    if what == "fault":
        times = form.get("times", "1")
        if form.get("how") not in FAULTS or not (times.isascii() and times.isdigit()):
            return "Choose a fault and how often."
        plan = {"path": form.get("path", "").strip(), "fault": form["how"], "times": int(times)}
        return script.set({"faults": [*script.faults, plan]})
    if what == "script":
        texts = {name: form[name] for name in watch_pages.SETTINGS if name in form}
        return script.set(
            {**texts, "lose_webhooks": "lose_webhooks" in form, "webhook_hold": "webhook_hold" in form}
        )
    if what == "release":
        deliveries.release(backwards=form.get("how") == "backwards")
    elif what == "settle":
        return None if listings.settle(store) else "There is nothing to settle."
    else:
        script.reset()
    return None
