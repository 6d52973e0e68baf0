"""Cards that are charged again without their owner, and whose they are."""

from typing import Any

from config.core.loopback import App, Request, Response

from . import charges, outcomes, transactions
from .answers import body, error, ok
from .delivery import Deliveries
from .guard import Guard
from .script import Script
from .store import Store, Transaction

_STRANGER = (
    "Email does not match Authorization code. Authorization may be inactive or belong to a different email."
    " Please confirm."
)


def register(app: App, store: Store, script: Script, deliveries: Deliveries, guarded: Guard) -> None:
    @app.post("/transaction/charge_authorization")
    @guarded
    def charge_authorization(request: Request, key: str) -> Response:
        values = body(request) or {}
        problem = transactions.refusal(values)
        if problem is not None:
            return problem
        paid = store.by_authorization(str(values.get("authorization_code", "")))
        if paid is None:
            return error(400, "Authorization code does not exist or has been deactivated", "not_found")
        if not paid.authorization.get("reusable"):
            return error(400, "This authorization is not reusable", "invalid_params")
        if paid.email.lower() != values["email"].lower():
            return error(400, _STRANGER, "invalid_params")
        one = transactions.new(store, values, key)
        one.channel, one.channels = "card", ["card"]
        one.card, one.saved = paid.card, paid.authorization
        if not store.add(one):
            return transactions.duplicate()
        return _charge(store, script, deliveries, one, request.base_url)

    @app.post("/customer/authorization/deactivate")
    @guarded
    def deactivate(request: Request, key: str) -> Response:
        if not store.forget_authorization(str((body(request) or {}).get("authorization_code", ""))):
            return error(404, "Authorization code does not exist", "not_found")
        return ok("Authorization has been deactivated")

    @app.get("/customer/{code}")
    @guarded
    def customer(request: Request, key: str) -> Response:
        wanted = request.params["code"]
        paid = [one for one in store.find() if wanted in _names(one)]
        if not paid:
            return error(404, "No customer could be found with this customer code or email", "not_found")
        codes = {one.authorization["authorization_code"]: one for one in paid if one.authorization}
        kept = [one.authorization for code, one in codes.items() if store.by_authorization(code)]
        return ok("Customer retrieved", _customer(paid, kept))


def _customer(paid: list[Transaction], kept: list[dict[str, Any]]) -> dict[str, Any]:
    since, last = paid[-1].created_at, paid[0].created_at
    return {
        **transactions.customer(paid[0].email),
        "transactions": [],
        "subscriptions": [],
        "authorizations": kept,
        "domain": "test",
        "integration": 100043,
        "createdAt": since,
        "updatedAt": last,
        "created_at": since,
        "updated_at": last,
        "total_transactions": len(paid),
        "total_transaction_value": [],
        "dedicated_account": None,
        "identified": False,
        "identifications": None,
    }


def _names(one: Transaction) -> tuple[Any, Any]:
    return one.email, transactions.customer(one.email)["customer_code"]


def _charge(
    store: Store, script: Script, deliveries: Deliveries, one: Transaction, base_url: str
) -> Response:
    """As `card_charge` says: at once, not, not yet, or only after the payer was seen by the bank."""
    wanted = script.card_charge
    if wanted == "challenge":
        store.change(one.reference, lambda row: outcomes.wait_for(row, "challenge"))
        data = {
            "authorization_url": f"{base_url}/checkout/{one.access_code}",
            "reference": one.reference,
            "access_code": one.access_code,
            "paused": True,
        }
        return ok("Please, redirect your customer to the authorization url provided", data)
    if wanted == "pending":
        store.change(one.reference, lambda row: outcomes.set_status(row, "pending"))
        return charges.attempted(charges.now(store, one.reference))
    refusal = {"failed": "Declined", "insufficient": "Insufficient Funds"}.get(wanted, "")
    outcome = "decline" if refusal else "approve"
    outcomes.pay(store, deliveries, one.reference, outcome=outcome, channel="card", reason=refusal)
    return charges.attempted(charges.now(store, one.reference))
