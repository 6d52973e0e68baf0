"""What happens to a transaction when somebody pays, refuses, or does nothing."""

from typing import Any

from . import card_list
from .answers import timestamp
from .delivery import Deliveries
from .store import Store, Transaction

NETWORKS = {"mtn": "MTN MoMo", "vod": "Telecel Cash", "atl": "AT Money"}
OUTCOMES = ("approve", "decline", "timeout")
TEST_PHONE = "0551234987"
_FEE_PER_10_000 = 195
_LATE = "The prompt was not answered in time"


def pay(
    store: Store,
    deliveries: Deliveries,
    reference: str,
    *,
    outcome: str,
    channel: str,
    network: str = "",
    phone: str = "",
    card: str = "",
    reason: str = "",
) -> bool:
    """Whether it changed anything; a success is told by webhook.

    False when there is no such transaction or it is paid already. A failed one can still be paid.
    """

    def apply(one: Transaction) -> bool:
        if one.status in ("success", "reversed"):
            return False
        one.channel = channel
        one.network, one.phone = network or one.network or "mtn", phone or one.phone or TEST_PHONE
        if channel == "card":
            one.card = card or one.card or card_list.FIRST.number
        refusal = reason or _refusal(one)
        if outcome == "approve" and not refusal:
            _approve(one)
        else:
            _fail(one, outcome, refusal or "Declined")
        return True

    changed = store.change(reference, apply)
    paid = store.by_reference(reference)
    if changed and paid is not None and paid.status == "success":
        deliveries.send(paid)
    return changed


def wait_for(one: Transaction, step: str) -> None:
    """The payer is acting; `step` is what they do."""
    one.status, one.step = "ongoing", step
    one.message, one.gateway_response = None, "Transaction is in progress"


def set_status(one: Transaction, status: str) -> None:
    """Any status, also one that nobody has heard of."""
    one.status, one.step = status, ""


def expire(store: Store, deliveries: Deliveries, now: float) -> None:
    """Prompts that nobody answered in time have failed."""
    for one in store.run_out(now):
        pay(store, deliveries, one.reference, outcome="timeout", channel=one.channel)


def reverse_or_not(store: Store, one: Transaction) -> None:
    """A paid transaction of which everything went back is `reversed`; it returns when a refund does not."""
    back = sum(row["amount"] for row in store.all("refund") if _took(row, one, "status", ("processed",)))
    lost = ("merchant-accepted", "auto-accepted")
    back += sum(row["amount"] for row in store.all("dispute") if _took(row, one, "resolution", lost))
    wanted = "reversed" if back >= one.amount else "success"
    if one.status in ("success", "reversed") and one.status != wanted:
        store.change(one.reference, lambda row: setattr(row, "status", wanted))


def _took(row: dict[str, Any], one: Transaction, name: str, values: tuple[str, ...]) -> bool:
    return row["reference"] == one.reference and row[name] in values


def _refusal(one: Transaction) -> str:
    card = card_list.CARDS.get(one.card) if one.channel == "card" else None
    return card.refusal if card else ""


def _fail(one: Transaction, outcome: str, refusal: str) -> None:
    is_late = outcome == "timeout"
    one.status, one.step, one.prompt_until = "failed", "timeout" if is_late else "", 0.0
    one.message = "Session timeout exceeded" if is_late else refusal
    one.gateway_response = _LATE if is_late else refusal


def _approve(one: Transaction) -> None:
    is_card = one.channel == "card"
    one.status, one.step, one.prompt_until = "success", "", 0.0
    one.paid_at = timestamp()
    one.fees = (one.amount * _FEE_PER_10_000 + 9_999) // 10_000
    one.message = None if is_card else "madePayment"
    one.gateway_response = "Successful" if is_card else "Approved"
    one.authorization = one.saved or (_card(one) if is_card else _wallet(one))


def _card(one: Transaction) -> dict[str, Any]:
    """The same number has the same signature; the code is new with each payment."""
    card = card_list.CARDS.get(one.card, card_list.FIRST)
    return {
        "authorization_code": f"AUTH_{one.access_code}",
        "bin": card.number[:6],
        "last4": card.number[-4:],
        "exp_month": "12",
        "exp_year": "2034",
        "channel": "card",
        "card_type": card.brand,
        "bank": "TEST BANK",
        "country_code": "GH",
        "brand": card.brand,
        "reusable": card.reusable,
        "signature": f"SIG_{card.number}",
        "account_name": None,
    }


def _wallet(one: Transaction) -> dict[str, Any]:
    return {
        "authorization_code": f"AUTH_{one.access_code}",
        "bin": f"{one.phone[:3]}XXX",
        "last4": f"X{one.phone[-3:]}",
        "exp_month": "12",
        "exp_year": "9999",
        "channel": "mobile_money",
        "card_type": "",
        "bank": NETWORKS.get(one.network, ""),
        "country_code": "GH",
        "brand": NETWORKS.get(one.network, ""),
        "reusable": False,
        "signature": None,
        "account_name": None,
    }
