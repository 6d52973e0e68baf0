"""Attempts to collect money: opened with what they pay for, then started on a page, a phone or a card."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from config.core.db import release_connection
from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import GatewayUnavailable, PaymentClosed, PaymentRejected
from payments.models import Payment
from payments.providers.base import Checkout, DuplicateReference
from payments.types import NextAction, PaymentMethod, PaymentStatus

from . import cards, charges, prompts, schedule


def problems(
    *, method: str, phone: str = "", network: str = "", card_id: int | None = None, save_card: bool = False
) -> dict[str, str]:
    """What does not go together in how somebody wants to pay, by field; empty when all is well."""
    found = {}
    if phone and method != PaymentMethod.MOMO:
        found["phone"] = "A phone is prompted for MOMO only. Leave it out, or choose MOMO."
    elif phone and not network:
        found["network"] = "Name the network of this phone: mtn, vod or atl."
    elif network and not phone:
        found["phone"] = "Name the phone to prompt, or leave the network out to pay on a page."
    if card_id is not None and method != PaymentMethod.PAYSTACK:
        found["card_id"] = "A saved card is charged with PAYSTACK only."
    if save_card and (method != PaymentMethod.PAYSTACK or card_id is not None):
        found["save_card"] = "Only a new card, paid with PAYSTACK, can be saved."
    return found


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
    phone: str = "",
    network: str = "",
    card_id: int | None = None,
    save_card: bool = False,
    first_attempt_id: int | None = None,
    now: datetime,
) -> Payment:
    """A new attempt, in the caller's transaction, so that no order is without its payment. No network.

    `callback_url` is where the browser goes afterwards; our own page when empty. `phone` (0XXXXXXXXX) and
    `network` make it a prompt, which has the phone to itself from here on; `card_id` a charge of a saved one.
    Raises PaymentMethodUnavailable, PromptOpen or Busy, NotFound or CardUnusable; ValueError when the amount
    is not whole pesewas above zero.
    """
    if amount_ghs <= 0 or amount_ghs != amount_ghs.quantize(Decimal("0.01")):
        raise ValueError(f"{amount_ghs} is not an amount in whole pesewas above zero")
    wrong = problems(method=method, phone=phone, network=network, card_id=card_id, save_card=save_card)
    if wrong:
        raise ValueError(f"these do not go together: {wrong}")
    gateway = providers.name_for(method)
    if card_id is not None:
        cards.usable(card_id=card_id, business_id=business_id, gateway=gateway, now=now)
    if phone:
        prompts.close_stale(phone=phone, now=now)
    try:
        with transaction.atomic():
            return Payment.objects.create(
                business_id=business_id,
                purpose=purpose,
                first_attempt_id=first_attempt_id,
                method=method,
                gateway=gateway,
                amount_ghs=amount_ghs,
                email=email,
                started_by_id=started_by_id,
                callback_url=callback_url,
                phone=phone,
                network=network,
                card_id=card_id,
                save_card=save_card,
                prompt_open=bool(phone),
                prompt_expires_at=now + prompts.LIFE if phone else None,
                created_at=now,
                # From the first moment: a process that dies before it is started must not leave it open.
                next_check_at=schedule.next_check(created_at=now, now=now),
            )
    except IntegrityError as error:
        if prompts.CONSTRAINT not in str(error):
            raise
    raise prompts.refusal(phone=phone, business_id=business_id, now=now)


def start(*, payment_id: int, now: datetime) -> Payment:
    """Sends the payer where they pay: a prompt to the phone, a charge to the card, or the gateway's page.

    Network: call it outside any transaction. Raises what `charges.send` or `start_checkout` raises.
    """
    if Payment.objects.get(pk=payment_id).is_direct:
        return charges.send(payment_id=payment_id, now=now)
    return start_checkout(payment_id=payment_id, now=now)


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
            payment_url=checkout.payment_url,
            access_code=checkout.access_code,
            next_action=NextAction.OPEN_URL,
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
