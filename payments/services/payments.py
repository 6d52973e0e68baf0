"""Attempts to collect money: opened with the order they pay for, then sent to a checkout page."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from config.core.db import release_connection
from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import GatewayUnavailable, PaymentClosed, PaymentRejected
from payments.models import Payment
from payments.providers.base import Checkout, DuplicateReference
from payments.types import PaymentMethod, PaymentStatus

from . import schedule


@transaction.atomic
def open_payment(
    *,
    business_id: UUID,
    purpose: str,
    amount_ghs: Decimal,
    email: str,
    started_by_id: int | None,
    callback_url: str = "",
    method: str = PaymentMethod.PAYSTACK,
    now: datetime,
) -> Payment:
    """A new attempt, in the caller's transaction, so that no order is without its payment. No network.

    `callback_url` is where the browser goes afterwards; our own page when empty. Raises
    PaymentMethodUnavailable; ValueError when the amount is not whole pesewas above zero.
    """
    if amount_ghs <= 0 or amount_ghs != amount_ghs.quantize(Decimal("0.01")):
        raise ValueError(f"{amount_ghs} is not an amount in whole pesewas above zero")
    return Payment.objects.create(
        business_id=business_id,
        purpose=purpose,
        method=method,
        gateway=providers.name_for(method),
        amount_ghs=amount_ghs,
        email=email,
        started_by_id=started_by_id,
        callback_url=callback_url,
        created_at=now,
        # From the first moment: a process that dies before the checkout page is open must not leave it open.
        next_check_at=schedule.next_check(created_at=now, now=now),
    )


def start_checkout(*, payment_id: int, now: datetime) -> Payment:
    """Opens the gateway's page for the payment and returns it with `payment_url`. Twice gives the same page.

    Network: call it outside any transaction. Raises PaymentMethodUnavailable, PaymentRejected (the payment is
    then FAILED), PaymentClosed, or GatewayUnavailable: the attempt stays open, no money was taken.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.payment_url:
        return payment
    if payment.status != PaymentStatus.PENDING:
        raise PaymentClosed(reference=payment.reference)
    try:
        checkout = _initialize(payment)
    except PaymentRejected as error:
        Payment.objects.filter(pk=payment_id, status=PaymentStatus.PENDING).update(
            status=PaymentStatus.FAILED, gateway_response=error.detail[:300], next_check_at=None
        )
        raise
    if checkout is not None:
        Payment.objects.filter(pk=payment_id, payment_url="").update(
            payment_url=checkout.payment_url, access_code=checkout.access_code
        )
    payment.refresh_from_db()
    if not payment.payment_url:
        # It was opened, but the answer is lost and can't be asked for again. A late payment still counts.
        raise GatewayUnavailable("The payment page could not be opened. No money was taken; start again.")
    return payment


def _initialize(payment: Payment) -> Checkout | None:
    """The page, or None when an earlier call already opened it."""
    gateway = providers.gateway(payment.gateway)
    release_connection()
    for is_last_try in (False, True):
        try:
            return gateway.initialize(
                reference=payment.reference,
                amount_ghs=payment.amount_ghs,
                email=payment.email,
                method=PaymentMethod(payment.method),
                purpose=payment.purpose,
                save_card=payment.save_card,
                callback_url=payment.callback_url or f"{settings.PUBLIC_URL}/payments/return/",
            )
        except DuplicateReference:
            return None
        except OutcomeUnknown as error:
            # The reference makes this one write safe to repeat: if the first call landed, it is a duplicate.
            if is_last_try:
                raise GatewayUnavailable from error
    return None
