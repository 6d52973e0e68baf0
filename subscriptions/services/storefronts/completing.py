"""What was ordered has been paid. Everything here runs inside the settling transaction."""

from datetime import datetime
from typing import Any

import structlog

from config.core import money
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import storefronts as selectors
from subscriptions.selectors.addon_calendar import period_start
from subscriptions.services import ledger, locks, receipts

from . import ending

PURPOSE = "storefront_period"
Status = StorefrontPlan.Status

_log = structlog.get_logger("sika.storefronts")


def complete(*, payment: Any, now: datetime) -> bool:
    """Starts what was paid for, once: the first month now, every other one where the last one ended.

    After the plan has lapsed, a month's money starts one afresh. False, so that the money is kept for a
    refund, when it can't be given any more: another attempt, plan or change was paid before, or the plan has
    ended. Locks the plan, the active one of its business, then the account.
    """
    plan_id = StorefrontPeriod.objects.values_list("plan_id", flat=True).get(payment_id=payment.order_id)
    plan = locks.lock_storefront_plan(plan_id=plan_id)
    period = StorefrontPeriod.objects.get(payment_id=payment.order_id)
    if period.paid_by_id is not None:
        return period.paid_by_id == payment.pk
    if plan.status == Status.LAPSED and not period.added and not _has_another(plan):
        plan = period.plan = _again(plan, period, now)
    if not _fits(plan, period, now):
        _log.error("storefronts_paid_in_vain", plan_id=str(plan.pk), number=period.number)
        return False
    period.paid_by = payment
    if period.added:
        _add(plan, period, now)
    else:
        _start_month(plan, period, now)
    receipts.issue_for_storefronts(period=period, now=now)
    return True


def remember_card(*, payment: Any, card: Any) -> None:
    """The card that was saved with the payment of a month is charged for the next ones."""
    paid = StorefrontPeriod.objects.filter(paid_by=payment.pk)
    StorefrontPlan.objects.filter(pk__in=paid.values("plan")).update(card=card.pk)


def _fits(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> bool:
    """Whether this is still what comes next."""
    if plan.status == Status.PENDING:
        return _becomes_active(plan, now)
    if plan.status != Status.ACTIVE:
        return False
    month = selectors.current_month(plan)
    if not period.added:
        return period.number == month.number + 1
    same_month = period.number == month.number and not selectors.is_due(plan, now)
    return same_month and plan.storefronts == period.storefronts - period.added


def _becomes_active(plan: StorefrontPlan, now: datetime) -> bool:
    """Makes a new plan the active one of its business; it is kept as UNAPPLIED where there is one."""
    before = locks.lock_active_storefront_plan(business_id=plan.business_id)
    locks.lock_account(business_id=plan.business_id)  # two orders paid at once: one after the other
    if before is not None and selectors.is_due(before, now) and not before.renews:
        ending.close(before, Status.CANCELLED)
    if StorefrontPlan.objects.filter(business_id=plan.business_id, status=Status.ACTIVE).exists():
        plan.status = Status.UNAPPLIED
        plan.save()
        return False
    plan.status, plan.anchor_at = Status.ACTIVE, now
    return True


def _has_another(plan: StorefrontPlan) -> bool:
    return locks.lock_active_storefront_plan(business_id=plan.business_id) is not None


def _again(lapsed: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> StorefrontPlan:
    """Somebody paid after all: what they get is a whole month from now on, as if ordered anew."""
    period.number = 0
    return StorefrontPlan.objects.create(
        business_id=lapsed.business_id,
        user_id=lapsed.user_id,
        storefronts=period.storefronts,
        price_ghs=period.price_ghs,
        next_storefronts=period.storefronts,
        next_price_ghs=period.price_ghs,
        card_id=lapsed.card_id,
        created_at=now,
    )


def _start_month(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    assert plan.anchor_at is not None
    period.starts_at = period_start(plan.anchor_at, period.number)
    period.ends_at = period_start(plan.anchor_at, period.number + 1)
    _give_free_credits(plan, period, now)
    period.save()
    paid_by: Any = period.paid_by
    plan.card_id = paid_by.card_id or plan.card_id
    plan.storefronts, plan.price_ghs = period.storefronts, period.price_ghs
    plan.period_end = plan.next_step_at = period.ends_at
    plan.save()


def _add(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    period.starts_at, period.ends_at = now, plan.period_end
    period.save()
    plan.storefronts = plan.next_storefronts = period.storefronts
    plan.price_ghs = plan.next_price_ghs = period.price_ghs
    plan.save()


def _give_free_credits(plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    """Once for a month. Those of one that was over when it was paid pay a debt, and have expired."""
    credits = selectors.free_credits(now=now)
    if not credits:
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
