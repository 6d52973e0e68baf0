"""Money out: refunds by owner and support, disputes and how banks decide them."""

from datetime import datetime
from random import Random
from typing import Any

from payments.models import Payment, Refund
from payments.services import refunds as payment_refunds
from subscriptions.models import AddonPeriod
from subscriptions.services import addons, purchases, refunds

from .script import is_of_jobs
from .shop import Shop, Town


def refund(town: Town, shop: Shop, now: datetime, *, by: str, ends: str, which: int, **_: Any) -> str:
    if not shop.purchases:
        return "nothing"
    purchase = shop.purchases[-1 - which % min(len(shop.purchases), 5)]
    purchase.refresh_from_db()
    # When the sweep finds the money depends on when it runs, and with it the end of the owner's 7 days.
    is_swept = purchase.completed_at is not None and is_of_jobs(purchase.completed_at)
    values: dict[str, Any] = {"purchase_id": purchase.pk, "requested_by": shop.member.user_id, "now": now}
    if by == "owner" and not is_swept:
        values |= {"business_id": shop.member.business_id}
        return _send(town, shop, refunds.request_as_owner(reason="Too many", **values), ends, now)
    return _send(town, shop, refunds.request_for_purchase(reason="Too many", **values), ends, now)


def refund_month(town: Town, shop: Shop, now: datetime, *, ends: str, **_: Any) -> str:
    months = AddonPeriod.objects.filter(addon__business_id=shop.member.business_id, grant__isnull=False)
    last = months.order_by("starts_at").last()
    if last is None or last.paid_by_id is None:
        return "nothing"
    done = refunds.request(
        payment_id=last.paid_by_id, reason="Too dear", requested_by=shop.member.user_id, now=now
    )
    return _send(town, shop, done, ends, now)


def _send(town: Town, shop: Shop, done: refunds.Requested, ends: str, now: datetime) -> str:
    shop.refunds.append(done.refund)
    if not town.worker_is_out:
        town.till.sandbox.script(refunds_end=ends)
        payment_refunds.send(refund_id=done.refund.pk, now=now)
    return f"ok {done.credits} for {done.refund.amount_ghs}"


def refund_ends(town: Town, shop: Shop, now: datetime, *, ends: str, **_: Any) -> str:
    """The gateway goes on with a refund that it had left pending."""
    waiting = Refund.objects.filter(pk__in=[one.pk for one in shop.refunds], status="PENDING")
    found = waiting.exclude(gateway_refund_id="").order_by("created_at").first()
    if found is None:
        return "nothing"
    town.till.sandbox.refund_to(found.gateway_refund_id, ends)
    return f"ok {ends}"


def dispute(town: Town, shop: Shop, now: datetime, *, part: int | None, which: int, **_: Any) -> str:
    mine = Payment.objects.filter(
        business_id=shop.member.business_id, status__in=["SUCCESSFUL", "REFUNDED"]
    ).exclude(reference__in=shop.disputed)
    found: list[Payment] = []
    for purpose, newest in ((purchases.PURPOSE, 3), (addons.PURPOSE, 2)):
        found += mine.filter(purpose=purpose).order_by("-created_at")[:newest]
    if not found:
        return "nothing"
    payment = Random(which).choice(found)
    left = int((payment.amount_ghs - payment.refunded_ghs) * 100)
    if left <= 0:
        return "all back"
    shop.disputed.add(payment.reference)
    opened = town.till.dispute(payment.reference, None if part is None else min(part, left))
    if opened is None:
        return "refused"
    shop.disputes.append(opened)
    return f"ok {payment.purpose} {part}"


def decide(town: Town, shop: Shop, now: datetime, *, verdict: str, which: int, **_: Any) -> str:
    if not shop.disputes:
        return "nothing"
    town.till.sandbox.decide(shop.disputes.pop(which % len(shop.disputes)), verdict)
    return f"ok {verdict}"
