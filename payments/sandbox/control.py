"""The sandbox's own buttons, for curl and tests. Paystack has nothing like them.

Each takes a JSON object and refuses what it does not know; only calls from this machine are answered.
`GET /_sandbox/` is a page with the same buttons.

GET  /_sandbox/script                  what it has been told
POST /_sandbox/script                  e.g. {"webhook_copies": 3, "fail_next": "500"}; the names are below
POST /_sandbox/reset                   good behaviour again; transactions stay
POST /_sandbox/pay/{reference}         {"outcome": "approve|decline|timeout", "channel": "mobile_money|card",
                                        "network": "mtn|vod|atl", "phone": "0…", "card": "its number"}
POST /_sandbox/phone/{reference}       {"outcome": "approve|decline|timeout|late"}: what the payer does;
                                        `late` pays after the prompt has failed
POST /_sandbox/status/{reference}      {"status": "ongoing"}: any status, also one nobody has heard of
POST /_sandbox/refund/{id}             {"status": "pending|processing|processed|failed|needs-attention"}
POST /_sandbox/dispute/{reference}     {"amount": 5000, "category": "fraud"}: the payer's bank opens one
POST /_sandbox/dispute/{id}/decide     {"resolution": "merchant-accepted|auto-accepted|declined"}
POST /_sandbox/dispute/{id}/remind     sends charge.dispute.remind
POST /_sandbox/settle                  pays out everything that was paid and not settled yet
POST /_sandbox/webhook/{reference}     {"copies": 3, "event": "charge.success"}: send it (again)
POST /_sandbox/release                 {"order": "backwards"}: sends the webhooks that are held
POST /_sandbox/faults                  [{"path": "/refund", "method": "POST", "fault": "landed", "times": 1}]
GET  /_sandbox/deliveries?reference=   webhooks sent, in order, with body, signature and the answers they got
GET  /_sandbox/requests                API calls received: method, path, query, body
GET  /_sandbox/calls                   the same, with the fault each met and the status it got, 0 for none

Names of the script
  faults            planned faults, each used up in order by the calls it fits: `path` is how the path begins
                    (with "exact": true all of it), `method`, `fault`, `times`, `seconds` of a wait
  fail_next, fail_calls, fail_path
                    the short form: a fault for the next `fail_calls` calls whose path begins so
  timeout_s, slow_s, drip_s, rate_limit_reset
                    seconds of silence, before an answer, between two bytes, and in x-ratelimit-reset
  tamper            fields that replace what verify says, e.g. {"amount": 100}
  prompt_seconds    how long a prompt can be answered
  otp, otp_wait_s   the right code; how long to wait after three wrong ones
  after_otp         what a right code leads to: pay_offline, pending, success, failed
  only_test_phone   any number but 0551234987 is declined, as in Paystack's own test mode
  card_charge       a saved card: success, failed, insufficient, pending, challenge (on a page)
  refunds_end       where new refunds go by themselves: a refund's state; "pending" holds them
  refunds_refused   the message with which each new refund is refused
  settlements       rows that GET /settlement shows besides those of `settle`
  webhook_url       where webhooks go, on this machine; "" only records them
  webhook_copies, webhook_delay_s, webhook_delays
                    how many of each, how late, how late by event
  webhook_hold, webhook_disorder
                    kept until `release`; kept until there are so many, then sent the last first
  lose_webhooks, lose_next, lose_events
                    all are lost, so many are lost, those of these names are lost
  webhook_signature right, forged, missing, empty, upper
  webhook_key       signs with this key in place of the transaction's
  webhook_form      plain, pretty, escaped, unicode, newline, text, form, charset, chunked

Faults: 400 401 403 404 422 429 500 502 timeout drop garbage envelope huge, where nothing was done; slow and
drip, where it was done and the answer is late or comes byte by byte; landed, landed-500 and landed-timeout,
where it was done and the answer is lost.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from config.core.loopback import App, Handler, Request, Response, json_response

from . import card_list, charges, disputes, listings, outcomes, refunds
from .delivery import Deliveries
from .script import LOOPBACK, REFUND_STATES, Script
from .store import Store

_ASKED = ("method", "path", "query", "body")
Press = Callable[[Request, dict[str, Any]], Response]


class _Refused(Exception):
    """The text says what is wrong."""


def local(handler: Handler) -> Handler:
    """Lets only this machine in: a page elsewhere could send a browser here."""

    def guarded(request: Request) -> Response:
        host, origin = request.headers.get("host", ""), request.headers.get("origin", "")
        is_ours = urlsplit(f"//{host}").hostname in LOOPBACK and origin in ("", "null", f"http://{host}")
        return handler(request) if is_ours else _refused("Only this machine may do that", 403)

    return guarded


def pressed(handler: Press) -> Handler:
    """Hands over the JSON object; a refusal is 400."""

    def guarded(request: Request) -> Response:
        try:
            values = request.json() if request.body else {}
        except ValueError:
            return _refused("Send a JSON object")
        if not isinstance(values, dict):
            return _refused("Send a JSON object")
        try:
            return handler(request, values)
        except _Refused as refused:
            return _refused(str(refused))

    return local(guarded)


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    _payments(app, store, deliveries)
    _money_back(app, store, deliveries)
    _webhooks(app, store, script, deliveries)

    @app.get("/_sandbox/script")
    @local
    def show(request: Request) -> Response:
        return json_response(script.state())

    @app.post("/_sandbox/script")
    @pressed
    def tell(request: Request, values: dict[str, Any]) -> Response:
        problem = script.set(values)
        return _refused(problem) if problem else json_response(script.state())

    @app.post("/_sandbox/faults")
    @local
    def plan(request: Request) -> Response:
        try:
            problem = script.set({"faults": request.json()})
        except ValueError:
            problem = "Send a JSON list"
        return _refused(problem) if problem else json_response(script.state())

    @app.post("/_sandbox/reset")
    @local
    def reset(request: Request) -> Response:
        script.reset()
        deliveries.forget()
        return json_response(script.state())

    @app.get("/_sandbox/requests")
    @local
    def requests(request: Request) -> Response:
        return json_response([{name: one[name] for name in _ASKED} for one in list(script.requests)])

    @app.get("/_sandbox/calls")
    @local
    def calls(request: Request) -> Response:
        return json_response(list(script.requests))


def _payments(app: App, store: Store, deliveries: Deliveries) -> None:
    @app.post("/_sandbox/pay/{reference}")
    @pressed
    def pay(request: Request, values: dict[str, Any]) -> Response:
        reference = request.params["reference"]
        phone, card = str(values.get("phone", "")), str(values.get("card", ""))
        outcome = _one_of(values, "outcome", outcomes.OUTCOMES, "approve")
        channel = _one_of(values, "channel", ("mobile_money", "card"), "mobile_money")
        network = _one_of(values, "network", tuple(outcomes.NETWORKS), "mtn") if values.get("network") else ""
        if card and card not in card_list.CARDS:
            raise _Refused(f"card must be one of {', '.join(card_list.CARDS)}")
        if store.by_reference(reference) is None:
            return _refused("No such transaction", 404)
        changed = outcomes.pay(
            store,
            deliveries,
            reference,
            outcome=outcome,
            channel=channel,
            network=network,
            phone=phone,
            card=card,
        )
        return json_response({"status": changed, "message": charges.now(store, reference).status})

    @app.post("/_sandbox/phone/{reference}")
    @pressed
    def phone(request: Request, values: dict[str, Any]) -> Response:
        outcome = _one_of(values, "outcome", charges.PHONE_OUTCOMES, "approve")
        status = charges.phone(store, deliveries, request.params["reference"], outcome)
        return json_response({"status": bool(status), "message": status}, 200 if status else 404)

    @app.post("/_sandbox/status/{reference}")
    @pressed
    def status(request: Request, values: dict[str, Any]) -> Response:
        wanted = values.get("status")
        if not isinstance(wanted, str) or not wanted:
            raise _Refused("status must be a text")
        changed = store.change(request.params["reference"], lambda one: outcomes.set_status(one, wanted))
        return json_response({"status": changed, "message": wanted}, 200 if changed else 404)

    @app.post("/_sandbox/settle")
    @pressed
    def settle(request: Request, values: dict[str, Any]) -> Response:
        return _found(listings.settle(store))


def _money_back(app: App, store: Store, deliveries: Deliveries) -> None:
    @app.post("/_sandbox/refund/{id}")
    @pressed
    def refund(request: Request, values: dict[str, Any]) -> Response:
        status = _one_of(values, "status", REFUND_STATES, "processed")
        return _found(refunds.move(store, deliveries, request.params["id"], status))

    @app.post("/_sandbox/dispute/{reference}")
    @pressed
    def dispute(request: Request, values: dict[str, Any]) -> Response:
        amount, category = values.get("amount"), str(values.get("category", "chargeback"))
        if amount is not None and (not isinstance(amount, int) or isinstance(amount, bool) or amount < 1):
            raise _Refused("amount must be whole pesewas")
        reference = request.params["reference"]
        return _found(disputes.open_dispute(store, deliveries, reference, amount, category))

    def decide(request: Request, values: dict[str, Any]) -> Response:
        resolution = _one_of(values, "resolution", disputes.RESOLUTIONS, "declined")
        return _found(disputes.decide(store, deliveries, request.params["id"], resolution))

    def remind(request: Request, values: dict[str, Any]) -> Response:
        return _found(disputes.remind(store, deliveries, request.params["id"]))

    app.post("/_sandbox/dispute/{id}/decide")(pressed(decide))
    app.post("/_sandbox/dispute/{id}/remind")(pressed(remind))


def _webhooks(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.post("/_sandbox/webhook/{reference}")
    @pressed
    def resend(request: Request, values: dict[str, Any]) -> Response:
        one, copies = store.by_reference(request.params["reference"]), values.get("copies", 3)
        if one is None:
            return _refused("No such transaction", 404)
        if not isinstance(copies, int) or not 1 <= copies <= 100:
            raise _Refused("copies must be 1 to 100")
        deliveries.send(one, event=str(values.get("event", "charge.success")), copies=copies)
        return json_response({"status": True, "message": f"{copies} sent"})

    @app.post("/_sandbox/release")
    @pressed
    def release(request: Request, values: dict[str, Any]) -> Response:
        order = _one_of(values, "order", ("forwards", "backwards"), "forwards")
        sent = deliveries.release(backwards=order == "backwards")
        return json_response({"status": True, "message": f"{sent} sent"})

    @app.get("/_sandbox/deliveries")
    @local
    def log(request: Request) -> Response:
        wanted = request.query.get("reference")
        return json_response([one for one in list(deliveries.log) if wanted in (None, one["reference"])])


def _one_of(values: dict[str, Any], name: str, known: tuple[str, ...], default: str) -> str:
    value = values.get(name, default)
    if value not in known:
        raise _Refused(f"{name} must be one of {', '.join(known)}")
    return str(value)


def _found(row: dict[str, Any] | None) -> Response:
    return json_response({"status": True, "data": row}) if row else _refused("No such thing here", 404)


def _refused(message: str, status: int = 400) -> Response:
    return json_response({"status": False, "message": message}, status)
