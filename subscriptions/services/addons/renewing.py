"""The renewal of one add-on, as far as it is due: its card charged, or its owner asked, or its end.

Everything is decided with the add-on locked and kept before anything is sent, so several workers at once, or
one that dies, change nothing: a charge is open at most once a month, sent once, and asked about until it has
ended. What an outage has left is caught up with month by month, in order.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core.errors import Busy, DomainError, NotFound
from payments import selectors as payment_selectors
from payments.errors import CardUnusable, GatewayUnavailable, PaymentMethodUnavailable
from payments.services import payments, settlement
from payments.types import NextAction, PaymentMethod, PaymentStatus
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon
from subscriptions.selectors import addon_calendar as calendar
from subscriptions.services import locks

from . import dunning, ending
from .completing import PURPOSE

# A worker that died is followed up, and a charge whose outcome is not known asked about, after this.
LEASE = timedelta(minutes=5)
# The gateway is away: nothing was charged, and it is tried again.
RETRY = timedelta(hours=1)


def due(*, now: datetime) -> list[UUID]:
    """Ids of the add-ons to advance, those that have waited longest first."""
    rows = AIMonthlyAddon.objects.filter(status="ACTIVE", next_step_at__lte=now)
    return list(rows.order_by("next_step_at").values_list("pk", flat=True))


def advance(*, addon_id: UUID, now: datetime) -> list[str]:
    """Does all that is due by `now`; returns what that was, in order. Twice, or at once, does it once.

    Each is one of charge, remind, lapse, cancel, wait. Network: call it outside any transaction. Raises Busy,
    PaymentMethodUnavailable.
    """
    done = []
    while (step := _step(addon_id, now)) is not None:
        what, payment_id = step
        done.append(what)
        if payment_id is not None:
            _charge(addon_id, payment_id, now)
    return done


@transaction.atomic(durable=True)
def _step(addon_id: UUID, now: datetime) -> tuple[str, int | None] | None:
    """The next thing that is due, done, and a payment to start; None when nothing is due any more."""
    addon = locks.lock_addon(addon_id=addon_id)
    if addon.next_step_at is None or addon.next_step_at > now:
        return None
    if not addon.renews:
        ending.close(addon, AIMonthlyAddon.Status.CANCELLED)
        return "cancel", None
    step = _renew(addon, now)
    addon.save()
    return step


def _renew(addon: AIMonthlyAddon, now: datetime) -> tuple[str, int | None]:
    assert addon.period_end is not None
    day = calendar.day_due(addon.period_end, now)
    period = addon.periods.filter(grant=None).select_related("payment").first()
    charge = open_charge(period) if period is not None else None
    addon.next_step_at = now + LEASE
    if charge is not None and charge.payment.sent_at is None:
        return "charge", charge.payment_id  # whoever opened it died before sending it
    if period is not None and is_being_paid(period, charge, now):
        return "wait", None
    is_tried = period is not None and period.charges.filter(day=day).exists()
    last = addon.periods.select_related("paid_by").get(ends_at=addon.period_end)
    if charge is None and not is_tried and _may_charge(addon, last):
        with contextlib.suppress(NotFound, CardUnusable):  # removed or expired: its owner is asked
            return "charge", _open_charge(addon, last, period, day, now)
    if now >= calendar.lapses_at(addon.period_end):
        dunning.lapse(addon=addon, now=now)
        return "lapse", None
    period = period or _ask(addon, last, now)
    dunning.remind(addon=addon, period=period, day=day, waiting=charge and charge.payment, now=now)
    addon.next_step_at = calendar.next_look(addon.period_end, now)
    return "remind", None


def open_charge(period: AddonPeriod) -> AddonCharge | None:
    """The charge that has not ended. One that turns out to have ended is closed; the caller holds the add-on.

    A charge that the gateway never got does not count as this day's.
    """
    charge = period.charges.filter(open=True).select_related("payment").first()
    if charge is None or charge.payment.status in (PaymentStatus.PENDING, PaymentStatus.REVIEW):
        return charge
    never = (settlement.NEVER_ARRIVED, GatewayUnavailable.detail)
    if charge.payment.sent_at is None or charge.payment.gateway_response in never:
        charge.day = None
    charge.open = False
    charge.save()
    return None


def is_being_paid(period: AddonPeriod, charge: AddonCharge | None, now: datetime) -> bool:
    """Whether money for the month may be on its way: then nothing else is sent, asked for, or given up."""
    if charge is not None and charge.payment.next_action != NextAction.OPEN_URL:
        return True
    return any(
        one.status == PaymentStatus.REVIEW or (one.prompt_open and (one.prompt_expires_at or now) > now)
        for one in payment_selectors.attempts(period.payment)
    )


def due_period(addon: AIMonthlyAddon, last: AddonPeriod, payment: Any) -> AddonPeriod:
    """Keeps the month after the last paid one, with the first attempt to pay for it."""
    return AddonPeriod.objects.create(addon=addon, number=last.number + 1, payment=payment)


def _may_charge(addon: AIMonthlyAddon, last: AddonPeriod) -> bool:
    """Not while the money of the last month is disputed or going back: then the owner is asked instead."""
    if addon.card_id is None or last.paid_by_id is None:
        return False
    back = payment_selectors.money_back(payment_id=last.paid_by_id)
    return not (back.disputed or back.under_way)


def _open_charge(
    addon: AIMonthlyAddon, last: AddonPeriod, period: AddonPeriod | None, day: int, now: datetime
) -> int:
    """Raises NotFound or CardUnusable when the card can't be charged; nothing is kept then."""
    payment = payments.open_payment(
        method=PaymentMethod.PAYSTACK,
        card_id=addon.card_id,
        first_attempt_id=period.payment_id if period else None,
        now=now,
        **_same_as(addon, last),
    )
    period = period or due_period(addon, last, payment)
    AddonCharge.objects.create(period=period, payment=payment, day=day, created_at=now)
    return payment.pk


