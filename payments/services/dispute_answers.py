"""Our answer to a dispute, in steps that can be taken up again: file, decision, evidence, resolution.

The file goes first; one that nothing refers to does no harm. The decision is committed with all it needs, and
from then on the sweep finishes what was interrupted. Evidence may be given twice: the resolution names one.
"""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from config.core.db import release_connection
from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import (
    DisputeAnsweredThere,
    DisputeClosed,
    EvidenceRequired,
    PaymentRejected,
    RefundTooLarge,
)
from payments.models import Dispute
from payments.providers.base import Evidence
from payments.types import DisputeAnswer, DisputeStatus

from . import actions, alerts, disputes, letters, locks

_ANSWER = ("answer", "answer_message", "answer_refund_ghs", "evidence", "uploaded_filename")


def answer(
    *,
    dispute_id: int,
    decision: DisputeAnswer,
    message: str,
    evidence: Evidence | None = None,
    file: tuple[str, bytes] | None = None,
    refund_ghs: Decimal = Decimal(0),
    by: int,
    reason: str,
    now: datetime,
) -> Dispute:
    """Accepts the payer's claim (`refund_ghs` goes back) or declines it (with evidence and a file).

    Who accepts needs no file: the message is sent as one.

    The same answer again goes on where the first one stopped. Network: call it outside any transaction.
    Raises DisputeAnsweredThere, DisputeClosed, EvidenceRequired, RefundTooLarge, PaymentRejected,
    GatewayUnavailable. Locks the payment.
    """
    dispute = Dispute.objects.select_related("payment").get(pk=dispute_id)
    if not providers.answers_disputes(dispute.payment.gateway):
        raise DisputeAnsweredThere(f"{DisputeAnsweredThere.detail} {disputes.where_to_answer(dispute)}")
    _check_answerable(dispute, decision)
    declines = decision == DisputeAnswer.DECLINE
    if declines:
        _check_evidence(dispute, evidence, file)
    elif not 0 < refund_ghs <= dispute.amount_ghs:
        raise RefundTooLarge(refundable=dispute.amount_ghs)
    elif file is None:  # the gateway wants one with every answer
        file = "answer.pdf", letters.letter(title=f"Dispute of {dispute.payment.reference}", message=message)
    uploaded = dispute.uploaded_filename
    if file is not None and not uploaded:
        uploaded = _upload(dispute, file)
    with transaction.atomic(durable=True):
        dispute = _locked(dispute_id)
        _check_answerable(dispute, decision)
        if not dispute.answer:
            dispute.answer = decision
            dispute.answer_message = message
            dispute.answer_refund_ghs = Decimal(0) if declines else refund_ghs
            dispute.evidence = asdict(evidence) if evidence else {}
            dispute.uploaded_filename = uploaded
            dispute.answered_by = by
            dispute.next_check_at = now + disputes.schedule.LEASE
            dispute.save(update_fields=[*_ANSWER, "answered_by", "next_check_at"])
            actions.record(
                payment_id=dispute.payment_id, by=by, action=f"dispute_{decision}", reason=reason, now=now
            )
    return proceed(dispute_id=dispute_id, now=now)


def proceed(*, dispute_id: int, now: datetime) -> Dispute:
    """Asks how the dispute stands and, while it still waits for the answer we decided on, gives it.

    Network. Raises GatewayUnavailable, and PaymentRejected when the gateway refuses the answer: the decision
    is then forgotten, so that a person can give another. Locks the payment.
    """
    dispute = disputes.refresh(dispute_id=dispute_id, now=now)
    if dispute.status != DisputeStatus.OPEN or not dispute.answer:
        return dispute
    gateway = providers.direct(dispute.payment.gateway)
    release_connection()
    try:
        if dispute.evidence and not dispute.evidence_id:
            evidence = Evidence(**dispute.evidence)
            dispute.evidence_id = gateway.add_evidence(
                dispute_id=dispute.gateway_dispute_id, evidence=evidence
            )
            _keep_evidence(dispute)
            release_connection()
        report = gateway.resolve_dispute(
            dispute_id=dispute.gateway_dispute_id,
            accept=dispute.answer == DisputeAnswer.ACCEPT,
            message=dispute.answer_message,
            refund_ghs=dispute.answer_refund_ghs or Decimal(0),
            uploaded_filename=dispute.uploaded_filename,
            evidence_id=dispute.evidence_id,
        )
    except OutcomeUnknown:
        return dispute  # the sweep asks before it goes on
    except PaymentRejected as error:
        _withdraw(dispute.pk, error.detail, now)
        raise
    with transaction.atomic():
        dispute = _locked(dispute_id)
        dispute.answered_at = now
        dispute.save(update_fields=["answered_at"])
        disputes.observe(report=report, now=now)
    return Dispute.objects.get(pk=dispute_id)


def _upload(dispute: Dispute, file: tuple[str, bytes]) -> str:
    """Its name there. It is kept with the decision, so that nobody else's file takes its place."""
    gateway = providers.direct(dispute.payment.gateway)
    release_connection()
    return gateway.upload(dispute_id=dispute.gateway_dispute_id, filename=file[0], content=file[1])


@transaction.atomic
def _keep_evidence(given: Dispute) -> None:
    """Unless its answer was withdrawn meanwhile: the next one brings its own."""
    dispute = _locked(given.pk)
    if dispute.answer == given.answer and dispute.evidence == given.evidence:
        dispute.evidence_id = given.evidence_id
        dispute.save(update_fields=["evidence_id"])


def _locked(dispute_id: int) -> Dispute:
    payment_id = Dispute.objects.values_list("payment_id", flat=True).get(pk=dispute_id)
    return locks.payment(payment_id=payment_id).disputes.get(pk=dispute_id)


def _check_evidence(dispute: Dispute, evidence: Evidence | None, file: tuple[str, bytes] | None) -> None:
    if evidence is None or (file is None and not dispute.uploaded_filename):
        raise EvidenceRequired


def _check_answerable(dispute: Dispute, decision: DisputeAnswer) -> None:
    if dispute.status != DisputeStatus.OPEN or dispute.answer not in ("", decision):
        raise DisputeClosed


@transaction.atomic
def _withdraw(dispute_id: int, words: str, now: datetime) -> None:
    dispute = _locked(dispute_id)
    if dispute.status != DisputeStatus.OPEN:
        return
    dispute.answer = dispute.answer_message = dispute.evidence_id = dispute.uploaded_filename = ""
    dispute.answer_refund_ghs, dispute.evidence = None, {}
    dispute.save(update_fields=[*_ANSWER, "evidence_id"])
    alerts.raise_alert(
        "dispute_answer_refused",
        subject="The gateway refused our answer to a dispute",
        dispute=dispute.gateway_dispute_id,
        reference=dispute.payment.reference,
        words=words,
        now=now,
        again=now,
    )
