"""What the gateway says of refunds, applied to our rows: any state, in any order, any number of times."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from config.core.db import release_connection
from payments import providers, selectors, signals
from payments.errors import UnclaimedPayment
from payments.models import Payment, Refund
from payments.providers.base import RefundReport
from payments.types import Claim, PaymentStatus, RefundStatus

from . import alerts, locks

ASK_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
THEN_EVERY = timedelta(days=1)
FINISHED = (RefundStatus.PROCESSED, RefundStatus.FAILED)
MADE_ELSEWHERE = "Made at the gateway."


def next_check(*, since: datetime, now: datetime) -> datetime:
    """When we ask again about a refund sent at `since`: often at first, then daily, until it has ended."""
    return next((since + after for after in ASK_AFTER if since + after > now), now + THEN_EVERY)


def refundable_ghs(*, payment: Payment) -> Decimal:
    """What can still go back: paid, less what went back, less what lost disputes took."""
    return selectors.money_back(payment_id=payment.pk).left_ghs


def sync(*, payment_id: int, now: datetime) -> int:
    """Asks the gateway for all refunds of a payment and applies each. Returns how many there are.

    Network: call it outside any transaction. Locks the payment. Raises GatewayUnavailable, UnclaimedPayment.
    """
    payment = Payment.objects.get(pk=payment_id)
    if not payment.gateway_transaction_id:
        return 0
    gateway = providers.gateway(payment.gateway)
    release_connection()
    reports = gateway.refunds(transaction_id=payment.gateway_transaction_id)
    for report in reports:
        apply(payment_id=payment_id, report=report, now=now)
    return len(reports)


@transaction.atomic
def apply(
    *, payment_id: int, report: RefundReport, refund_id: UUID | None = None, now: datetime
) -> Refund | None:
    """Brings our row to the reported state and returns it. `refund_id` where it answers our own call.

    A refund that was made at the gateway's dashboard is adopted, also while it is open, so that there is no
    second one beside it. PROCESSED and FAILED stay; each is announced once. Locks the payment. Raises
    UnclaimedPayment.
    """
    payment = locks.payment(payment_id=payment_id)
    refund = _ours(payment, report, refund_id) or _adopted(payment, report, now)
    if refund is None:
        return None
    refund.gateway_refund_id = refund.gateway_refund_id or report.id
    if refund.status in FINISHED:
        _note_contradiction(refund, report, now)
    elif report.status == RefundStatus.PROCESSED:
        _process(payment, refund, report, now)
    elif report.status == RefundStatus.FAILED:
        finish(payment=payment, refund=refund, status=RefundStatus.FAILED, message=report.message, now=now)
    else:
        _keep_open(refund, report, now)
    return refund


def finish(
    *, payment: Payment, refund: Refund, status: RefundStatus, message: str = "", now: datetime
) -> None:
    """Ends a refund and announces it, in the caller's transaction, which has locked the payment."""
    if status == RefundStatus.PROCESSED:
        payment.refunded_ghs += refund.amount_ghs
        if payment.refunded_ghs == payment.paid_ghs:
            payment.status = PaymentStatus.REFUNDED
        payment.save(update_fields=["refunded_ghs", "status"])
    refund.finished_at = now
    refund.next_check_at = None
    move(refund, status, message, now)
    answers = signals.payment_refunded.send(sender=Payment, payment=payment, refund=refund, now=now)
    is_claimed = any(isinstance(answer, Claim) for _, answer in answers)
    # What was parked as unapplied was never anybody's.
    if not is_claimed and not payment.unapplied:
        raise UnclaimedPayment(f"nobody claims the refund of {payment.reference} for {payment.purpose}")


def move(refund: Refund, status: RefundStatus, message: str, now: datetime) -> None:
    """Saves the row; each change of state is a line of its history."""
    if message:
        refund.gateway_message = message[:300]
    if refund.status != status or refund._state.adding:
        refund.history.append([now.isoformat(), status.value, message[:300]])
    refund.status = status
    refund.save()


