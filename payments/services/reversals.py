"""Money that went back without a word: the refunds and disputes that explain it, asked from the gateway."""

from datetime import datetime

import structlog
from django.db import OperationalError

from config.core.db import release_connection
from payments import providers
from payments.errors import UnclaimedPayment
from payments.models import Dispute, Payment, Refund
from payments.providers.base import DisputeReport, Gateway, RefundReport
from payments.types import DisputeStatus, PaymentStatus, RefundStatus

from . import disputes, refund_reports, settlement
from .findings import Findings, Kind

_log = structlog.get_logger("sika.payments.reconciliation")


def is_explained(*, payment: Payment) -> bool:
    """Whether our refunds and disputes account for all of the money, or may once they have ended."""
    return (
        refund_reports.refundable_ghs(payment=payment) <= 0
        or payment.refunds.filter(status__in=Refund.OPEN).exists()
        or payment.disputes.filter(status__in=[DisputeStatus.OPEN, DisputeStatus.ANSWERED]).exists()
    )


def explain(*, payment_id: int, now: datetime) -> bool:
    """Follows the refunds of a payment that the gateway reversed, then its disputes; True when that is all.

    Network: call it outside any transaction. Locks the payment. Raises GatewayUnavailable, UnclaimedPayment.
    """
    refund_reports.sync(payment_id=payment_id, now=now)
    payment = Payment.objects.get(pk=payment_id)
    if refund_reports.refundable_ghs(payment=payment) <= 0:
        return True
    gateway = providers.gateway(payment.gateway)
    release_connection()
    for report in gateway.disputes(since=payment.created_at, until=now):
        if disputes.payment_id(report=report) == payment_id:
            disputes.observe(report=report, now=now)
    return is_explained(payment=payment)


def reconcile_reversal(*, door: Gateway, findings: Findings, payment: Payment, now: datetime) -> bool:
    """`explain`, noting what was found; a dry run only says what it would follow. False: still a riddle.

    Two or three calls. Raises GatewayUnavailable.
    """
    if findings.dry_run:
        known = set(payment.refunds.values_list("gateway_refund_id", flat=True))
        release_connection()
        found = [
            report
            for report in door.refunds(transaction_id=payment.gateway_transaction_id)
            if report.id not in known and report.status != RefundStatus.FAILED and not report.dispute_id
        ]
        for report in found:
            findings.note(Kind.TO_FOLLOW, payment.reference, ours=payment.status, theirs=_say_refund(report))
        return bool(found)
    before = set(_rows(payment))
    try:
        is_done = explain(payment_id=payment.pk, now=now)
    except (UnclaimedPayment, OperationalError):
        _log.exception("reconciliation_could_not_follow", reference=payment.reference)
        return False
    for row in _rows(payment):
        if row not in before:
            findings.follow(payment.reference, _say_row(row))
    return is_done


def reconcile_disputes(
    *, door: Gateway, findings: Findings, since: datetime, until: datetime, now: datetime
) -> None:
    """Follows the disputes that were opened in [since, until), where they say something new.

    The list is all that is asked, but for payments that are not settled. Raises GatewayUnavailable.
    """
    release_connection()
    for report in list(door.disputes(since=since, until=until)):
        row = Dispute.objects.filter(gateway_dispute_id=report.id).select_related("payment").first()
        payment_id = row.payment_id if row else disputes.payment_id(report=report)
        if payment_id is None:
            if not report.is_inquiry:
                name = report.reference or f"transaction {report.transaction_id}"
                findings.note(Kind.DISPUTE_UNKNOWN, name, ours="nothing", theirs=_say_dispute(report))
        elif _is_news(row, report):
            _follow(findings, Payment.objects.get(pk=payment_id), row, report, now)


def _is_news(row: Dispute | None, report: DisputeReport) -> bool:
    if row is None:
        return not report.is_inquiry
    return row.status not in disputes.DECIDED and row.gateway_status != report.status


def _follow(
    findings: Findings, payment: Payment, row: Dispute | None, report: DisputeReport, now: datetime
) -> None:
    ours = f"dispute {row.status}" if row else "no dispute"
    if findings.dry_run:
        findings.note(Kind.TO_FOLLOW, payment.reference, ours=ours, theirs=_say_dispute(report))
        return
    try:
        if payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
            settlement.verify(reference=payment.reference, now=now)
        disputes.observe(report=report, now=now)
    except (UnclaimedPayment, OperationalError) as error:  # one dispute must not keep the others waiting
        _log.exception("reconciliation_could_not_follow", reference=payment.reference)
        ours = f"{ours}, {type(error).__name__}"
        findings.note(Kind.NOT_FOLLOWED, payment.reference, ours=ours, theirs=_say_dispute(report))
    else:
        findings.follow(payment.reference, _say_dispute(report))


def _rows(payment: Payment) -> list[Refund | Dispute]:
    return [*payment.refunds.order_by("created_at"), *payment.disputes.order_by("pk")]


def _say_dispute(report: DisputeReport) -> str:
    amount = "" if report.amount_ghs is None else f", GHS {report.amount_ghs}"
    return f"dispute {report.id}, {report.resolution or report.status}{amount}"


def _say_refund(report: RefundReport) -> str:
    amount = "" if report.amount_ghs is None else f", GHS {report.amount_ghs}"
    return f"refund {report.id}, {report.status.label.lower()}{amount}"


def _say_row(row: Refund | Dispute) -> str:
    name, gateway_id = (
        ("refund", row.gateway_refund_id) if isinstance(row, Refund) else ("dispute", row.gateway_dispute_id)
    )
    return f"{name} {gateway_id}, {row.get_status_display().lower()}, GHS {row.amount_ghs}"
