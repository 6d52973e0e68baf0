"""The credit rule, the same for webhook, verify call, return page and sweep.

Our own row is found by reference; the gateway is asked, never the caller; state, reference, mode, currency
and amount all agree, or a person decides; then the row is locked, looked at again, marked, and the listeners
do their part in the same transaction. Money that comes late is still honoured.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from config.core.db import release_connection
from config.core.errors import NotFound
from payments import providers, selectors, signals
from payments.errors import UnclaimedPayment
from payments.models import REFERENCE, Payment
from payments.providers.base import GatewayState, Report
from payments.types import Claim, PaymentStatus

from . import alerts, cards, locks, schedule

PAID = (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED)
# FAILED is not here: a success can follow it.
FINAL = (*PAID, PaymentStatus.REVIEW)
# A charge that the gateway does not know after this long never reached it.
LOST_AFTER = timedelta(minutes=3)
UNANSWERED = "The prompt was not answered in time. If it was approved after all, the payment still counts."
NEVER_ARRIVED = "The payment company never received this payment. No money was taken."
NOT_PAID = "No payment arrived within 24 hours."
_UNDECIDED = (PaymentStatus.PENDING, PaymentStatus.REVIEW)

_log = structlog.get_logger("sika.payments")


def verify(*, reference: str, now: datetime) -> Payment:
    """Asks the gateway what became of a payment, applies the credit rule, returns the payment as it is now.

    Safe to call any number of times, also at once: it is settled once. Network: call it outside any
    transaction. Raises NotFound, GatewayUnavailable, UnclaimedPayment. Locks the payment.
    """
    payment = find(reference=reference)
    if payment.status in FINAL:
        return payment
    gateway = providers.gateway(payment.gateway)
    release_connection()
    report = gateway.verify(reference=payment.reference, access_code=payment.access_code)
    return _apply(payment_id=payment.pk, report=report, domain=gateway.domain, now=now)


def check(*, payment_id: int, now: datetime) -> Payment:
    """`verify` for the sweep, which knows ids."""
    return verify(reference=Payment.objects.values_list("reference", flat=True).get(pk=payment_id), now=now)


def verify_order(*, reference: str, now: datetime) -> Payment:
    """`verify`, and where this attempt is not paid, its order's others too; returns the one that tells most.

    That is one that paid, else this one unless it failed, else one that is still open. Raises as `verify`.
    """
    payment = verify(reference=reference, now=now)
    if payment.status in PAID:
        return payment
    others = [one for one in selectors.attempts(payment) if one.pk != payment.pk]
    paid = next((one for one in others if one.status in PAID and not one.unapplied), None)
    if paid is not None:
        return paid
    asked = [check(payment_id=one.pk, now=now) for one in others if one.next_check_at is not None]
    paid = next((one for one in asked if one.status in PAID and not one.unapplied), None)
    if paid is not None or payment.status != PaymentStatus.FAILED:
        return paid or payment
    return next((one for one in [*others, *asked] if one.status in _UNDECIDED), payment)


def find(*, reference: str) -> Payment:
    """Raises NotFound, also for text that can't be a reference."""
    payment = Payment.objects.filter(reference=reference).first() if REFERENCE.fullmatch(reference) else None
    if payment is None:
        raise NotFound
    return payment


@transaction.atomic
def _apply(*, payment_id: int, report: Report, domain: str, now: datetime) -> Payment:
    payment = locks.payment(payment_id=payment_id)
    if payment.status in FINAL:
        return payment
    mismatches = _mismatches(payment, report, domain)
    if report.state is GatewayState.PAID and not mismatches:
        settle(payment, report, now)
    elif report.state in (GatewayState.PAID, GatewayState.REVERSED):
        _send_to_review(payment, report, mismatches or ["the gateway has already given the money back"], now)
    else:
        _keep_open(payment, report, now)
    return payment


def _mismatches(payment: Payment, report: Report, domain: str) -> list[str]:
    """Where the report and our row differ. Amounts must be equal: we never pass fees on to the payer."""
    expected = {
        "reference": (payment.reference, report.reference),
        "domain": (domain, report.domain),
        "currency": (payment.currency, report.currency),
        "amount": (payment.amount_ghs, report.paid_ghs),
    }
    if report.requested_ghs is not None or report.requested_is_unreadable:
        expected["requested amount"] = (payment.amount_ghs, report.requested_ghs)
    found = [
        f"{what}: expected {ours}, gateway says {theirs if theirs not in (None, '') else 'nothing readable'}"
        for what, (ours, theirs) in expected.items()
        if ours != theirs
    ]
    if report.state is GatewayState.PAID and _has_paid_another(payment, report):
        found.append(f"transaction: {report.transaction_id} has paid another payment")
    return found