def wait_for_person(*, payment: Payment, refund: Refund, reason: str, now: datetime) -> None:
    """In the caller's transaction, which has locked the payment."""
    is_blocked = refund._state.adding and payment.refunds.filter(status__in=Refund.OPEN).exists()
    if refund.status != RefundStatus.NEEDS_ATTENTION or is_blocked:
        alerts.raise_alert(
            "refund_needs_attention",
            subject=f"A refund of {refund.amount_ghs} cedis needs attention",
            reference=payment.reference,
            refund=str(refund.pk),
            reason=reason,
            now=now,
            again=now,
        )
    if is_blocked:
        return  # only one may be open; the alert has its figures
    refund.next_check_at = now + THEN_EVERY
    move(refund, RefundStatus.NEEDS_ATTENTION, reason, now)


def _ours(payment: Payment, report: RefundReport, refund_id: UUID | None) -> Refund | None:
    """Our row: the one asked about, by the gateway's id, by our id in its note; without a note, by amount."""
    rows = list(payment.refunds.all())
    if refund_id is not None:
        return next(row for row in rows if row.pk == refund_id)
    known = next((row for row in rows if report.id and row.gateway_refund_id == report.id), None)
    if known is not None or report.dispute_id:
        return known
    waiting = [row for row in rows if not row.gateway_refund_id]
    if report.note:
        return next((row for row in waiting if str(row.pk) in report.note), None)
    sent = (row for row in waiting if row.attempts and row.status not in FINISHED)
    return next((row for row in sent if row.amount_ghs == report.amount_ghs), None)


def _adopted(payment: Payment, report: RefundReport, now: datetime) -> Refund | None:
    """An unsaved row for a refund that somebody made at the gateway, or None where there is nothing to keep.

    What a lost dispute takes is the dispute's, and one that failed moved nothing.
    """
    if not report.id or report.dispute_id or report.status == RefundStatus.FAILED or not report.amount_ghs:
        return None
    if payment.status not in (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED):
        return None
    is_open = report.status != RefundStatus.PROCESSED
    if is_open and payment.refunds.filter(status__in=Refund.OPEN).exists():
        return None  # only one may be open; it is adopted when either has ended
    return Refund(
        payment=payment,
        amount_ghs=report.amount_ghs,
        reason=MADE_ELSEWHERE,
        gateway_refund_id=report.id,
        created_at=now,
    )


def _process(payment: Payment, refund: Refund, report: RefundReport, now: datetime) -> None:
    left = (payment.paid_ghs or Decimal(0)) - payment.refunded_ghs
    if report.amount_ghs not in (None, refund.amount_ghs) or refund.amount_ghs > left:
        said = report.amount_ghs or refund.amount_ghs
        reason = f"The gateway says {said} cedis went back; {refund.amount_ghs} were asked, {left} were left."
        wait_for_person(payment=payment, refund=refund, reason=reason, now=now)
    else:
        finish(payment=payment, refund=refund, status=RefundStatus.PROCESSED, message=report.message, now=now)


def _keep_open(refund: Refund, report: RefundReport, now: datetime) -> None:
    is_stale = refund.status == RefundStatus.PROCESSING and report.status == RefundStatus.PENDING
    if report.status == RefundStatus.NEEDS_ATTENTION:
        reason = report.message or "The gateway needs the payer's bank account."
        wait_for_person(payment=refund.payment, refund=refund, reason=reason, now=now)
        return
    refund.next_check_at = next_check(since=refund.sent_at or refund.created_at, now=now)
    status = RefundStatus.PROCESSING if is_stale else report.status
    move(refund, RefundStatus(status), "" if is_stale else report.message, now)


def _note_contradiction(refund: Refund, report: RefundReport, now: datetime) -> None:
    """Ended is ended; when the gateway changes its mind, a person must know."""
    refund.save(update_fields=["gateway_refund_id"])
    if report.status in FINISHED and report.status != refund.status:
        alerts.raise_alert(
            "refund_contradicted",
            subject="The gateway says something else about a finished refund",
            reference=refund.payment.reference,
            refund=str(refund.pk),
            ours=refund.status,
            gateway=report.status.value,
            now=now,
        )
