"""Money back to the payer. A refund is kept first, sent afterwards, and asked about until it has ended.

A refund that was sent and not answered is looked for at the gateway before it is ever sent again.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from config.core.db import release_connection
from config.core.http import OutcomeUnknown
from payments import providers, tasks
from payments.errors import (
    GatewayUnavailable,
    NoAccountWanted,
    NotRefundable,
    PaymentRejected,
    RefundFinished,
    RefundInProgress,
    RefundTooLarge,
    RefundUnconfirmed,
)
from payments.models import Payment, Refund
from payments.types import DisputeStatus, PaymentStatus, RefundStatus

from . import actions, locks, refund_reports, schedule
from .refund_reports import FINISHED

# By then an unanswered call has landed or never will: connecting and reading end after 35 seconds.
SETTLES_WITHIN = timedelta(minutes=5)
MAX_SENDS = 3
MAX_WAIT = timedelta(hours=1)


@transaction.atomic
def open_refund(
    *, payment_id: int, amount_ghs: Decimal, reason: str, requested_by: int | None, now: datetime
) -> Refund:
    """Keeps a refund and has it sent once the caller's transaction has committed. No network.

    Locks the payment. Raises NotRefundable when nothing was paid or a dispute is open, RefundInProgress,
    RefundTooLarge, and ValueError for an amount that is not whole pesewas above zero.
    """
    if amount_ghs <= 0 or amount_ghs != amount_ghs.quantize(Decimal("0.01")):
        raise ValueError(f"{amount_ghs} is not an amount in whole pesewas above zero")
    payment = locks.payment(payment_id=payment_id)
    _check_refundable(payment, amount_ghs)
    refund = Refund(
        payment=payment,
        amount_ghs=amount_ghs,
        reason=reason,
        requested_by=requested_by,
        created_at=now,
        next_check_at=now,
    )
    refund_reports.move(refund, RefundStatus.REQUESTED, "", now)
    if requested_by is not None:
        actions.record(payment_id=payment_id, by=requested_by, action="refund", reason=reason, now=now)
    transaction.on_commit(lambda: tasks.send_refund.delay(str(refund.pk)), robust=True)
    return refund


def _check_refundable(payment: Payment, amount_ghs: Decimal) -> None:
    if payment.status != PaymentStatus.SUCCESSFUL or payment.paid_ghs is None:
        raise NotRefundable
    if payment.refunds.filter(status__in=Refund.OPEN).exists():
        raise RefundInProgress
    if payment.disputes.filter(status__in=[DisputeStatus.OPEN, DisputeStatus.ANSWERED]).exists():
        raise NotRefundable("The payer's bank disputes this payment. Answer the dispute instead.")
    left = refund_reports.refundable_ghs(payment=payment)
    if amount_ghs > left:
        raise RefundTooLarge(refundable=left)


def send(*, refund_id: UUID, now: datetime) -> Refund:
    """Sends a refund that was never sent. Any other is left alone, so it is safe twice and at once.

    That it is being sent is committed before the call. Network: call it outside any transaction. Locks the
    payment. Raises GatewayUnavailable; then the sweep sends it.
    """
    refund = Refund.objects.get(pk=refund_id)
    if refund.attempts or refund.status != RefundStatus.REQUESTED:
        return refund
    return check(refund_id=refund_id, now=now)


def check(*, refund_id: UUID, now: datetime) -> Refund:
    """Moves an open refund on: asks about it, and sends it when it is not at the gateway.

    One that was sent and not found counts as lost after 5 minutes; after three such sends it waits for a
    person. Network: call it outside any transaction. Locks the payment. Raises GatewayUnavailable.
    """
    refund = Refund.objects.get(pk=refund_id)
    if refund.status in FINISHED:
        return refund
    try:
        refund_reports.sync(payment_id=refund.payment_id, now=now)
    except GatewayUnavailable as error:
        _wait(refund_id, now + _told_to_wait(error))
        raise
    if _may_send(refund_id, now) and _claim_to_send(refund_id, refund.sent_at, now):
        _send(refund_id, now)
    return Refund.objects.get(pk=refund_id)


def claim_due(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Ids of the refunds to send or ask about now. Each is given to one caller, until its lease ends."""
    schedule.set_aside(of=Refund, gateway="payment__gateway", now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE payments_refund SET next_check_at = %(leased_until)s
             WHERE id IN (SELECT id FROM payments_refund WHERE next_check_at <= %(now)s
                           ORDER BY next_check_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id
            """,
            {"leased_until": now + schedule.LEASE, "now": now, "limit": limit},
        )
        return sorted(row[0] for row in cursor.fetchall())


def give_bank_account(
    *, refund_id: UUID, account_number: str, bank_id: str, by: int, reason: str, now: datetime
) -> Refund:
    """Tells the gateway where a refund that needs attention shall go. The account is not kept here.

    Twice is refused by the gateway, which takes an account only while it needs one. Raises NoAccountWanted,
    PaymentRejected (with the gateway's words), GatewayUnavailable. Network. Locks the payment.
    """
    with transaction.atomic(durable=True):
        payment, refund = _locked(refund_id)
        if refund.status != RefundStatus.NEEDS_ATTENTION or not refund.gateway_refund_id:
            raise NoAccountWanted
        actions.record(payment_id=payment.pk, by=by, action="refund_account", reason=reason, now=now)
        refund.next_check_at = now + refund_reports.ASK_AFTER[0]
        refund.save(update_fields=["next_check_at"])
    gateway = providers.direct(payment.gateway)
    release_connection()
    try:
        report = gateway.retry_refund(
            refund_id=refund.gateway_refund_id, account_number=account_number, bank_id=bank_id
        )
    except OutcomeUnknown:
        return refund  # the next check sees what became of it
    refund_reports.apply(payment_id=payment.pk, report=report, refund_id=refund.pk, now=now)
    return Refund.objects.get(pk=refund_id)


@transaction.atomic
def finish_by_hand(*, refund_id: UUID, outcome: RefundStatus, reason: str, by: int, now: datetime) -> Refund:
    """Ends a refund as a person saw it end elsewhere: PROCESSED or FAILED. Twice is once.

    Raises RefundFinished when it ended differently, RefundUnconfirmed while it may still be under way.
    Locks the payment.
    """
    if outcome not in FINISHED:
        raise ValueError(f"a refund does not end as {outcome}")
    payment, refund = _locked(refund_id)
    if refund.status == outcome:
        return refund
    if refund.status in FINISHED:
        raise RefundFinished
    if refund.status == RefundStatus.REQUESTED:
        raise RefundUnconfirmed
    left = (payment.paid_ghs or Decimal(0)) - payment.refunded_ghs
    if outcome == RefundStatus.PROCESSED and refund.amount_ghs > left:
        raise RefundTooLarge(refundable=left)
    actions.record(
        payment_id=payment.pk, by=by, action=f"refund_{outcome.lower()}_by_hand", reason=reason, now=now
    )
    refund_reports.finish(
        payment=payment, refund=refund, status=outcome, message=f"By hand: {reason}", now=now
    )
    return refund


def _locked(refund_id: UUID) -> tuple[Payment, Refund]:
    payment = locks.payment(payment_id=Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    return payment, payment.refunds.get(pk=refund_id)


@transaction.atomic(durable=True)
def _claim_to_send(refund_id: UUID, sent_before: datetime | None, now: datetime) -> bool:
    """Notes that the refund is being sent. False when somebody else did since `sent_before`."""
    _, refund = _locked(refund_id)
    if refund.status != RefundStatus.REQUESTED or refund.gateway_refund_id or refund.sent_at != sent_before:
        return False
    refund.sent_at = now
    refund.attempts += 1
    refund.next_check_at = now + refund_reports.ASK_AFTER[0]
    refund.save(update_fields=["sent_at", "attempts", "next_check_at"])
    return True


def _send(refund_id: UUID, now: datetime) -> None:
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    payment = refund.payment
    gateway = providers.gateway(payment.gateway)
    release_connection()
    try:
        report = gateway.refund(
            transaction_id=payment.gateway_transaction_id,
            amount_ghs=refund.amount_ghs,
            refund_id=str(refund.pk),
            reason=refund.reason,
        )
    except OutcomeUnknown:
        return  # the next check looks for it
    except GatewayUnavailable as error:
        _take_back(refund, now + _told_to_wait(error))
    except PaymentRejected as error:
        _reject(refund, error.detail, now)
    else:
        refund_reports.apply(payment_id=payment.pk, report=report, refund_id=refund.pk, now=now)


def _wait(refund_id: UUID, until: datetime) -> None:
    Refund.objects.filter(pk=refund_id, status__in=Refund.OPEN).update(next_check_at=until)


def _take_back(refund: Refund, next_check_at: datetime) -> None:
    """Nothing arrived: it counts as not sent."""
    Refund.objects.filter(pk=refund.pk, sent_at=refund.sent_at, status=RefundStatus.REQUESTED).update(
        sent_at=None, attempts=refund.attempts - 1, next_check_at=next_check_at
    )


def _reject(refund: Refund, words: str, now: datetime) -> None:
    """The gateway refuses. An earlier send may be why, so it is looked for before the refund has failed."""
    if refund.attempts > 1:
        refund_reports.sync(payment_id=refund.payment_id, now=now)
    with transaction.atomic():
        payment, refund = _locked(refund.pk)
        if refund.status == RefundStatus.REQUESTED and not refund.gateway_refund_id:
            refund_reports.finish(
                payment=payment, refund=refund, status=RefundStatus.FAILED, message=words, now=now
            )


@transaction.atomic
def _may_send(refund_id: UUID, now: datetime) -> bool:
    """Whether it is surely not at the gateway. Otherwise notes when to look again."""
    payment, refund = _locked(refund_id)
    if refund.status in FINISHED:
        return False
    if refund.gateway_refund_id or refund.status != RefundStatus.REQUESTED:
        since = refund.sent_at or refund.created_at
        refund.next_check_at = refund_reports.next_check(since=since, now=now)
        refund.save(update_fields=["next_check_at"])
        return False
    if refund.sent_at is not None and now < refund.sent_at + SETTLES_WITHIN:
        refund.next_check_at = refund.sent_at + SETTLES_WITHIN
        refund.save(update_fields=["next_check_at"])
        return False
    if refund.attempts < MAX_SENDS:
        return True
    reason = (
        f"Sent {MAX_SENDS} times, never confirmed. Look at the gateway's dashboard, then finish it by hand."
    )
    refund_reports.wait_for_person(payment=payment, refund=refund, reason=reason, now=now)
    return False


def _told_to_wait(error: GatewayUnavailable) -> timedelta:
    seconds = error.data.get("retry_after")
    return min(timedelta(seconds=int(seconds)), MAX_WAIT) if seconds else refund_reports.ASK_AFTER[0]
