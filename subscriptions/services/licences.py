"""Licences of users: ordered by the month, given when paid, taken back with their money, suspended."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from config.core import money
from payments.services import payments
from payments.types import DisputeStatus, PaymentStatus, RefundStatus
from subscriptions.errors import (
    FreePlan,
    LicenceNotSuspended,
    LicenceSuspended,
    PaymentFailed,
)
from subscriptions.models import Licence, LicenceAction, LicenceMonth
from subscriptions.selectors import catalogue
from subscriptions.selectors import licences as reading

from . import licence_months, locks, receipts

PURPOSE = "licence"

_MOVED = ("status", "paid_by", "paid_at", "anchor_at", "starts_at", "ends_at", "used", "taken_back_at")

_log = structlog.get_logger("sika.licences")


def record_free(*, user_id: int, kind: str, now: datetime) -> Licence:
    """The user's licence of a kind, made free when there is none. Twice is once."""
    _record(user_id, [kind], now)
    return Licence.objects.get(user=user_id, kind=kind)


def record_free_of_each_kind(*, user_id: int, now: datetime) -> None:
    """One statement. Twice is once; what is there stays as it is."""
    _record(user_id, list(Licence.Kind.values), now)


def _record(user_id: int, kinds: list[str], now: datetime) -> None:
    rows = [Licence(user_id=user_id, kind=kind, created_at=now) for kind in kinds]
    Licence.objects.bulk_create(rows, ignore_conflicts=True)


def order(
    *,
    business_id: UUID,
    user_id: int,
    ordered_by_id: int,
    email: str,
    kind: str,
    plan: str,
    payment_method: str,
    callback_url: str,
    phone: str = "",
    network: str = "",
    card_id: int | None = None,
    save_card: bool = False,
    now: datetime,
) -> LicenceMonth:
    """Orders a month of a plan for `user_id`, at today's rate, and starts its payment; paid by the business.

    Raises UnknownPlan, FreePlan, LicenceSuspended, FxRateUnknown, PaymentFailed when a charge is declined at
    once, and what payments raises. Should it not start, the order stays pending; a late payment is honoured.
    """
    chosen = reading.plan(kind=kind, slug=plan, now=now)
    if chosen.price_usd == 0:
        raise FreePlan
    rate = catalogue.usd_to_ghs(now=now)
    price_ghs = reading.price_ghs(price_usd=chosen.price_usd, fx_rate=rate)
    with transaction.atomic(durable=True):
        licence = record_free(user_id=user_id, kind=kind, now=now)
        if licence.status == Licence.Status.SUSPENDED:
            raise LicenceSuspended
        payment = payments.open_payment(
            business_id=business_id,
            purpose=PURPOSE,
            amount_ghs=price_ghs,
            email=email,
            started_by_id=ordered_by_id,
            callback_url=callback_url,
            method=payment_method,
            phone=phone,
            network=network,
            card_id=card_id,
            save_card=save_card,
            now=now,
        )
        month = LicenceMonth.objects.create(
            licence=licence,
            business_id=business_id,
            ordered_by_id=ordered_by_id,
            plan=chosen.slug,
            plan_name=chosen.name,
            price_usd=chosen.price_usd,
            fx_rate=rate,
            price_ghs=price_ghs,
            payment=payment,
            created_at=now,
        )
    month.payment = payments.start(payment_id=payment.pk, now=now)
    if month.payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=month.payment.gateway_response, reference=month.payment.reference)
    return month


def complete(*, payment: Any, now: datetime) -> bool:
    """Gives the month that was paid for, once. Runs inside the settling transaction; locks the licence.

    A higher plan starts now, the rest of a lower one waits behind it; the same plan follows what is there.
    False when another attempt has paid for it, or the licence is suspended: then it waits for a refund.
    """
    licence_id = LicenceMonth.objects.values_list("licence_id", flat=True).get(payment_id=payment.order_id)
    licence = locks.lock_licence(licence_id=licence_id)
    month = LicenceMonth.objects.get(payment_id=payment.order_id)
    if month.status != LicenceMonth.Status.PENDING:
        return month.paid_by_id == payment.pk
    if licence.status == Licence.Status.SUSPENDED:
        LicenceMonth.objects.filter(pk=month.pk).update(status=LicenceMonth.Status.UNAPPLIED)
        _log.error("licence_paid_while_suspended", licence_month=str(month.pk))
        return False
    month.status, month.paid_by, month.paid_at = LicenceMonth.Status.PAID, payment, now
    _lay_out(licence, [*_live(licence, now), month], now)
    receipts.issue_for_licence(month=month, kind=licence.get_kind_display(), now=now)
    return True


