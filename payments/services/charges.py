"""Charges without the gateway's page: a prompt on a phone, or a saved card.

A charge is sent once. That it is going out is committed first, so neither a second call nor a restart sends
it again; an answer that is lost is found out by asking. What was not approved in time has failed, and is
still honoured should the money come.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction

from config.core.db import release_connection
from config.core.errors import DomainError
from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import (
    CardUnusable,
    CodeRefused,
    GatewayUnavailable,
    NoCodeExpected,
    PaymentClosed,
    PaymentRejected,
)
from payments.models import Payment
from payments.providers.base import DirectGateway, DuplicateReference, GatewayState, Step
from payments.types import NextAction, PaymentStatus

from . import cards, locks, prompts, settlement

FIRST_LOOK = timedelta(seconds=10)  # the gateway asks to be left alone so long after a charge


def send(*, payment_id: int, now: datetime) -> Payment:
    """Charges the phone or the saved card of a payment, once; returns the payment as it then is.

    Also for a renewal, without the payer: OPEN_URL then means that the bank wants to see them. FAILED when
    it was declined; WAIT when the answer was lost. Called again, it sends nothing. Network: call it outside
    any transaction. Raises PaymentClosed, PromptOpen, Busy, and, with the payment FAILED, PaymentRejected,
    CardUnusable or GatewayUnavailable.
    """
    payment = Payment.objects.get(pk=payment_id)
    gateway = providers.direct(payment.gateway)
    if not _claim(payment, now):
        payment.refresh_from_db()
        if payment.sent_at is None:
            raise PaymentClosed(reference=payment.reference)
        return payment
    try:
        step = _charge(gateway, payment, now)
    except (OutcomeUnknown, DuplicateReference):  # it did arrive, or may have
        payment.refresh_from_db()
        return payment
    except (PaymentRejected, CardUnusable, GatewayUnavailable) as error:
        _fail(payment_id, error.detail)
        raise
    return _follow(payment_id, step, now)


def submit_code(*, payment_id: int, otp: str, now: datetime) -> Payment:
    """Hands the gateway the code that the payer was sent. An answer that is lost is found out by asking.

    So is what a refusal means that leaves nothing to enter: the payment is due to be asked about at once.
    Network: call it outside any transaction. Raises NoCodeExpected, CodeRefused (it may be entered again),
    PaymentRejected, GatewayUnavailable.
    """
    payment = Payment.objects.get(pk=payment_id)
    waiting = Payment.objects.filter(pk=payment_id, status=PaymentStatus.PENDING)
    # Of two that send a code at once, one does.
    with transaction.atomic(durable=True):
        if not waiting.filter(next_action=NextAction.OTP).update(next_action=NextAction.WAIT):
            raise NoCodeExpected
    release_connection()
    try:
        step = providers.direct(payment.gateway).submit_otp(reference=payment.reference, otp=otp)
    except OutcomeUnknown:
        waiting.update(next_check_at=now + FIRST_LOOK)
        payment.refresh_from_db()
        return payment
    except (NoCodeExpected, PaymentRejected):
        waiting.update(next_check_at=now + FIRST_LOOK)
        raise
    except (CodeRefused, GatewayUnavailable):
        waiting.filter(next_action=NextAction.WAIT).update(next_action=NextAction.OTP)
        raise
    return _follow(payment_id, step, now, expires_at=now + prompts.LIFE)


def check(*, payment_id: int, now: datetime) -> Payment:
    """Asks what became of a payment, for the sweep and the pay page. Raises what `settlement.verify` raises.

    Where an answer was lost, it also asks what the payer is to do: only the charge itself says so.
    """
    payment = settlement.check(payment_id=payment_id, now=now)
    is_lost = payment.status == PaymentStatus.PENDING and payment.next_action == NextAction.WAIT
    if not is_lost or payment.sent_at is None or now < payment.sent_at + FIRST_LOOK:
        return payment
    release_connection()
    try:
        step = providers.direct(payment.gateway).check_charge(reference=payment.reference)
    except DomainError:  # unknown to the gateway, or no answer: verifying decides, now or later
        return payment
    return _follow(payment_id, step, now)


def poll(*, payment: Payment, now: datetime) -> None:
    """`check` for a page that is looked at: at most once in ten seconds, whoever looks.

    Raises what `settlement.verify` raises. Saves calls, guards nothing.
    """
    is_early = payment.sent_at is not None and now < payment.sent_at + FIRST_LOOK
    if payment.status in settlement.FINAL or is_early:
        return
    if cache.add(f"payment-asked:{payment.pk}", 1, FIRST_LOOK.total_seconds()):
        check(payment_id=payment.pk, now=now)


def pay_page(reference: str) -> str:
    return f"{settings.PUBLIC_URL}/payments/{reference}/"


def retry_page(reference: str) -> str:
    """Where whoever has the link pays what this attempt is for, also days later: by phone or on a page."""
    return f"{pay_page(reference)}?retry"


def _claim(payment: Payment, now: datetime) -> bool:
    """Commits that the charge goes out now; True for one caller only."""
    values = {"sent_at": now, "next_action": NextAction.WAIT, "payment_url": pay_page(payment.reference)}
    if payment.phone:
        values |= {"prompt_open": True, "prompt_expires_at": now + prompts.LIFE}
    unsent = Payment.objects.filter(pk=payment.pk, status=PaymentStatus.PENDING, sent_at=None)
    try:
        with transaction.atomic(durable=True):
            if payment.phone:
                prompts.close_stale(phone=payment.phone, now=now)
            return unsent.update(**values) == 1
    except IntegrityError as error:  # its own place was taken while it waited
        if prompts.CONSTRAINT not in str(error):
            raise
    raise prompts.refusal(phone=payment.phone, business_id=payment.business_id, now=now)


def _charge(gateway: DirectGateway, payment: Payment, now: datetime) -> Step:
    if payment.phone:
        release_connection()
        return gateway.charge_mobile_money(
            reference=payment.reference,
            amount_ghs=payment.amount_ghs,
            email=payment.email,
            phone=payment.phone,
            network=payment.network,
            purpose=payment.purpose,
        )
    if payment.card_id is None:
        raise ValueError(f"{payment.reference} names neither a phone nor a card")
    try:
        card = cards.usable(
            card_id=payment.card_id, business_id=payment.business_id, gateway=payment.gateway, now=now
        )
    except DomainError as error:  # removed since it was ordered
        raise CardUnusable from error
    secret = cards.code(card)
    release_connection()
    return gateway.charge_card(
        reference=payment.reference,
        amount_ghs=payment.amount_ghs,
        email=card.email,
        card_code=secret,
        purpose=payment.purpose,
        callback_url=pay_page(payment.reference),
    )


def _follow(payment_id: int, step: Step, now: datetime, expires_at: datetime | None = None) -> Payment:
    """Notes what the gateway said; money it claims to have is verified first. Locks the payment."""
    if step.state in (GatewayState.PAID, GatewayState.REVERSED):
        try:
            return settlement.check(payment_id=payment_id, now=now)
        except GatewayUnavailable:
            return Payment.objects.get(pk=payment_id)
    if step.state is GatewayState.FAILED:
        _fail(payment_id, step.response)
        return Payment.objects.get(pk=payment_id)
    with transaction.atomic():
        payment = locks.payment(payment_id=payment_id)
        if payment.status == PaymentStatus.PENDING:
            payment.next_action = step.next_action or NextAction.WAIT
            payment.display_text = step.display_text[:300]
            payment.payment_url = step.url or payment.payment_url
            if payment.phone and expires_at is not None:
                payment.prompt_expires_at = expires_at
            payment.save()
    return payment


def _fail(payment_id: int, response: str) -> None:
    """Still asked about, on the same days as any other: a late success counts."""
    Payment.objects.filter(pk=payment_id, status=PaymentStatus.PENDING).update(
        status=PaymentStatus.FAILED,
        gateway_response=response[:300],
        next_action="",
        display_text="",
        prompt_open=False,
    )
