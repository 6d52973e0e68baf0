"""The renewal of one plan, as far as it is due: its card charged, or its owner asked, or its end.

As for the add-on: everything is decided with the plan locked and kept before anything is sent, so several
workers at once, or one that dies, change nothing. A card is charged once a reminder day, and never while an
earlier charge may still arrive. What an outage has left is caught up with month by month, in order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core.errors import Busy, DomainError, NotFound
from payments import selectors as payment_selectors
from payments.errors import CardUnusable, GatewayUnavailable, PaymentMethodUnavailable
from payments.services import cards, payments, settlement
from payments.types import NextAction, PaymentMethod, PaymentStatus
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import addon_calendar as calendar
from subscriptions.selectors import storefronts as selectors
from subscriptions.services import locks

from . import dunning, ending, ordering
from .completing import PURPOSE

# A worker that died is followed up, and a charge whose outcome is not known asked about, after this.
LEASE = timedelta(minutes=5)
# The gateway is away: nothing was charged, and it is tried again.
RETRY = timedelta(hours=1)
_NEVER = (settlement.NEVER_ARRIVED, GatewayUnavailable.detail)


def due(*, now: datetime) -> list[UUID]:
    """Ids of the plans to advance, those that have waited longest first."""
    rows = StorefrontPlan.objects.filter(status="ACTIVE", next_step_at__lte=now)
    return list(rows.order_by("next_step_at").values_list("pk", flat=True))


def advance(*, plan_id: UUID, now: datetime) -> list[str]:
    """Does all that is due by `now`; returns what that was, in order. Twice, or at once, does it once.

    Each is one of charge, remind, lapse, cancel, wait. Network: call it outside any transaction. Raises Busy,
    PaymentMethodUnavailable.
    """
    done = []
    while (step := _step(plan_id, now)) is not None:
        what, payment_id = step
        done.append(what)
        if payment_id is not None:
            _charge(plan_id, payment_id, now)
    return done


@transaction.atomic(durable=True)
def _step(plan_id: UUID, now: datetime) -> tuple[str, int | None] | None:
    """The next thing that is due, done, and a payment to start; None when nothing is due any more."""
    plan = locks.lock_storefront_plan(plan_id=plan_id)
    if plan.next_step_at is None or plan.next_step_at > now:
        return None
    if not plan.renews:
        ending.close(plan, StorefrontPlan.Status.CANCELLED)
        return "cancel", None
    step = _renew(plan, now)
    plan.save()
    return step


def _renew(plan: StorefrontPlan, now: datetime) -> tuple[str, int | None]:
    assert plan.period_end is not None
    day = calendar.day_due(plan.period_end, now)
    plan.next_step_at = now + LEASE
    period = plan.periods.filter(paid_by=None, added=0).select_related("payment").first()
    attempts = list(payment_selectors.attempts(period.payment)) if period else []
    charges = [one for one in attempts if one.card_id is not None]
    running = next((one for one in charges if one.status == PaymentStatus.PENDING), None)
    if running is not None and running.sent_at is None:
        return "charge", running.pk  # whoever opened it died before sending it
    if _is_being_paid(attempts, running, now):
        return "wait", None
    if running is None and not _was_tried(charges, plan.period_end, day) and _may_charge(plan, now):
        return "charge", _open_charge(plan, period, now)
    period = period or _ask(plan, now)
    if now >= calendar.lapses_at(plan.period_end):
        dunning.lapse(plan=plan, period=period, now=now)
        return "lapse", None
    why = _why(charges, running)
    dunning.remind(plan=plan, period=period, day=day, why=why, waiting=running, now=now)
    plan.next_step_at = calendar.next_look(plan.period_end, now)
    return "remind", None


def _is_being_paid(attempts: Sequence[Any], running: Any, now: datetime) -> bool:
    """Whether money for the month may be on its way: then nothing else is sent, asked for, or given up."""
    if running is not None and running.next_action != NextAction.OPEN_URL:
        return True
    return any(
        one.status == PaymentStatus.REVIEW or (one.prompt_open and (one.prompt_expires_at or now) > now)
        for one in attempts
    )


def _was_tried(charges: Sequence[Any], period_end: datetime, day: int) -> bool:
    """Whether the card was charged since this reminder day; what the gateway never got does not count."""
    since = period_end + timedelta(days=day)
    return any(
        one.created_at >= since and one.sent_at is not None and one.gateway_response not in _NEVER
        for one in charges
    )


def _may_charge(plan: StorefrontPlan, now: datetime) -> bool:
    """Not while the money of the last month is disputed or going back: then the owner is asked instead."""
    if plan.card_id is None:
        return False
    card: Any = plan.card
    try:
        cards.usable(card_id=card.pk, business_id=plan.business_id, gateway=card.gateway, now=now)
    except (NotFound, CardUnusable):
        return False
    back = payment_selectors.money_back(payment_id=_last_payment(plan).pk)
    return not (back.disputed or back.under_way)


def _last_payment(plan: StorefrontPlan) -> Any:
    """What paid for the current month."""
    return selectors.current_month(plan).paid_by


def _open_charge(plan: StorefrontPlan, period: StorefrontPeriod | None, now: datetime) -> int:
    by_card: dict[str, Any] = {"method": PaymentMethod.PAYSTACK, "card_id": plan.card_id}
    if period is None:
        return _order(plan, by_card, now).payment_id
    return payments.open_payment(
        business_id=plan.business_id,
        purpose=PURPOSE,
        amount_ghs=period.price_ghs,
        email=period.payment.email,
        started_by_id=None,
        first_attempt_id=period.payment_id,
        now=now,
        **by_card,
    ).pk


def _ask(plan: StorefrontPlan, now: datetime) -> StorefrontPeriod:
    """A payment that is opened for the owner to start, in whatever way they choose."""
    return _order(plan, {"method": _last_payment(plan).method}, now)


def _order(plan: StorefrontPlan, way_to_pay: dict[str, Any], now: datetime) -> StorefrontPeriod:
    """The month after the last paid one, with the first attempt to pay for it."""
    return ordering.order(
        plan=plan,
        number=selectors.current_month(plan).number + 1,
        amount_ghs=plan.next_price_ghs,
        email=_last_payment(plan).email,
        started_by_id=None,
        way_to_pay=way_to_pay,
        now=now,
    )


def _why(charges: Sequence[Any], running: Any) -> str:
    if running is not None:
        return "Your bank wants to see you before it lets your saved card pay."
    if charges and charges[0].status == PaymentStatus.FAILED:
        return f"Your saved card ending in {charges[0].card.last4} could not be charged."
    return "The next month of your plan is due."


def _charge(plan_id: UUID, payment_id: int, now: datetime) -> None:
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
    mine = StorefrontPlan.objects.filter(pk=plan_id, status="ACTIVE", next_step_at=now + LEASE)
    mine.update(next_step_at=now if is_sent else now + RETRY)


def _is_paid_already(payment_id: int, now: datetime) -> bool:
    """Asks about the earlier attempts: the news that one was paid may have been lost."""
    order = StorefrontPeriod.objects.select_related("payment").filter(payment__retries=payment_id).first()
    if order is None:  # the first attempt
        return False
    settlement.verify_order(reference=order.payment.reference, now=now)
    return StorefrontPeriod.objects.filter(pk=order.pk, paid_by__isnull=False).exists()
