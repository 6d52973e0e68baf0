"""Credits in: packs, the trial, corrections; and how we hear of a payment."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from payments.models import Payment
from subscriptions.services import adjustments, purchases, trial

from .shop import Shop, Town


def claim_trial(town: Town, shop: Shop, now: datetime, **_: Any) -> str:
    trial.claim(
        business_id=shop.member.business_id,
        email=shop.member.user.email,
        phone=f"+23355{shop.number:07}",
        now=now,
    )
    return "ok"


def buy(
    town: Town,
    shop: Shop,
    now: datetime,
    *,
    pack: str,
    amount: str,
    way: str,
    outcome: str,
    news: str,
    **_: Any,
) -> str:
    how = shop.way_to_pay(way)
    if how is None:
        return "without card"
    purchase = purchases.start(
        **shop.buyer,
        pack_type=pack,
        payment_method=how.pop("method"),
        amount_ghs=Decimal(amount) if pack == "CUSTOM" else None,
        callback_url="",
        now=now,
        **how,
    )
    shop.purchases.append(purchase)
    return pay(town, shop, purchase.payment.reference, way=way, outcome=outcome, news=news, now=now)


def pay(
    town: Town, shop: Shop, reference: str, *, way: str, outcome: str, news: str = "twice", now: datetime
) -> str:
    """What the payer does with a payment that was started, and how we hear of it."""
    if outcome == "never":
        shop.open_payments.append((reference, way))
        return "waits"
    town.till.pay(reference, way=way, outcome=outcome)
    town.spread(shop, reference, news, now)
    return f"{outcome} {way} {news}"


def pay_late(town: Town, shop: Shop, now: datetime, *, which: int, **_: Any) -> str:
    """Late news arrive; somebody pays an order from long ago."""
    late, shop.late_news = shop.late_news, []
    town.hear(late, now)
    if not shop.open_payments:
        return "nothing"
    reference, way = shop.open_payments.pop(which % len(shop.open_payments))
    town.till.pay(reference, way=way, outcome="approve", on_time=False)
    town.spread(shop, reference, "told", now)
    return f"ok {Payment.objects.get(reference=reference).status}"


def adjust(town: Town, shop: Shop, now: datetime, *, credits: str, days: int | None, **_: Any) -> str:
    done = adjustments.adjust(
        business_id=shop.member.business_id,
        credits=Decimal(credits),
        reason="Made up for an outage",
        actor_id=1,
        key=f"{now:%Y%m%d%H%M%S}",
        expires_at=None if days is None else now + timedelta(days=days),
        now=now,
    )
    return f"ok {credits}, {done.available} available"


def change_card(town: Town, shop: Shop, now: datetime, *, charge: str, **_: Any) -> str:
    """From now on the bank says this when the saved card is charged."""
    shop.card = charge
    return f"ok {charge}"