def _has_paid_another(payment: Payment, report: Report) -> bool:
    """The database refuses it, too, but a person should hear of it."""
    same = Payment.objects.filter(
        gateway=payment.gateway,
        gateway_domain=report.domain,
        gateway_transaction_id=report.transaction_id,
    )
    return report.transaction_id != "" and same.exclude(pk=payment.pk).exists()


def settle(payment: Payment, report: Report, now: datetime) -> None:
    """Marks the payment, which the caller has locked and compared, and has the listeners do their part."""
    _mark_paid(payment, report, now)
    answers = signals.payment_succeeded.send(sender=Payment, payment=payment, now=now)
    claims = [claim for _, claim in answers if isinstance(claim, Claim)]
    if not claims:
        raise UnclaimedPayment(f"nobody claims payment {payment.reference} for {payment.purpose}")
    if Claim.UNAPPLIED in claims:
        payment.unapplied = True
        payment.save(update_fields=["unapplied"])
        alerts.raise_alert(
            "payment_unapplied",
            subject=f"A payment of {payment.paid_ghs} cedis has to be refunded: its order was paid before",
            reference=payment.reference,
            purpose=payment.purpose,
            now=now,
        )
    if payment.save_card and report.card is not None:
        cards.keep(payment=payment, card=report.card, now=now)
    _log.info("payment_settled", reference=payment.reference, purpose=payment.purpose)


def keep_unapplied(payment: Payment, report: Report, now: datetime) -> None:
    """Keeps the money of a payment that differs, for nothing but a refund. The caller has locked it."""
    payment.unapplied = True
    _mark_paid(payment, report, now)


def _mark_paid(payment: Payment, report: Report, now: datetime) -> None:
    _record(payment, report)
    payment.status = PaymentStatus.SUCCESSFUL
    payment.settled_at = now
    _close(payment)
    payment.save()


def _close(payment: Payment) -> None:
    """Nothing is asked of anybody any more."""
    payment.next_check_at = None
    _end_prompt(payment)


def _end_prompt(payment: Payment) -> None:
    payment.next_action = payment.display_text = ""
    payment.prompt_open = False


def _send_to_review(payment: Payment, report: Report, reasons: list[str], now: datetime) -> None:
    # The transaction's id stays out: it may be another payment's.
    payment.status = PaymentStatus.REVIEW
    payment.review_reason = "; ".join(reasons)[:500]
    payment.paid_ghs = report.paid_ghs
    payment.gateway_response = report.response
    _close(payment)
    payment.save()
    alerts.raise_alert(
        "payment_needs_review",
        subject="A payment differs from what was asked for, and waits for a decision",
        reference=payment.reference,
        reason=payment.review_reason,
        now=now,
    )


def _keep_open(payment: Payment, report: Report, now: datetime) -> None:
    payment.next_check_at = schedule.next_check(created_at=payment.created_at, now=now)
    failure = _failure(payment, report, now)
    if failure is not None:
        payment.status = PaymentStatus.FAILED
        payment.gateway_response = failure
        _end_prompt(payment)
    payment.save()


def _failure(payment: Payment, report: Report, now: datetime) -> str | None:
    """Why it has failed, as far as we know now; None while it may be paid as it was meant to be."""
    if report.state is GatewayState.FAILED:
        return report.response
    if payment.status != PaymentStatus.PENDING:
        return None
    is_unknown = report.state is GatewayState.NOT_FOUND and payment.is_direct
    if is_unknown and now >= (payment.sent_at or payment.created_at) + LOST_AFTER:
        return NEVER_ARRIVED
    if payment.prompt_expires_at is not None and now >= payment.prompt_expires_at:
        return UNANSWERED
    return NOT_PAID if payment.next_check_at is None else None


def _record(payment: Payment, report: Report) -> None:
    payment.gateway_transaction_id = report.transaction_id
    payment.gateway_domain = report.domain
    payment.gateway_response = report.response
    payment.channel = report.channel
    payment.paid_ghs = report.paid_ghs
    payment.fees_ghs = report.fees_ghs
