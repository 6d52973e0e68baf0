"""How a plan ends: cancelled, lapsed, or refunded. What is paid stays until the month ends."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from payments import selectors as payments
from subscriptions.errors import NoStorefrontPlan
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import storefronts as selectors
from subscriptions.services import locks

Status = StorefrontPlan.Status


@transaction.atomic
def cancel(*, business_id: UUID, immediate: bool, now: datetime) -> StorefrontPlan:
    """Stops renewing. The plan ends now if `immediate` or while a renewal is due, else at the month's end.

    What is paid is not given back, free credits stay until they expire, and what is paid for a due month
    afterwards is kept for a refund. Locks the plan. Raises NoStorefrontPlan.
    """
    plan = locks.lock_active_storefront_plan(business_id=business_id)
    if plan is None or (selectors.is_due(plan, now) and not plan.renews):
        raise NoStorefrontPlan
    plan.renews = False
    plan.cancelled_at = plan.cancelled_at or now
    if immediate or selectors.is_due(plan, now):
        close(plan, Status.CANCELLED)
    else:
        plan.save()
    return plan


def close(plan: StorefrontPlan, status: str) -> None:
    """The caller has locked it."""
    plan.status, plan.renews, plan.next_step_at = status, False, None
    plan.save()


def after_money_back(*, payment: Any, now: datetime) -> bool:
    """Takes back what a payment gave once all of its money is gone. False when it had given nothing.

    The current month: the plan ends now. More storefronts: there are as many again as before. A part that
    went back changes nothing, and free credits stay until they expire: nobody paid for them. The caller has
    locked the payment; locks the plan.
    """
    period = StorefrontPeriod.objects.filter(paid_by=payment.pk).first()
    if period is None:
        return False
    plan = locks.lock_storefront_plan(plan_id=period.plan_id)
    if period.void_at is None and payments.money_back(payment_id=payment.pk).left_ghs <= 0:
        period.void_at = now
        period.save(update_fields=["void_at"])
        _take_back(plan, period)
    return True


def _take_back(plan: StorefrontPlan, period: StorefrontPeriod) -> None:
    if plan.status != Status.ACTIVE or period.number != selectors.current_month(plan).number:
        return
    if not period.added:
        close(plan, Status.REFUNDED)
        return
    rest = plan.periods.filter(number=period.number, paid_by__isnull=False, void_at=None)
    before = rest.latest("starts_at", "pk")
    if plan.next_storefronts == plan.storefronts:  # otherwise fewer are wanted already
        plan.next_storefronts, plan.next_price_ghs = before.storefronts, before.price_ghs
    plan.storefronts, plan.price_ghs = before.storefronts, before.price_ghs
    plan.save()
