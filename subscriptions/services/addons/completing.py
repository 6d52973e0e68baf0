"""A month that has been paid. Everything here runs inside the settling transaction."""

from datetime import datetime
from typing import Any

import structlog

from config.core import money
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon
from subscriptions.selectors.addon_calendar import lapses_at, period_start
from subscriptions.services import ledger, locks, receipts

from . import dunning, ending, rolling

PURPOSE = "addon_period"
Status = AIMonthlyAddon.Status

_log = structlog.get_logger("sika.addons")


def complete_period(*, payment: Any, now: datetime) -> bool:
    """Starts the paid month and grants its credits, once.

    The first month starts now, every other one where the last one ended, counted from the anchor, however
    late its money came. After it has lapsed, the money starts the add-on afresh. False, so that the money is
    kept for a refund, when another attempt or add-on was paid before, and after the add-on was cancelled or
    refunded. Locks the add-on, the active one of its business, then the account.
    """
    addon = locks.lock_addon_ordered_by(order_id=payment.order_id)
    period = AddonPeriod.objects.get(payment_id=payment.order_id)
    if period.grant_id is not None:
        return period.paid_by_id == payment.pk
    period.addon = addon
    if addon.status == Status.PENDING:
        return _begin(period, addon, payment, now)
    if addon.status == Status.ACTIVE and _is_too_late(addon, payment, now):
        dunning.lapse(addon=addon, now=now)
    if addon.status == Status.ACTIVE:
        _fill(period, addon, payment, now)
        return True
    if addon.status == Status.LAPSED:
        return _start_again(period, addon, payment, now)
    _log.error("addon_paid_after_its_end", addon_id=str(addon.pk), status=addon.status)
    return False


def remember_card(*, payment: Any, card: Any) -> None:
    """The card that was saved with the payment of a month is charged for the next ones."""
    AIMonthlyAddon.objects.filter(periods__paid_by=payment.pk).update(card=card.pk)


def _is_too_late(addon: AIMonthlyAddon, payment: Any, now: datetime) -> bool:
    """A saved card is charged when we get round to it, so its money is never late."""
    assert addon.period_end is not None
    if now < lapses_at(addon.period_end):
        return False
    return not AddonCharge.objects.filter(payment_id=payment.pk).exists()


def _begin(period: AddonPeriod, addon: AIMonthlyAddon, payment: Any, now: datetime) -> bool:
    before = locks.lock_active_addons(business_id=addon.business_id)
    locks.lock_account(business_id=addon.business_id)  # two orders paid at once: one after the other
    for other in before:
        # One whose last paid month is over makes room; its status says so from now on.
        if other.period_end is not None and other.period_end <= now:
            ending.close(other, Status.LAPSED if other.renews else Status.CANCELLED)
    if AIMonthlyAddon.objects.filter(business_id=addon.business_id, status=Status.ACTIVE).exists():
        addon.status = Status.UNAPPLIED
        addon.save()
        _log.error("addon_paid_twice", addon_id=str(addon.pk))
        return False
    addon.status, addon.anchor_at = Status.ACTIVE, now
    _fill(period, addon, payment, now)
    return True


def _start_again(period: AddonPeriod, lapsed: AIMonthlyAddon, payment: Any, now: datetime) -> bool:
    """Somebody paid after all: what they get is a whole month from now on, as if ordered anew."""
    if locks.lock_active_addons(business_id=lapsed.business_id):
        _log.error("addon_paid_twice", addon_id=str(lapsed.pk))
        return False
    period.addon, period.number = (
        AIMonthlyAddon.objects.create(
            business_id=lapsed.business_id,
            user_id=lapsed.user_id,
            price_ghs=lapsed.price_ghs,
            credits=lapsed.credits,
            rollover_cap=lapsed.rollover_cap,
            card_id=lapsed.card_id,
            created_at=now,
        ),
        0,
    )
    return _begin(period, period.addon, payment, now)


def _fill(period: AddonPeriod, addon: AIMonthlyAddon, payment: Any, now: datetime) -> None:
    assert addon.anchor_at is not None
    period.paid_by = payment
    period.starts_at = period_start(addon.anchor_at, period.number)
    period.ends_at = period_start(addon.anchor_at, period.number + 1)
    period.grant = ledger.grant(
        business_id=addon.business_id,
        credits=addon.credits,
        source="addon",
        key=f"addon:{addon.pk}:period:{period.number}",
        unit_value_ghs=money.unit_value_ghs(addon.price_ghs, addon.credits),
        expires_at=period.ends_at,
        now=now,
    )
    period.rolled_over = rolling.roll_over(period=period, addon=addon, now=now)
    period.save()
    period.charges.filter(open=True).update(open=False)
    addon.card_id = payment.card_id or addon.card_id
    addon.period_end = addon.next_step_at = period.ends_at
    addon.save()
    receipts.issue_for_period(period=period, now=now)
