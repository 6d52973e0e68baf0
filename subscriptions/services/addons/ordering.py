"""What the owner orders and pays: the first month of the add-on, or the one that is due."""

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from payments import selectors as payment_selectors
from payments.errors import GatewayUnavailable, PaymentClosed, TooManyAttempts
from payments.services import payments, retries, settlement
from payments.types import PaymentStatus
from subscriptions.errors import (
    AlreadySubscribed,
    ChargeRunning,
    NoAddon,
    NothingDue,
    PaymentFailed,
    RenewalDue,
)
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon
from subscriptions.selectors import addons, catalogue
from subscriptions.services import locks

from . import renewing
from .completing import PURPOSE

# The owner is paying: their card is not charged in the meantime.
OWNER_PAYS = timedelta(minutes=15)


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

    A saved card that pays, or a card that is saved, is charged at each renewal. Raises AlreadySubscribed,
    RenewalDue, PaymentFailed when a charge is declined at once, and what payments raises.
    """
    active = addons.active(business_id=business_id)
    if active is not None and not addons.is_over(active, now):
        raise AlreadySubscribed if addons.is_paid_for(active, now) else RenewalDue
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
            rollover_cap=plan.rollover_cap,
            created_at=now,
        )
        period = AddonPeriod.objects.create(addon=addon, number=0, payment=payment)
    return _start(period, payment.pk, now)


def renew(
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
    """Starts a payment of the month that is due, in the way its owner wants. `payment` is that attempt.

    Asks the gateway first, so that nobody pays again what has arrived. Network: call it outside any
    transaction; locks the add-on. Raises NoAddon, NothingDue, ChargeRunning, TooManyAttempts, PaymentClosed,
    PaymentFailed when a charge is declined at once, and what payments raises.
    """
    asked = _due(addons.active(business_id=business_id), now).periods.filter(grant=None).first()
    if asked is not None:
        with contextlib.suppress(GatewayUnavailable):  # then starting says so, too
            settlement.verify_order(reference=asked.payment.reference, now=now)
    with transaction.atomic(durable=True):
        active = locks.lock_active_addons(business_id=business_id)
        addon = _due(active[0] if active else None, now)
        period = addon.periods.filter(grant=None).select_related("payment").first()
        if period is not None:
            _check_attempts(period, now)
        payment = payments.open_payment(
            business_id=business_id,
            purpose=PURPOSE,
            amount_ghs=addon.price_ghs,
            email=email,
            started_by_id=user_id,
            callback_url=callback_url,
            method=payment_method,
            phone=phone,
            network=network,
            card_id=card_id,
            save_card=save_card,
            first_attempt_id=period.payment_id if period else None,
            now=now,
        )
        last = addon.periods.get(ends_at=addon.period_end)
        period = period or renewing.due_period(addon, last, payment)
        if card_id is not None:
            AddonCharge.objects.create(period=period, payment=payment, created_at=now)
        addon.next_step_at = max(addon.next_step_at or now, now + OWNER_PAYS)
        addon.save()
    return _start(period, payment.pk, now)


def _due(addon: AIMonthlyAddon | None, now: datetime) -> AIMonthlyAddon:
    """`addon`, when a month of it can be paid now. Raises NoAddon, NothingDue."""
    if addon is None or addons.is_over(addon, now):
        raise NoAddon("There is no active add-on to renew. Subscribe to start a new one.")
    assert addon.period_end is not None
    if addon.period_end > now:
        raise NothingDue(next_renewal=addon.period_end.isoformat() if addon.renews else None)
    return addon


def _check_attempts(period: AddonPeriod, now: datetime) -> None:
    charge = renewing.open_charge(period)
    attempts = list(payment_selectors.attempts(period.payment))
    if any(one.status == PaymentStatus.REVIEW for one in attempts):
        raise PaymentClosed("A payment for this month is being looked at. There is no need to pay again.")
    if charge is not None:
        raise ChargeRunning
    if len(attempts) >= retries.MOST_ATTEMPTS:
        raise TooManyAttempts(
            "This month was tried too often. Pay by the link you were sent, or wait for the add-on to lapse."
        )


def _start(period: AddonPeriod, payment_id: int, now: datetime) -> AddonPeriod:
    """Network. The period comes back with this attempt as its payment; it is not to be saved."""
    period.payment = payments.start(payment_id=payment_id, now=now)
    if period.payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=period.payment.gateway_response, reference=period.payment.reference)
    return period
