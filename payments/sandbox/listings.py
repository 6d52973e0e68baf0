"""What Paystack only tells: settlements, balance, networks, the time a page stays open."""

from config.core.loopback import App, Request, Response, json_response

from . import api, outcomes
from .script import Script, error
from .store import Store

_CODES = {"mtn": "MTN", "vod": "VOD", "atl": "ATL"}


def register(app: App, store: Store, script: Script) -> None:
    @app.get("/transaction/{id}")
    @api.guarded(script)
    def transaction(request: Request, key: str) -> Response:
        one = store.by_id(request.params["id"])
        if one is None:
            return error(404, "Transaction not found", "transaction_not_found")
        return json_response({"status": True, "message": "Transaction retrieved", "data": api.view(one)})

    @app.get("/settlement")
    @api.guarded(script)
    def settlements(request: Request, key: str) -> Response:
        # None in test mode, like Paystack's, unless the script has some.
        return api.page(request, script.settlements, "Settlements retrieved")

    @app.get("/settlement/{id}/transactions")
    @api.guarded(script)
    def settled(request: Request, key: str) -> Response:
        paid = [api.view(one) for one in store.newest_first() if one.status == "success"]
        return api.page(request, paid, "Transactions retrieved")

    @app.get("/balance")
    @api.guarded(script)
    def balance(request: Request, key: str) -> Response:
        paid = sum(one.amount - (one.fees or 0) for one in store.newest_first() if one.status == "success")
        data = [{"currency": "GHS", "balance": paid}]
        return json_response({"status": True, "message": "Balances retrieved", "data": data})

    @app.get("/bank")
    @api.guarded(script)
    def networks(request: Request, key: str) -> Response:
        rows = [
            {
                "id": number,
                "name": name,
                "slug": slug,
                "code": _CODES[slug],
                "type": "mobile_money",
                "currency": "GHS",
                "country": "Ghana",
                "active": True,
            }
            for number, (slug, name) in enumerate(outcomes.NETWORKS.items(), 28)
        ]
        return json_response({"status": True, "message": "Banks retrieved", "data": rows})

    @app.get("/integration/payment_session_timeout")
    @api.guarded(script)
    def timeout(request: Request, key: str) -> Response:
        data = {"payment_session_timeout": int(script.prompt_seconds)}
        return json_response({"status": True, "message": "Payment session timeout retrieved", "data": data})
