"""What happens to a transaction when somebody pays, refuses, or does nothing."""

from .api import timestamp
from .store import Store, Transaction

NETWORKS = {"mtn": "MTN MoMo", "vod": "Telecel Cash", "atl": "AT Money"}
OUTCOMES = ("approve", "decline", "timeout")
_FEE_PER_10_000 = 195


# What the documented test cards do instead of what was pressed.
_REFUSED = {"4084080000005408": "Declined", "4084080000670037": "Insufficient Funds"}


def pay(
    store: Store,
    reference: str,
    *,
    outcome: str,
    channel: str,
    network: str = "mtn",
    phone: str = "",
    card: str = "",
) -> bool:
    """False when there is no such transaction or it is paid already. A failed one can still be paid."""

    def apply(one: Transaction) -> bool:
        if one.status in ("success", "reversed"):
            return False
        one.channel = channel
        if channel == "card":
            one.card = card or one.card or "4084084084084081"
        refusal = _REFUSED.get(one.card, "Declined") if channel == "card" else "Declined"
        if outcome == "approve" and not (channel == "card" and one.card in _REFUSED):
            _approve(one, network, phone)
        else:
            is_late = outcome == "timeout"
            one.status = "failed"
            one.message = "Session timeout exceeded" if is_late else refusal
            one.gateway_response = "The prompt was not answered in time" if is_late else refusal
        return True

    return store.change(reference, apply)


def _approve(one: Transaction, network: str, phone: str) -> None:
    one.status = "success"
    one.paid_at = timestamp()
    one.fees = (one.amount * _FEE_PER_10_000 + 9_999) // 10_000
    is_card = one.channel == "card"
    one.message = None if is_card else "madePayment"
    one.gateway_response = "Successful" if is_card else "Approved"
    one.authorization = {
        "authorization_code": f"AUTH_{one.access_code}",
        "bin": one.card[:6] if is_card else f"{phone[:3]}XXX",
        "last4": one.card[-4:] if is_card else f"X{phone[-3:]}",
        "exp_month": "12",
        "exp_year": "2034" if is_card else "9999",
        "channel": one.channel,
        "card_type": "visa" if is_card else "",
        "bank": "TEST BANK" if is_card else NETWORKS[network],
        "country_code": "GH",
        "brand": "visa" if is_card else NETWORKS[network],
        "reusable": is_card,
        "signature": f"SIG_{one.card}" if is_card else None,
        "account_name": None,
    }