def told(*, payment_id: int, now: datetime) -> str:
    """In words, what a payment bought; empty when that was no month of a licence."""
    month = reading.sold_by(payment_id=payment_id)
    if month is None:
        return ""
    name = f"{month.licence.get_kind_display()} {month.plan_name}"
    if reading.state(month, now=now) == "waiting":
        return f"{name} is paid. It follows what you have, from {month.starts_at:%-d %B %Y} on."
    return f"{name} is paid until {month.ends_at:%-d %B %Y}."


def follow_money(*, payment: Any, now: datetime, **_: Any) -> bool:
    """Takes a month back while less than its price is here, or a dispute is open; then gives back the rest.

    Does not depend on the order in which refunds and disputes are told. What comes later moves up. False when
    the payment paid for nothing. The caller has locked the payment; locks the licence.
    """
    sold = reading.sold_by(payment_id=payment.pk)
    if sold is None:
        return False
    licence = locks.lock_licence(licence_id=sold.licence_id)
    month = LicenceMonth.objects.get(pk=sold.pk)
    is_taken = month.status == LicenceMonth.Status.TAKEN_BACK
    if _is_paid_for(payment, month.price_ghs) != is_taken:
        return True
    others = [one for one in _live(licence, now) if one.pk != month.pk]
    if is_taken:
        ends = [one.ends_at for one in others if one.ends_at is not None]
        licence_months.give_back(month, after=max(ends, default=now))
        month.status = LicenceMonth.Status.PAID
    else:
        month.status, month.taken_back_at = LicenceMonth.Status.TAKEN_BACK, now
        month.save(update_fields=["status", "taken_back_at"])
    _lay_out(licence, [*others, *([month] if is_taken else [])], now)
    _log.info("licence_follows_money", licence_month=str(month.pk), taken_back=not is_taken)
    return True


def _is_paid_for(payment: Any, price_ghs: Decimal) -> bool:
    disputes = list(payment.disputes.all())
    if any(one.status in (DisputeStatus.OPEN, DisputeStatus.ANSWERED) for one in disputes):
        return False
    # One made at the gateway counts when it is done: until then nobody here has decided anything.
    refunds = (
        one
        for one in payment.refunds.exclude(status=RefundStatus.FAILED)
        if one.status == RefundStatus.PROCESSED or one.requested_by is not None
    )
    back = sum((one.amount_ghs for one in refunds), money.ZERO)
    back += sum((one.amount_ghs for one in disputes if one.status == DisputeStatus.LOST), money.ZERO)
    return bool((payment.paid_ghs or payment.amount_ghs) - back >= price_ghs)


@transaction.atomic
def suspend(*, licence_id: int, reason: str, by_id: int, now: datetime) -> Licence:
    """From now on it counts as free, and its time runs on. Raises LicenceSuspended. Locks the licence."""
    licence = locks.lock_licence(licence_id=licence_id)
    if licence.status == Licence.Status.SUSPENDED:
        raise LicenceSuspended("This licence is suspended already.")
    return _set_status(licence, Licence.Status.SUSPENDED, LicenceAction.Action.SUSPENDED, reason, by_id, now)


@transaction.atomic
def unsuspend(*, licence_id: int, reason: str, by_id: int, now: datetime) -> Licence:
    """What is left of the licence counts again. Raises LicenceNotSuspended. Locks the licence."""
    licence = locks.lock_licence(licence_id=licence_id)
    if licence.status != Licence.Status.SUSPENDED:
        raise LicenceNotSuspended
    is_over = licence.expires_at is not None and licence.expires_at <= now
    status = Licence.Status.EXPIRED if is_over else Licence.Status.ACTIVE
    return _set_status(licence, status, LicenceAction.Action.UNSUSPENDED, reason, by_id, now)


def _set_status(
    licence: Licence, status: Licence.Status, action: str, reason: str, by_id: int, now: datetime
) -> Licence:
    licence.status = status
    licence.save(update_fields=["status"])
    LicenceAction.objects.create(licence=licence, action=action, reason=reason, by_id=by_id, created_at=now)
    return licence


def _live(licence: Licence, now: datetime) -> list[LicenceMonth]:
    """What is paid and not over, the newest versions: the caller has locked the licence."""
    return list(licence.months.filter(status=LicenceMonth.Status.PAID, ends_at__gt=now))


def _lay_out(licence: Licence, months: list[LicenceMonth], now: datetime) -> None:
    def price_usd(month: LicenceMonth) -> Decimal:
        plan = reading.plan_of(month, now=now)
        return month.price_usd if plan is None else plan.price_usd

    for month in months:
        month.licence = licence
    live = [month for month in months if month.ends_at is None or month.ends_at > now]
    end = licence_months.lay_out(live, price_usd=price_usd, now=now)
    LicenceMonth.objects.bulk_update(months, _MOVED)
    licence.expires_at = end if licence.expires_at is None or live else min(end, licence.expires_at)
    if licence.status != Licence.Status.SUSPENDED:
        licence.status = Licence.Status.ACTIVE if live else Licence.Status.EXPIRED
    licence.save(update_fields=["expires_at", "status"])
