"""What is paid by the month: the add-on and the storefront plan."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from subscriptions.services import addons, storefronts

from .buying import pay
from .shop import Shop, Town


def subscribe(town: Town, shop: Shop, now: datetime, **values: Any) -> str:
    return _addon(addons.subscribe, town, shop, now, **values)


def renew(town: Town, shop: Shop, now: datetime, **values: Any) -> str:
    return _addon(addons.renew, town, shop, now, **values)


def _addon(
    order: Callable[..., Any], town: Town, shop: Shop, now: datetime, *, way: str, outcome: str, **_: Any
) -> str:
    how = shop.way_to_pay(way)
    if how is None:
        return "without card"
    period = order(**shop.buyer, payment_method=how.pop("method"), callback_url="", now=now, **how)
    return pay(town, shop, period.payment.reference, way=way, outcome=outcome, now=now)


def cancel(town: Town, shop: Shop, now: datetime, *, immediate: bool, **_: Any) -> str:
    addons.cancel(business_id=shop.member.business_id, immediate=immediate, now=now)
    return f"ok {immediate}"


def plan(
    town: Town, shop: Shop, now: datetime, *, way: str, outcome: str, storefronts_wanted: int, **_: Any
) -> str:
    """Paid by a card that is good for it.

    Others are left out: who has to be asked may pay until a day after that, whenever it was, so what comes of
    it depends on when the scheduler ran.
    """
    how = shop.way_to_pay("new_card")
    assert how is not None
    period = storefronts.subscribe(**shop.buyer, storefronts=storefronts_wanted, way_to_pay=how, now=now)
    return pay(town, shop, period.payment.reference, way="new_card", outcome=outcome, now=now)


def change_plan(town: Town, shop: Shop, now: datetime, *, storefronts_wanted: int, **_: Any) -> str:
    how = {"method": "MOMO"}
    done = storefronts.change(**shop.buyer, storefronts=storefronts_wanted, way_to_pay=how, now=now)
    if done.order is None:
        return f"ok noted {storefronts_wanted}"
    reference = done.order.payment.reference
    return pay(town, shop, reference, way="page", outcome="approve", now=now)


def cancel_plan(town: Town, shop: Shop, now: datetime, *, immediate: bool, **_: Any) -> str:
    storefronts.cancel(business_id=shop.member.business_id, immediate=immediate, now=now)
    return f"ok {immediate}"