def _ask(addon: AIMonthlyAddon, last: AddonPeriod, now: datetime) -> AddonPeriod:
    """A payment that is opened for the owner to start, in whatever way they choose."""
    paid: Any = last.paid_by
    return due_period(
        addon, last, payments.open_payment(method=paid.method, now=now, **_same_as(addon, last))
    )


def _same_as(addon: AIMonthlyAddon, last: AddonPeriod) -> dict[str, Any]:
    paid: Any = last.paid_by
    return {
        "business_id": addon.business_id,
        "purpose": PURPOSE,
        "amount_ghs": addon.price_ghs,
        "email": paid.email,
        "started_by_id": None,
    }


def _charge(addon_id: UUID, payment_id: int, now: datetime) -> None:
    """Sends the charge, unless another attempt turns out to have paid. Network."""
    is_sent = True
    try:
        if not _is_paid_already(payment_id, now):
            payments.start(payment_id=payment_id, now=now)
    except (GatewayUnavailable, PaymentMethodUnavailable, Busy):
        is_sent = False
    except DomainError:
        pass  # declined: the payment says why
    # Whatever came of it is looked at next, unless it has moved on already.
    mine = AIMonthlyAddon.objects.filter(pk=addon_id, status="ACTIVE", next_step_at=now + LEASE)
    mine.update(next_step_at=now if is_sent else now + RETRY)


def _is_paid_already(payment_id: int, now: datetime) -> bool:
    """Asks about the earlier attempts: the news that one was paid may have been lost."""
    charge = AddonCharge.objects.select_related("period__payment").get(payment_id=payment_id)
    if charge.period.payment_id != payment_id:
        settlement.verify_order(reference=charge.period.payment.reference, now=now)
    return AddonPeriod.objects.filter(pk=charge.period_id, grant__isnull=False).exists()
