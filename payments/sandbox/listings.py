"""What Paystack only tells: settlements, balance, networks, the time a page stays open."""

from datetime import UTC, datetime
from typing import Any

from config.core.loopback import App, Request, Response

from . import transactions
from .answers import bad_dates, between, body, error, ok, page, timestamp, whole
from .guard import Guard
from .script import Script
from .store import Store

_NETWORKS = (
    ("AirtelTigo", "atl-mobile-money", "ATL", 29),
    ("MTN", "mtn-mobile-money", "MTN", 28),
    ("Vodafone", "vod-mobile-money", "VOD", 66),
)
_SINCE = "2018-03-29T12:54:59.000Z"


def register(app: App, store: Store, script: Script, guarded: Guard) -> None:
    @app.get("/settlement")
    @guarded
    def settlements(request: Request, key: str) -> Response:
        # Paystack settles nothing in test mode; here `settle` or the script does.
        rows = [*script.settlements, *(_row(one) for one in store.all("settlement"))]
        try:
            since, until = between(request.query)
        except ValueError:
            return bad_dates()
        status = request.query.get("status")
        found = [
            row
            for row in rows
            if since <= str(row.get("settlement_date", since)) <= until
            and status in (None, row.get("status"))
        ]
        return page(request, found, "Settlements retrieved")

    @app.get("/settlement/{id}/transactions")
    @guarded
    def settled(request: Request, key: str) -> Response:
        row = store.get("settlement", request.params["id"])
        if row is None:
            return error(404, "Settlement not found", "not_found")
        found = [store.by_reference(reference) for reference in row["references"]]
        rows = [{**transactions.view(one), "plan": {}} for one in found if one]
        return page(request, rows, "Transactions retrieved", total_volume=row["total_processed"])

    @app.get("/balance")
    @guarded
    def balance(request: Request, key: str) -> Response:
        return ok("Balances retrieved", [{"currency": "GHS", "balance": _balance(store)}])

    @app.get("/bank")
    @guarded
    def networks(request: Request, key: str) -> Response:
        wanted = request.query.get("currency", "GHS"), request.query.get("type", "mobile_money")
        rows = list(map(_network, _NETWORKS)) if wanted == ("GHS", "mobile_money") else []
        return ok("Banks retrieved", rows)

    @app.get("/integration/payment_session_timeout")
    @guarded
    def session(request: Request, key: str) -> Response:
        return ok("Payment session timeout retrieved", {"payment_session_timeout": session_seconds(store)})

    @app.route("PUT", "/integration/payment_session_timeout")
    @guarded
    def set_session(request: Request, key: str) -> Response:
        seconds = whole((body(request) or {}).get("timeout"))
        if seconds is None or seconds < 0:
            return error(400, "timeout must be a number of seconds", "invalid_params")
        store.put("integration", "session", {"seconds": seconds})
        return ok("Payment session timeout updated", {"payment_session_timeout": seconds})


def session_seconds(store: Store) -> int:
    """How long a page can be paid on; 0 for ever."""
    return int((store.get("integration", "session") or {}).get("seconds", 0))


def settle(store: Store) -> dict[str, Any] | None:
    """Pays out everything that was paid and in no settlement yet; None when there is nothing."""
    with store.lock:
        before = {one for row in store.all("settlement") for one in row["references"]}
        found = store.find("json_extract(state, '$.paid_at') IS NOT NULL")
        paid = [one for one in found if one.reference not in before]
        if not paid:
            return None
        total, fees = sum(one.amount for one in paid), sum(one.fees or 0 for one in paid)
        now = datetime.now(UTC)
        row = {
            "id": store.next_id(),
            "domain": "test",
            "status": "success",
            "currency": "GHS",
            "integration": 100043,
            "total_amount": total - fees,
            "effective_amount": total - fees,
            "total_fees": fees,
            "total_processed": total,
            "deductions": None,
            "settlement_date": timestamp(now.replace(hour=0, minute=0, second=0)),
            "settled_by": None,
            "createdAt": timestamp(now),
            "updatedAt": timestamp(now),
            "references": [one.reference for one in paid],
        }
        store.put("settlement", str(row["id"]), row)
        return _row(row)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "references"}


def _balance(store: Store) -> int:
    """Paid, less fees and what went back or is going."""
    paid = sum(
        one.amount - (one.fees or 0) for one in store.find("json_extract(state, '$.paid_at') IS NOT NULL")
    )
    going = ("pending", "processing", "processed", "needs-attention")
    back = sum(row["amount"] for row in store.all("refund") if row["status"] in going)
    lost = ("merchant-accepted", "auto-accepted")
    return paid - back - sum(row["amount"] for row in store.all("dispute") if row["resolution"] in lost)


def _network(one: tuple[str, str, str, int]) -> dict[str, Any]:
    name, slug, code, number = one
    return {
        "name": name,
        "slug": slug,
        "code": code,
        "longcode": "",
        "gateway": None,
        "pay_with_bank": False,
        "supports_transfer": True,
        "available_for_direct_debit": False,
        "active": True,
        "is_deleted": None,
        "country": "Ghana",
        "currency": "GHS",
        "type": "mobile_money",
        "id": number,
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
    }
