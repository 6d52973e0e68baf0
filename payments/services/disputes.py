"""Disputes as the gateway reports them: kept, announced once each, and warned about until they are answered.

What the gateways' words mean here. A `resolution` counts once the `status` says that it has ended:
`merchant-accepted`, `auto-accepted` and `lost` are LOST; `declined`, `won` and `warning_closed` are WON.
Before that a dispute is OPEN, or ANSWERED when we have answered it or it lies at the bank. The rest is left
to a person. An inquiry, which moves no money, is not kept unless it was more before.
"""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from config.core.db import release_connection
from payments import providers, signals
from payments.errors import UnclaimedPayment
from payments.models import REFERENCE, Dispute, Payment
from payments.providers.base import DisputeReport
from payments.types import Claim, DisputeStatus, PaymentStatus

from . import alerts, locks, schedule

ASK_EVERY = timedelta(hours=1)
ANSWER_WITHIN = timedelta(hours=48)
WARN_BEFORE = (timedelta(hours=24), timedelta(hours=8), timedelta(hours=2))
DECIDED = (DisputeStatus.WON, DisputeStatus.LOST)
_RESOLUTIONS = {
    "merchant-accepted": DisputeStatus.LOST,
    "auto-accepted": DisputeStatus.LOST,
    "declined": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
}
_ENDED = ("resolved", "lost", "won", "warning_closed")
_AT_THE_BANK = ("awaiting-bank-feedback", "under_review", "warning_under_review")
_REPORTED = (
    *("amount_ghs", "due_at", "gateway_status", "resolution", "category", "message"),
    *("next_check_at", "closed_at", "status", "history"),
)
_SATURDAY = 5

_log = structlog.get_logger("sika.payments.disputes")


def answer_by(*, opened_at: datetime) -> datetime:
    """48 hours, counted from Monday to Friday: the clock stands still on weekends (in UTC, as in Ghana)."""
    left, moment = ANSWER_WITHIN, opened_at
    while True:
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if moment.weekday() < _SATURDAY:
            if moment + left <= midnight:
                return moment + left
            left -= midnight - moment
        moment = midnight


def refresh(*, dispute_id: int, now: datetime) -> Dispute:
    """Asks the gateway about a dispute we know. Network. Raises GatewayUnavailable. Locks the payment."""
    dispute = Dispute.objects.select_related("payment").get(pk=dispute_id)
    gateway = providers.gateway(dispute.payment.gateway)
    release_connection()
    report = gateway.dispute(dispute_id=dispute.gateway_dispute_id)
    observe(report=report, now=now)
    return Dispute.objects.get(pk=dispute_id)


@transaction.atomic
def observe(*, report: DisputeReport, now: datetime) -> Dispute | None:
    """Creates or updates the dispute of one of our payments; None for a payment that is not ours.

    Also None for an inquiry that was never more: nothing is frozen for it.

    Reports may repeat and come in any order: opened, won and lost are each announced once, opened first, and
    WON and LOST stay. Locks the payment. Raises UnclaimedPayment.
    """
    known = Dispute.objects.filter(gateway_dispute_id=report.id).values_list("payment_id", flat=True).first()
    if report.is_inquiry and known is None:
        return None
    found = known or payment_id(report=report)
    if found is None or not report.id:
        alerts.raise_alert(
            "dispute_of_unknown_payment",
            subject="A payment that we don't know is disputed",
            reference=report.reference,
            dispute=report.id,
            now=now,
        )
        return None
    payment = locks.payment(payment_id=found)
    dispute = payment.disputes.filter(gateway_dispute_id=report.id).first() or _open(payment, report, now)
    if dispute.status in DECIDED:
        _note_contradiction(dispute, report, now)
    else:
        _update(payment, dispute, report, now)
    return dispute


def note_inquiry(*, report: DisputeReport, reference: str, gateway: str, now: datetime) -> None:
    """Tells staff of a bank's question that may become a dispute, while it waits for an answer."""
    if report.status not in (*_ENDED, *_AT_THE_BANK):
        alerts.raise_alert(
            "dispute_inquiry",
            subject="A bank asks about a payment; unanswered, it may become a dispute",
            dispute=report.id,
            reference=reference,
            answer_by=report.due_at.isoformat() if report.due_at else "no date was given",
            answer=_where(gateway),
            now=now,
        )


