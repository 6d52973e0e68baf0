"""The hosted checkout page: what the buyer sees when the product sends them to pay."""

from urllib.parse import urlencode

from config.core.loopback import App, Request, Response, html_response, redirect

from . import outcomes, pages
from .delivery import Deliveries
from .script import Script
from .store import Store, Transaction


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.get("/checkout/{access_code}")
    def show(request: Request) -> Response:
        one = store.by_access_code(request.params["access_code"])
        if one is None:
            return html_response(pages.unknown(), 404)
        if one.status == "success":
            return html_response(pages.paid(one, _return_url(one)))
        if one.status == "send_otp":
            return html_response(pages.voucher(one, return_url=_return_url(one)))
        return html_response(pages.checkout(one, return_url=_return_url(one), chosen={}))

    @app.post("/checkout/{access_code}")
    def choose(request: Request) -> Response:
        one = store.by_access_code(request.params["access_code"])
        if one is None:
            return html_response(pages.unknown(), 404)
        form = request.form()
        if one.status == "send_otp":
            if form.get("otp") != script.otp:
                problem = "That code is not right. Dial *110# again."
                page = pages.voucher(one, return_url=_return_url(one), problem=problem)
                return html_response(page, 400)
            form = {"channel": "mobile_money", "outcome": "approve", "network": "vod", "phone": one.phone}
        channel, outcome = form.get("channel", ""), form.get("outcome", "")
        network, phone = form.get("network", "mtn"), form.get("phone", "").replace(" ", "")
        problem = _problem(one, channel, outcome, network, phone)
        if problem:
            page = pages.checkout(one, return_url=_return_url(one), problem=problem, chosen=form)
            return html_response(page, 400)
        wants_code = network == "vod" and one.status != "send_otp" and outcome == "approve"
        if channel == "mobile_money" and wants_code:
            store.change(one.reference, lambda row: _ask_for_code(row, phone))
            return html_response(pages.voucher(one, return_url=_return_url(one)))
        changed = outcomes.pay(
            store,
            one.reference,
            outcome=outcome,
            channel=channel,
            network=network,
            phone=phone,
            card=form.get("card", ""),
        )
        now = store.by_reference(one.reference) or one
        if now.status != "success":
            return html_response(pages.failed(now, _return_url(now)))
        if changed:
            deliveries.send(now)
        return redirect(_return_url(now)) if _return_url(now) else html_response(pages.paid(now, ""))


def _ask_for_code(one: Transaction, phone: str) -> bool:
    one.status, one.channel, one.network, one.phone = "send_otp", "mobile_money", "vod", phone
    return True


def _problem(one: Transaction, channel: str, outcome: str, network: str, phone: str) -> str:
    if channel not in one.channels or outcome not in outcomes.OUTCOMES:
        return "Choose how to pay."
    if channel == "card":
        return ""
    if network not in outcomes.NETWORKS:
        return "Choose your network."
    if not (len(phone) == 10 and phone.startswith("0") and phone.isascii() and phone.isdigit()):
        return "Enter a phone number of ten digits that starts with 0, like 055 123 4987."
    return ""


def _return_url(one: Transaction) -> str:
    if not one.callback_url.startswith(("http://", "https://")):
        return ""
    joint = "&" if "?" in one.callback_url else "?"
    return one.callback_url + joint + urlencode({"trxref": one.reference, "reference": one.reference})
