"""The sandbox's own buttons, for curl and tests. Paystack has nothing like them.

GET  /_sandbox/script                   what it has been told
POST /_sandbox/script                   e.g. {"webhook_copies": 3, "fail_next": "500"}; see script.Script
POST /_sandbox/reset                    good behaviour again; transactions stay
POST /_sandbox/pay/{reference}          {"outcome": "approve|decline|timeout", "channel": "mobile_money|card"}
POST /_sandbox/webhook/{reference}      {"copies": 3, "event": "charge.success"}: send it (again)
POST /_sandbox/phone/{reference}        {"outcome": "approve|decline|timeout|late"}: what the payer does
POST /_sandbox/refund/{id}              {"status": "processed|failed|needs-attention|processing"}
POST /_sandbox/dispute/{reference}      {"amount": 5000, "category": "fraud"}: opens one
POST /_sandbox/decide/{id}              {"resolution": "merchant-accepted|auto-accepted|declined"}
POST /_sandbox/remind/{id}              sends charge.dispute.remind
POST /_sandbox/status/{reference}       {"status": "ongoing"}: any status, also one nobody has heard of
POST /_sandbox/release                  {"order": "backwards"}: sends the webhooks that were held
GET  /_sandbox/deliveries?reference=    webhooks made, with body, signature and the answers they got
GET  /_sandbox/requests                 what API calls it received
"""

from typing import Any

from config.core.loopback import App, Request, Response, json_response

from . import charges, disputes, outcomes, refunds
from .delivery import Deliveries
from .script import Script
from .store import Store, Transaction


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.get("/_sandbox/script")
    def show(request: Request) -> Response:
        return json_response(script.state())

    @app.post("/_sandbox/script")
    def tell(request: Request) -> Response:
        problem = script.set(_values(request))
        return _refused(problem) if problem else json_response(script.state())

    @app.post("/_sandbox/reset")
    def reset(request: Request) -> Response:
        script.reset()
        deliveries.log.clear()
        return json_response(script.state())

    @app.post("/_sandbox/pay/{reference}")
    def pay(request: Request) -> Response:
        values, reference = _values(request), request.params["reference"]
        outcome, channel = values.get("outcome", "approve"), values.get("channel", "mobile_money")
        network, phone = values.get("network", "mtn"), str(values.get("phone", "0551234987"))
        if outcome not in outcomes.OUTCOMES:
            return _refused(f"outcome must be one of {', '.join(outcomes.OUTCOMES)}")
        if channel not in ("mobile_money", "card") or network not in outcomes.NETWORKS:
            return _refused("channel must be mobile_money or card, network mtn, vod or atl")
        if store.by_reference(reference) is None:
            return json_response({"status": False, "message": "No such transaction"}, 404)
        changed = outcomes.pay(
            store, reference, outcome=outcome, channel=channel, network=network, phone=phone
        )
        paid = store.by_reference(reference)
        if changed and paid is not None and paid.status == "success":
            deliveries.send(paid)
        return json_response({"status": changed, "message": paid.status if paid else ""})

    @app.post("/_sandbox/webhook/{reference}")
    def resend(request: Request) -> Response:
        values, one = _values(request), store.by_reference(request.params["reference"])
        copies = values.get("copies", 3)
        if one is None:
            return json_response({"status": False, "message": "No such transaction"}, 404)
        if not isinstance(copies, int) or not 1 <= copies <= 100:
            return _refused("copies must be 1 to 100")
        deliveries.send(one, event=str(values.get("event", "charge.success")), copies=copies)
        return json_response({"status": True, "message": f"{copies} sent"})

    @app.post("/_sandbox/phone/{reference}")
    def phone(request: Request) -> Response:
        outcome = _values(request).get("outcome", "approve")
        if outcome not in ("approve", "decline", "timeout", "late"):
            return _refused("outcome must be approve, decline, timeout or late")
        status = charges.phone(store, deliveries, request.params["reference"], outcome)
        return json_response({"status": bool(status), "message": status}, 200 if status else 404)

    @app.post("/_sandbox/refund/{id}")
    def refund(request: Request) -> Response:
        status = _values(request).get("status", "processed")
        if status not in refunds.STATES:
            return _refused(f"status must be one of {', '.join(refunds.STATES)}")
        return _found(refunds.move(store, deliveries, request.params["id"], status))

    @app.post("/_sandbox/dispute/{reference}")
    def dispute(request: Request) -> Response:
        values = _values(request)
        amount, category = values.get("amount"), str(values.get("category", "fraud"))
        if amount is not None and not isinstance(amount, int):
            return _refused("amount must be whole pesewas")
        reference = request.params["reference"]
        return _found(disputes.open_dispute(store, deliveries, reference, amount, category))

    @app.post("/_sandbox/decide/{id}")
    def decide(request: Request) -> Response:
        resolution = _values(request).get("resolution", "declined")
        if resolution not in disputes.RESOLUTIONS:
            return _refused(f"resolution must be one of {', '.join(disputes.RESOLUTIONS)}")
        return _found(disputes.decide(store, deliveries, request.params["id"], resolution))

    @app.post("/_sandbox/remind/{id}")
    def remind(request: Request) -> Response:
        return _found(disputes.remind(store, deliveries, request.params["id"]))

    @app.post("/_sandbox/status/{reference}")
    def status(request: Request) -> Response:
        wanted = str(_values(request).get("status", ""))

        def change(one: Transaction) -> bool:
            one.status = wanted
            return True

        changed = store.change(request.params["reference"], change)
        return json_response({"status": changed, "message": wanted}, 200 if changed else 404)

    @app.post("/_sandbox/release")
    def release(request: Request) -> Response:
        sent = deliveries.release(backwards=_values(request).get("order") == "backwards")
        return json_response({"status": True, "message": f"{sent} sent"})

    @app.get("/_sandbox/deliveries")
    def log(request: Request) -> Response:
        wanted = request.query.get("reference")
        return json_response([one for one in list(deliveries.log) if wanted in (None, one["reference"])])

    @app.get("/_sandbox/requests")
    def requests(request: Request) -> Response:
        return json_response(list(script.requests))


def _found(row: dict[str, Any] | None) -> Response:
    if row is None:
        return json_response({"status": False, "message": "No such thing here"}, 404)
    return json_response({"status": True, "data": row})


def _values(request: Request) -> dict[str, Any]:
    try:
        values = request.json() if request.body else {}
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _refused(message: str) -> Response:
    return json_response({"status": False, "message": message}, 400)
