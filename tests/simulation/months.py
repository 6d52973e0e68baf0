"""What is paid by the month: the add-on and the storefront plan."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from payments.services import retries
from subscriptions.models import StorefrontPeriod
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
    how = shop.way_to_pay(way)
    if how is None:
        return "without card"
    period = storefronts.subscribe(**shop.buyer, storefronts=storefronts_wanted, way_to_pay=how, now=now)
    return pay(town, shop, period.payment.reference, way=way, outcome=outcome, now=now)


def change_plan(town: Town, shop: Shop, now: datetime, *, storefronts_wanted: int, **_: Any) -> str:
    how = {"method": "MOMO"}
    done = storefronts.change(**shop.buyer, storefronts=storefronts_wanted, way_to_pay=how, now=now)
    if done.order is None:
        return f"ok noted {storefronts_wanted}"
    reference = done.order.payment.reference
    return pay(town, shop, reference, way="page", outcome="approve", now=now)


def pay_plan(town: Town, shop: Shop, now: datetime, *, outcome: str, **_: Any) -> str:
    """The owner follows the link of the reminder, also when it is too late."""
    unpaid = StorefrontPeriod.objects.filter(plan__business_id=shop.member.business_id, paid_by=None)
    # Asked for by the scheduler, after a month that was paid.
    asked = unpaid.filter(added=0, number__gt=0).order_by("plan__created_at", "number").last()
    if asked is None:
        return "nothing"
    again = retries.try_again(
        reference=asked.payment.reference, method="MOMO", started_by_id=shop.member.user_id, now=now
    )
    return pay(town, shop, again.reference, way="page", outcome=outcome, now=now)


def cancel_plan(town: Town, shop: Shop, now: datetime, *, immediate: bool, **_: Any) -> str:
    storefronts.cancel(business_id=shop.member.business_id, immediate=immediate, now=now)
    return f"ok {immediate}"
