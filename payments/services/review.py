"""Payments that wait for a person, and asking the gateway again about any payment."""

from datetime import datetime

from django.db import IntegrityError, transaction

from config.core.db import release_connection
from payments import providers
from payments.errors import NotInReview, ReviewRefused
from payments.models import Payment
from payments.providers.base import GatewayState, Report
from payments.types import PaymentStatus, ReviewDecision

from . import actions, alerts, locks, refund_reports, refunds, reversals, settlement


def resolve(*, payment_id: int, decision: ReviewDecision, reason: str, by: int, now: datetime) -> Payment:
    """Carries out what a person decided about a payment in REVIEW, after asking the gateway once more.

    ACCEPT settles it when the gateway says PAID for our very reference, mode and currency, and at least what
    was asked. REFUND keeps what came as unapplied and sends all of it back. DISMISS makes it FAILED when no
    money is there. Network: call it outside any transaction. Locks the payment. Raises NotInReview,
    ReviewRefused (saying what fits instead), ReasonRequired, GatewayUnavailable, UnclaimedPayment.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.status != PaymentStatus.REVIEW:
        raise NotInReview
    gateway = providers.gateway(payment.gateway)
    release_connection()
    report = gateway.verify(reference=payment.reference, access_code=payment.access_code)
    carry_out = _CARRY_OUT[decision]
    try:
        with transaction.atomic():
            payment = locks.payment(payment_id=payment_id)
            if payment.status != PaymentStatus.REVIEW:
                raise NotInReview
            actions.record(payment_id=payment_id, by=by, action=f"review_{decision}", reason=reason, now=now)
            carry_out(payment, report, gateway.domain, reason, by, now)
    except IntegrityError as error:
        if "payment_gateway_transaction_once" not in str(error):
            raise
        raise ReviewRefused("This transaction of the gateway belongs to another payment.") from error
    return Payment.objects.get(pk=payment_id)


def ask_again(*, payment_id: int, now: datetime) -> Payment:
    """Asks the gateway about a payment in any state. Money that went back is looked for where it belongs.

    Network: call it outside any transaction. Locks the payment. Raises GatewayUnavailable, UnclaimedPayment.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        return settlement.verify(reference=payment.reference, now=now)
    if payment.status in (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED):
        gateway = providers.gateway(payment.gateway)
        release_connection()
        report = gateway.verify(reference=payment.reference, access_code=payment.access_code)
        if report.state is not GatewayState.REVERSED:
            refund_reports.sync(payment_id=payment_id, now=now)
        elif not reversals.explain(payment_id=payment_id, now=now):
            alerts.raise_alert(
                "reversal_unexplained",
                subject="The gateway reversed a payment, and neither refund nor dispute says why",
                reference=payment.reference,
                now=now,
            )
    return Payment.objects.get(pk=payment_id)


def _accept(payment: Payment, report: Report, domain: str, reason: str, by: int, now: datetime) -> None:
    _check_is_ours(payment, report, domain)
    if report.paid_ghs is None or report.paid_ghs < payment.amount_ghs:
        raise ReviewRefused("Less was paid than was asked for. Refund it.")
    settlement.settle(payment, report, now)


def _refund(payment: Payment, report: Report, domain: str, reason: str, by: int, now: datetime) -> None:
    _check_is_ours(payment, report, domain)
    if not report.paid_ghs:
        raise ReviewRefused("The gateway does not say how much was paid.")
    settlement.keep_unapplied(payment, report, now)
    refunds.open_refund(
        payment_id=payment.pk, amount_ghs=report.paid_ghs, reason=reason, requested_by=by, now=now
    )


def _dismiss(payment: Payment, report: Report, domain: str, reason: str, by: int, now: datetime) -> None:
    if report.state is GatewayState.PAID:
        raise ReviewRefused(
            "The gateway says it was paid. Accept or refund it; foreign money goes back there."
        )
    payment.status = PaymentStatus.FAILED
    payment.gateway_response = f"By hand: {reason}"[:300]
    payment.paid_ghs = None
    payment.save()


def _check_is_ours(payment: Payment, report: Report, domain: str) -> None:
    if report.state is not GatewayState.PAID:
        raise ReviewRefused("The gateway does not say that it was paid. Dismiss it.")
    found = (report.reference, report.domain, report.currency)
    if found != (payment.reference, domain, payment.currency):
        raise ReviewRefused(
            "The gateway's reference, mode or currency is not that of this payment."
            " Refund it on the gateway's dashboard, then dismiss it."
        )


_CARRY_OUT = {
    ReviewDecision.ACCEPT: _accept,
    ReviewDecision.REFUND: _refund,
    ReviewDecision.DISMISS: _dismiss,
}