def claim_due(*, now: datetime, limit: int = 200) -> list[int]:
    """Ids of the disputes to ask about now. Each is given to one caller, until its lease ends."""
    schedule.set_aside(of=Dispute, gateway="payment__gateway", now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE payments_dispute SET next_check_at = %(leased_until)s
             WHERE id IN (SELECT id FROM payments_dispute WHERE next_check_at <= %(now)s
                           ORDER BY next_check_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id
            """,
            {"leased_until": now + schedule.LEASE, "now": now, "limit": limit},
        )
        return sorted(row[0] for row in cursor.fetchall())


def warn_due(*, now: datetime) -> list[int]:
    """Raises the alarm for disputes with 24, 8 or 2 hours left, once for each; returns their ids.

    Thresholds that passed unseen, while nothing ran, are one warning.
    """
    soon = Dispute.objects.filter(
        status=DisputeStatus.OPEN, due_at__gt=now, due_at__lte=now + WARN_BEFORE[0]
    ).values_list("pk", flat=True)
    return [dispute_id for dispute_id in soon.order_by("due_at") if _warn(dispute_id, now)]


@transaction.atomic
def _warn(dispute_id: int, now: datetime) -> bool:
    dispute = Dispute.objects.select_for_update(no_key=True, of=("self",)).get(pk=dispute_id)
    passed = [dispute.due_at - before for before in WARN_BEFORE if dispute.due_at - before <= now]
    if dispute.status != DisputeStatus.OPEN or not passed:
        return False
    if dispute.warned_at is not None and dispute.warned_at >= passed[-1]:
        return False
    dispute.warned_at = now
    dispute.save(update_fields=["warned_at"])
    _alarm("dispute_due_soon", dispute, now)
    return True


def _alarm(event: str, dispute: Dispute, now: datetime) -> None:
    left = max(dispute.due_at - now, timedelta(0))
    alerts.raise_alert(
        event,
        subject=f"A dispute over {dispute.amount_ghs} cedis has to be answered in {_hours(left)}",
        dispute=dispute.gateway_dispute_id,
        reference=dispute.payment.reference,
        amount_ghs=str(dispute.amount_ghs),
        due_at=dispute.due_at.isoformat(),
        answer=where_to_answer(dispute),
        now=now,
    )


def where_to_answer(dispute: Dispute) -> str:
    """For staff."""
    return _where(dispute.payment.gateway)


def _where(gateway: str) -> str:
    if providers.answers_disputes(gateway):
        return "Decline or accept it in the admin, under Disputes."
    return f"Answer it in {gateway.capitalize()}'s dashboard; what becomes of it is followed here."


def _hours(left: timedelta) -> str:
    minutes = int(left.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min"


def payment_id(*, report: DisputeReport) -> int | None:
    """Whose it is: by the gateway's transaction, where it is named, else by our reference."""
    ids = Payment.objects.values_list("pk", flat=True)
    if report.transaction_id:
        found = ids.filter(gateway_transaction_id=report.transaction_id).first()
        if found is not None:
            return found
    return ids.filter(reference=report.reference).first() if REFERENCE.fullmatch(report.reference) else None


def _open(payment: Payment, report: DisputeReport, now: datetime) -> Dispute:
    opened_at = min(report.created_at or now, now)
    dispute = Dispute(
        payment=payment,
        gateway_dispute_id=report.id,
        amount_ghs=report.amount_ghs or payment.paid_ghs or payment.amount_ghs,
        due_at=report.due_at or answer_by(opened_at=opened_at),
        warned_at=now,  # this alarm stands for every threshold that has passed
        opened_at=opened_at,
        next_check_at=now + ASK_EVERY,
    )
    _move(dispute, DisputeStatus.OPEN, now)
    if _status(dispute, report) == DisputeStatus.OPEN:
        _alarm("dispute_opened", dispute, now)
    _announce(payment, dispute, now)
    return dispute


def _update(payment: Payment, dispute: Dispute, report: DisputeReport, now: datetime) -> None:
    if report.status in _ENDED and report.resolution not in _RESOLUTIONS:
        _ask_a_person(dispute, report, now)
    dispute.amount_ghs = report.amount_ghs or dispute.amount_ghs
    dispute.due_at = report.due_at or dispute.due_at
    dispute.gateway_status = report.status
    dispute.resolution = report.resolution
    dispute.category = report.category or dispute.category
    dispute.message = report.message or dispute.message
    is_being_answered = dispute.answer and dispute.answered_at is None
    dispute.next_check_at = now + (schedule.LEASE if is_being_answered else ASK_EVERY)
    status = _status(dispute, report)
    if status in DECIDED:
        dispute.closed_at, dispute.next_check_at = now, None
    _move(dispute, status, now)
    if status in DECIDED:
        _log.info("dispute_decided", dispute=report.id, reference=payment.reference, outcome=status.value)
        _announce(payment, dispute, now)


def _status(dispute: Dispute, report: DisputeReport) -> DisputeStatus:
    if report.status in _ENDED:
        return _RESOLUTIONS.get(report.resolution, DisputeStatus(dispute.status))
    is_answered = dispute.answered_at is not None or report.status in _AT_THE_BANK
    return DisputeStatus.ANSWERED if is_answered else DisputeStatus.OPEN


def _move(dispute: Dispute, status: DisputeStatus, now: datetime) -> None:
    if dispute.status != status or dispute._state.adding:
        dispute.history.append([now.isoformat(), status.value, dispute.message[:300]])
    dispute.status = status
    # Warnings and answers are kept beside it, and not all of them under the payment's lock.
    dispute.save(update_fields=None if dispute._state.adding else _REPORTED)


def _announce(payment: Payment, dispute: Dispute, now: datetime) -> None:
    answers = signals.payment_disputed.send(sender=Payment, payment=payment, dispute=dispute, now=now)
    is_claimed = any(isinstance(answer, Claim) for _, answer in answers)
    is_sold = payment.status in (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED) and not payment.unapplied
    if is_sold and not is_claimed:
        raise UnclaimedPayment(f"nobody claims the dispute of {payment.reference} for {payment.purpose}")


def _ask_a_person(dispute: Dispute, report: DisputeReport, now: datetime) -> None:
    if dispute.resolution != report.resolution:
        alerts.raise_alert(
            "dispute_resolution_unknown",
            subject="A dispute ended in a way that Sika does not know",
            dispute=report.id,
            reference=dispute.payment.reference,
            resolution=report.resolution or "nothing",
            now=now,
        )


def _note_contradiction(dispute: Dispute, report: DisputeReport, now: datetime) -> None:
    says = _RESOLUTIONS.get(report.resolution) if report.status in _ENDED else None
    if says is not None and says != dispute.status and dispute.resolution != report.resolution:
        Dispute.objects.filter(pk=dispute.pk).update(resolution=report.resolution)
        alerts.raise_alert(
            "dispute_contradicted",
            subject="The gateway says something else about a decided dispute",
            dispute=report.id,
            reference=dispute.payment.reference,
            ours=dispute.status,
            gateway=report.resolution,
            now=now,
        )
