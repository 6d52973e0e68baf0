"""What a payment for the storefront plan does when it arrives, and when its money goes back."""

from datetime import datetime
from typing import Any

import structlog

from config.core import money
from payments import selectors as payments
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import storefronts as selectors

from . import ledger, locks, receipts
from .addons import period_start

Status = StorefrontPlan.Status

_log = structlog.get_logger("sika.storefronts")


def complete(*, payment_id: int, order_id: int, now: datetime) -> bool:
    """Starts what was paid for, once. Runs inside the settling transaction.

    False when it can't be given any more: another attempt, plan or change was paid before, or the plan has
    ended. Locks the plan, then the account.
    """
    plan_id = StorefrontPeriod.objects.values_list("plan_id", flat=True).get(payment_id=order_id)
    plan = locks.lock_storefront_plan(plan_id=plan_id)
    period = StorefrontPeriod.objects.get(payment_id=order_id)
    if period.paid_by_id is not None:
        return period.paid_by_id == payment_id
    if plan.status == Status.PENDING:
        starts = _starts(plan, now)
    else:
        starts = plan.status == Status.ACTIVE and _fits(plan, period, now)
    if not starts:
        _log.error("storefronts_paid_twice", plan_id=str(plan.pk), number=period.number)
        return False
    period.paid_by_id = payment_id
    if period.added:
        _add(plan, period, now)
    else:
        _start_month(plan, period, now)
    receipts.issue_for_storefronts(period=period, now=now)
    return True


def _starts(plan: StorefrontPlan, now: datetime) -> bool:
    """Makes a new plan the active one of its business; it is kept as UNAPPLIED where there is one."""
    locks.lock_account(business_id=plan.business_id)  # two orders paid at once: one after the other
    active = StorefrontPlan.objects.filter(business_id=plan.business_id, status=Status.ACTIVE)
    active.filter(period_end__lte=now, renews=False).update(status=Status.CANCELLED)  # it is over
    if active.exists():
        plan.status = Status.UNAPPLIED
        plan.save()
        return False
    plan.status, plan.anchor_at = Status.ACTIVE, now
    return True


def _fits(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> bool:
    """Whether an order for an active plan is still what comes next."""
    month = selectors.current_month(plan)
    if not period.added:
        return plan.renews and period.number == month.number + 1
    assert plan.period_end is not None
    same_month = period.number == month.number and plan.period_end > now
    return same_month and plan.storefronts == period.storefronts - period.added


def _start_month(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    assert plan.anchor_at is not None
    period.starts_at = period_start(plan.anchor_at, period.number)
    period.ends_at = period_start(plan.anchor_at, period.number + 1)
    _give_free_credits(plan, period, now)
    period.save()
    plan.storefronts, plan.price_ghs, plan.period_end = period.storefronts, period.price_ghs, period.ends_at
    plan.save()


def _add(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    period.starts_at, period.ends_at = now, plan.period_end
    period.save()
    plan.storefronts = plan.next_storefronts = period.storefronts
    plan.price_ghs = plan.next_price_ghs = period.price_ghs
    plan.save()


def _give_free_credits(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    """Once for a month; none for one that was over when it was paid: they would have expired already."""
    assert period.ends_at is not None
    credits = selectors.free_credits(now=now)
    if period.ends_at <= now or not credits:
        return
    period.free_credits = credits
    period.grant = ledger.grant(
        business_id=plan.business_id,
        credits=credits,
        source="monthly_free",
        key=f"storefront:{plan.pk}:period:{period.number}:free",
        unit_value_ghs=money.ZERO,
        expires_at=period.ends_at,
        now=now,
    )


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
        _take_back(plan, period, now)
    return True


def _take_back(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    if plan.status != Status.ACTIVE or period.number != selectors.current_month(plan).number:
        return
    if period.added:
        rest = plan.periods.filter(number=period.number, paid_by__isnull=False, void_at=None)
        before = rest.latest("starts_at", "pk")
        if plan.next_storefronts == plan.storefronts:  # otherwise fewer are wanted already
            plan.next_storefronts, plan.next_price_ghs = before.storefronts, before.price_ghs
        plan.storefronts, plan.price_ghs = before.storefronts, before.price_ghs
    else:
        plan.status, plan.renews = Status.CANCELLED, False
        plan.cancelled_at = plan.cancelled_at or now
        _log.info("storefront_plan_ended", plan_id=str(plan.pk), number=period.number)
    plan.save()
