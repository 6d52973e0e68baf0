"""The monthly add-on from its first renewal on: charged, asked for, reminded of, lapsed, caught up with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from payments.models import SavedCard
from payments.services import settlement
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon, Alert, CreditEntry, CreditGrant
from subscriptions.selectors import account
from subscriptions.services import addons, sweeps
from tests.sandboxes import PaystackSandbox

from .shop import Shop

D = Decimal
CHARGE = "/transaction/charge_authorization"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


START = at("2027-01-31T10:00")
FIRST_END = at("2027-02-28T10:00")
DAY = timedelta(days=1)


def ordered(shop: Shop, now: datetime = START, **way: Any) -> AddonPeriod:
    return addons.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        callback_url="",
        now=now,
        **{"payment_method": "PAYSTACK", **way},
    )


def started(shop: Shop, sandbox: PaystackSandbox, now: datetime = START, *, card: bool = False) -> Any:
    """Paid at `now`: with a card that is kept, or with mobile money."""
    reference = ordered(shop, now, save_card=card).payment.reference
    sandbox.pay(reference, channel="card" if card else "mobile_money")
    assert settlement.verify(reference=reference, now=now).status == "SUCCESSFUL"
    return AIMonthlyAddon.objects.get(business_id=shop.business_id, status="ACTIVE")


def run(now: datetime) -> list[list[str]]:
    """What the worker does."""
    addons.finish_roll_overs(now=now)
    return [addons.advance(addon_id=addon_id, now=now) for addon_id in addons.due(now=now)]


def run_daily(since: datetime, until: datetime) -> None:
    """At every day's same hour, as a scheduler that never fails, with the expiry job."""
    moment = since
    while moment <= until:
        run(moment)
        sweeps.expire_credits(now=moment)
        moment += DAY


def months(addon: AIMonthlyAddon) -> list[tuple[int, str, str, Decimal | None]]:
    return [
        (one.number, f"{one.starts_at:%Y-%m-%d}", f"{one.ends_at:%Y-%m-%d}", one.rolled_over)
        for one in addon.periods.filter(grant__isnull=False).order_by("number")
    ]


def grants(shop: Shop) -> list[tuple[Decimal, str]]:
    """What is left, and until when, oldest first."""
    rows = CreditGrant.objects.filter(business_id=shop.business_id, remaining__gt=0).order_by("pk")
    return [(one.remaining, f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "never") for one in rows]


def usable(shop: Shop, now: datetime) -> Decimal:
    return account.available(business_id=shop.business_id, now=now)


def told(kind: str = "renewal") -> list[str]:
    return [alert.key.rpartition("period:")[2] for alert in Alert.objects.filter(kind=kind).order_by("pk")]


def charged(sandbox: PaystackSandbox) -> int:
    return sum(1 for one in sandbox.requests() if one["path"] == CHARGE)


def test_a_saved_card_is_charged_on_the_renewal_day(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    assert addon.card == SavedCard.objects.get()
    assert run(FIRST_END - timedelta(seconds=1)) == []
    assert run(FIRST_END) == [["charge"]]
    assert run(FIRST_END) == []
    addon.refresh_from_db()
    assert (addon.status, addon.period_end, addon.next_step_at) == ("ACTIVE", *[at("2027-03-31T10:00")] * 2)
    assert months(addon) == [
        (0, "2027-01-31", "2027-02-28", D(0)),
        (1, "2027-02-28", "2027-03-31", D(50)),
    ]
    assert grants(shop) == [(D(50), "2027-03-31"), (D(100), "2027-03-31")]
    assert usable(shop, FIRST_END) == D(150)
    assert (charged(sandbox), told()) == (1, [])
    charge = AddonCharge.objects.get()
    assert (charge.day, charge.open, charge.payment.started_by) == (0, False, None)
    assert charge.payment == addon.periods.get(number=1).paid_by


def test_without_a_card_the_owner_is_asked_and_reminded_until_it_lapses(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    addon = started(shop, sandbox)
    found = []
    for hours in range(0, 9 * 24, 6):
        now = FIRST_END + timedelta(hours=hours)
        found += [(hours / 24, what) for done in run(now) for what in done]
        run(now)
        sweeps.expire_credits(now=now)
    assert found == [(0, "remind"), (1, "remind"), (3, "remind"), (7, "remind"), (8, "lapse")]
    assert told() == ["1:day:0", "1:day:1", "1:day:3", "1:day:7"]
    first = Alert.objects.filter(kind="renewal").earliest("pk")
    period = addon.periods.get(number=1)
    assert (first.business_id, first.severity) == (shop.business_id, "info")
    assert first.link == f"http://127.0.0.1:8000/payments/{period.payment.reference}/?retry"
    assert first.text == (
        "The next month of your add-on is due. Pay GHS 50.00 for 28 February 2027 to 31 March 2027 and get"
        " 100.00 credits; up to 50.00 unused ones roll over. Unpaid, the add-on lapses on 8 March 2027 at"
        " 10:00 UTC."
    )
    addon.refresh_from_db()
    assert (addon.status, addon.renews, addon.next_step_at) == ("LAPSED", False, None)
    assert told("lapsed") == [f"addon:{addon.pk}:lapsed"]
    assert (grants(shop), shop.balance) == ([], D(0))
    assert list(CreditEntry.objects.filter(kind="expiry").values_list("amount", flat=True)) == [D(-100)]
