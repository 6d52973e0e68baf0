"""The hosted checkout page: what the buyer sees when the product sends them to pay."""

import json
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

from config.core.loopback import App, Request, Response, html_response, redirect

from . import card_list, charges, listings, outcomes, pages
from .delivery import Deliveries
from .script import Script
from .store import Store, Transaction

_ON_THE_PHONE = ("pay_offline", "pending")
_STEPS = (*_ON_THE_PHONE, "send_otp", "challenge", "ask:0", "ask:1", "ask:2")


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    checkout = _Checkout(store, script, deliveries)
    app.get("/checkout/{access_code}")(checkout.show)
    app.post("/checkout/{access_code}")(checkout.act)


class _Checkout:
    def __init__(self, store: Store, script: Script, deliveries: Deliveries) -> None:
        self._store, self._script, self._deliveries = store, script, deliveries

    def show(self, request: Request) -> Response:
        one = self._find(request)
        return self._page(one, wants_other="other" in request.query) if one else _unknown()

    def act(self, request: Request) -> Response:
        """What the buyer did; then the browser is sent on, so that a reload repeats nothing."""
        with self._store.lock:
            one = self._find(request)
            if one is None:
                return _unknown()
            if one.status in ("success", "reversed") or self._is_over(one):
                return self._page(one)
            form = request.form()
            problem = self._take(one, form)
            one = charges.now(self._store, one.reference)
        if problem:
            return self._page(one, problem=problem, form=form)
        back = _return_url(one) if one.status == "success" else ""
        return redirect(back or f"{request.base_url}/checkout/{one.access_code}")

    def _find(self, request: Request) -> Transaction | None:
        outcomes.expire(self._store, self._deliveries, time.time())
        return self._store.by_access_code(request.params["access_code"])

    def _is_over(self, one: Transaction) -> bool:
        seconds = listings.session_seconds(self._store)
        age = datetime.now(UTC) - datetime.fromisoformat(one.created_at)
        return 0 < seconds < age.total_seconds()

    def _page(
        self,
        one: Transaction,
        *,
        problem: str = "",
        form: dict[str, str] | None = None,
        wants_other: bool = False,
    ) -> Response:
        leave, status = _leave_url(one), 400 if problem else 200
        chosen, can_choose = form or {}, not one.saved
        is_choosing = can_choose and (wants_other or "channel" in chosen)
        if one.status in ("success", "reversed"):
            return html_response(pages.paid(one, leave))
        if self._is_over(one):
            return html_response(pages.over(one, leave), 410)
        if one.step in _STEPS and not is_choosing:
            return html_response(self._step(one, problem), status)
        if one.status == "failed" and not is_choosing:
            return html_response(pages.failed(one, again=can_choose, leave_url=leave))
        return html_response(pages.checkout(one, leave_url=leave, problem=problem, chosen=chosen), status)

    def _step(self, one: Transaction, problem: str) -> str:
        question = _asked(one)
        if question:
            return pages.question(one, *question, problem)
        if one.step == "send_otp":
            return pages.voucher(one, right=self._script.otp, problem=problem)
        return pages.bank(one) if one.step == "challenge" else pages.prompt(one)

    def _take(self, one: Transaction, form: dict[str, str]) -> str:
        """What is wrong with the form, "" when it was done."""
        outcome = form.get("outcome", "")
        if outcome and outcome not in outcomes.OUTCOMES:
            return "Choose how to pay."
        if "channel" in form and not one.saved:
            return self._start(one, form, outcome)
        if one.step == "send_otp" and "otp" in form:
            code = form["otp"].replace(" ", "")
            said = charges.enter_code(self._store, self._script, self._deliveries, one.reference, code)
            return "That code is not right. Dial *110# again." if "token" in said else said
        if _asked(one) and "answer" in form:
            return self._answer(one, form["answer"].replace(" ", ""))
        if outcome and one.step in (*_ON_THE_PHONE, "challenge"):
            self._pay(one, outcome)
            return ""
        return "Choose how to pay."

    def _start(self, one: Transaction, form: dict[str, str], outcome: str) -> str:
        """`outcome`, which the page does not send here, skips the prompt or the card's own effect."""
        network, phone = form.get("network", "mtn"), form.get("phone", "").replace(" ", "")
        card = card_list.CARDS.get(form.get("card") or card_list.FIRST.number)
        if form["channel"] not in one.channels:
            return "Choose how to pay."
        if form["channel"] == "card":
            if card is None:
                return "Choose a card."
            self._store.change(one.reference, lambda row: _choose_card(row, card))
            if outcome or not (card.asks or card.asks_bank):
                self._pay(one, outcome or "approve", channel="card")
            return ""
        if network not in outcomes.NETWORKS:
            return "Choose your network."
        if not (len(phone) == 10 and phone.startswith("0") and phone.isascii() and phone.isdigit()):
            return "Enter a phone number of ten digits that starts with 0, like 055 123 4987."
        charges.prompt(self._store, self._script, one.reference, network=network, phone=phone)
        if outcome and network != "vod":
            self._pay(one, outcome, channel="mobile_money")
        return ""

    def _answer(self, one: Transaction, answer: str) -> str:
        question, card = _asked(one), card_list.CARDS[one.card]
        if question is None or answer != question[1]:
            return "That is not right."
        following = int(one.step.removeprefix("ask:")) + 1
        if following < len(card.asks):
            self._store.change(one.reference, lambda row: outcomes.wait_for(row, f"ask:{following}"))
        else:
            self._pay(one, "approve")
        return ""

    def _pay(self, one: Transaction, outcome: str, *, channel: str = "") -> None:
        outcomes.pay(
            self._store, self._deliveries, one.reference, outcome=outcome, channel=channel or one.channel
        )


def _choose_card(one: Transaction, card: card_list.Card) -> None:
    one.channel, one.card, one.prompt_until = "card", card.number, 0.0
    outcomes.wait_for(one, "ask:0" if card.asks else "challenge")


def _asked(one: Transaction) -> tuple[str, str] | None:
    """What the card wants to be told now, and the right answer."""
    if not one.step.startswith("ask:") or one.card not in card_list.CARDS:
        return None
    return card_list.CARDS[one.card].asks[int(one.step.removeprefix("ask:"))]


def _unknown() -> Response:
    return html_response(pages.unknown(), 404)


def _return_url(one: Transaction) -> str:
    if not one.callback_url.startswith(("http://", "https://")):
        return ""
    joint = "&" if "?" in one.callback_url else "?"
    return one.callback_url + joint + urlencode({"trxref": one.reference, "reference": one.reference})


def _leave_url(one: Transaction) -> str:
    """Where `cancel_action` of the metadata says, else back like after paying."""
    metadata = one.metadata
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except ValueError:
            metadata = None
    wanted = metadata.get("cancel_action") if isinstance(metadata, dict) else None
    if isinstance(wanted, str) and wanted.startswith(("http://", "https://")):
        return wanted
    return _return_url(one)
