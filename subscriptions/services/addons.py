"""The monthly add-on: ordered, paid, granted, cancelled. Credits are granted only when the month is paid."""

from datetime import datetime
from uuid import UUID

import structlog
from dateutil.relativedelta import relativedelta
from django.db import transaction

from config.core import money
from payments.services import payments
from payments.types import PaymentStatus
from subscriptions.errors import AlreadySubscribed, NoAddon, PaymentFailed
from subscriptions.models import AddonPeriod, AIMonthlyAddon
from subscriptions.selectors import account, catalogue

from . import ledger, locks, receipts

PURPOSE = "addon_period"

_log = structlog.get_logger("sika.addons")


def period_start(anchor_at: datetime, number: int) -> datetime:
    """Start of period `number`, always counted from the anchor: 31 Jan, 28 Feb, 31 Mar."""
    return anchor_at + relativedelta(months=number)


def subscribe(
    *,
    business_id: UUID,
    user_id: int,
    email: str,
    payment_method: str,
    callback_url: str,
    phone: str = "",
    network: str = "",
    card_id: int | None = None,
    save_card: bool = False,
    now: datetime,
) -> AddonPeriod:
    """Orders the add-on and starts the payment of its first month.

    Raises AlreadySubscribed, PaymentFailed when a charge is declined at once, and what payments raises.
    """
    if account.has_active_addon(business_id=business_id, now=now):
        raise AlreadySubscribed
    plan = catalogue.addon_plan(now=now)
    with transaction.atomic(durable=True):
        payment = payments.open_payment(
            business_id=business_id,
            purpose=PURPOSE,
            amount_ghs=plan.price_ghs,
            email=email,
            started_by_id=user_id,
            callback_url=callback_url,
            method=payment_method,
            phone=phone,
            network=network,
            card_id=card_id,
            save_card=save_card,
            now=now,
        )
        addon = AIMonthlyAddon.objects.create(
            business_id=business_id,
            user_id=user_id,
            price_ghs=plan.price_ghs,
            credits=plan.credits,
            created_at=now,
        )
        period = AddonPeriod.objects.create(addon=addon, number=0, payment=payment)
    period.payment = payments.start(payment_id=payment.pk, now=now)
    if period.payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=period.payment.gateway_response, reference=period.payment.reference)
    return period


def complete_period(*, payment_id: int, order_id: int, now: datetime) -> bool:
    """Starts the paid month and grants its credits, once. Runs inside the settling transaction.

    False when another attempt or add-on was paid before: one active add-on a business, a second one is kept
    as UNAPPLIED for a refund. One that has lapsed is closed. Locks the add-on, then the account.
    """
    period = AddonPeriod.objects.get(payment_id=order_id)
    addon = locks.lock_addon(addon_id=period.addon_id)
    if addon.status != AIMonthlyAddon.Status.PENDING:
        return period.paid_by_id == payment_id
    locks.lock_account(business_id=addon.business_id)  # two orders paid at once: one after the other
    active = AIMonthlyAddon.objects.filter(business_id=addon.business_id, status="ACTIVE")
    # One whose last paid month is over makes room; its status says so from now on.
    active.filter(period_end__lte=now).update(status=AIMonthlyAddon.Status.LAPSED, renews=False)
    if active.exists():
        addon.status = AIMonthlyAddon.Status.UNAPPLIED
        addon.save()
        _log.error("addon_paid_twice", addon_id=str(addon.pk))
        return False
    period.starts_at, period.ends_at = now, period_start(now, 1)
    period.grant = ledger.grant(
        business_id=addon.business_id,
        credits=addon.credits,
        source="addon",
        key=f"addon:{addon.pk}:period:{period.number}",
        unit_value_ghs=money.unit_value_ghs(addon.price_ghs, addon.credits),
        expires_at=period.ends_at,
        now=now,
    )
    period.paid_by_id = payment_id
    period.save()
    addon.status, addon.anchor_at, addon.period_end = AIMonthlyAddon.Status.ACTIVE, now, period.ends_at
    addon.save()
    receipts.issue_for_period(period=period, now=now)
    return True


@transaction.atomic
def cancel(*, business_id: UUID, immediate: bool, now: datetime) -> AIMonthlyAddon:
    """Stops renewing. The paid credits stay until the period ends, either way. Raises NoAddon.

    Immediate ends the subscription (and its status) now; otherwise it stays active until the period's end.
    """
    addon = (
        AIMonthlyAddon.objects.select_for_update(no_key=True, of=("self",))
        .filter(business_id=business_id, status="ACTIVE", period_end__gt=now)
        .first()
    )
    if addon is None:
        raise NoAddon
    addon.renews = False
    addon.cancelled_at = addon.cancelled_at or now
    if immediate:
        addon.status = AIMonthlyAddon.Status.CANCELLED
    addon.save()
    return addon
