"""Orders of credit packs: made with their payment, granted when it is paid."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core import money
from payments import selectors as payment_selectors
from payments.services import payments, settlement
from payments.types import NextAction, PaymentStatus
from subscriptions.errors import AmountOutOfRange, FixedPrice, PaymentFailed
from subscriptions.models import AICreditPurchase, CreditPack
from subscriptions.selectors import catalogue, sold
from subscriptions.selectors.storefronts import counted

from . import ledger, licences, locks, receipts

PURPOSE = "credit_purchase"

_APPROVE = "The payment has not arrived yet. Approve it on your phone, then ask again."
_WAITING: dict[str, str] = {NextAction.OTP: "The payment waits for a code. Enter it, then ask again."}


def start(
    *,
    business_id: UUID,
    user_id: int,
    email: str,
    pack_type: str,
    payment_method: str,
    amount_ghs: Decimal | None,
    callback_url: str,
    phone: str = "",
    network: str = "",
    card_id: int | None = None,
    save_card: bool = False,
    now: datetime,
) -> AICreditPurchase:
    """Orders a pack and starts its payment. The credits come when the payment has been verified.

    Raises UnknownPack, AmountOutOfRange, FixedPrice, PaymentFailed (with the reference, for another attempt)
    when a charge is declined at once, and what payments raises. Should it not start, the order stays PENDING
    and a late payment is honoured.
    """
    pack = catalogue.pack(type=pack_type, now=now)
    price_ghs, credits = _price(pack, amount_ghs)
    with transaction.atomic(durable=True):
        payment = payments.open_payment(
            business_id=business_id,
            purpose=PURPOSE,
            amount_ghs=price_ghs,
            email=email,
            started_by_id=user_id,
            callback_url=callback_url,
            method=payment_method,
            phone=phone,
            network=network,
            card_id=card_id,
            save_card=save_card,
            now=now,
        )
        purchase = AICreditPurchase.objects.create(
            business_id=business_id,
            payment=payment,
            user_id=user_id,
            pack_type=pack.type,
            pack_name=pack.name,
            payment_method=payment_method,
            price_ghs=price_ghs,
            credits=credits,
            bonus_credits=pack.bonus_credits,
            created_at=now,
        )
    purchase.payment = payments.start(payment_id=payment.pk, now=now)
    if purchase.payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=purchase.payment.gateway_response, reference=purchase.payment.reference)
    return purchase


def complete(*, payment: Any, now: datetime) -> bool:
    """Grants the credits of a paid order, once. Runs inside the settling transaction; locks the purchase.

    `payment` is the attempt that paid. False when another one has paid for it already.
    """
    purchase = locks.lock_purchase(order_id=payment.order_id)
    if purchase.grant_id is not None:
        return purchase.paid_by_id == payment.pk
    total = purchase.credits + purchase.bonus_credits
    purchase.grant = ledger.grant(
        business_id=purchase.business_id,
        credits=total,
        source="purchase",
        key=f"purchase:{purchase.pk}",
        unit_value_ghs=money.unit_value_ghs(purchase.price_ghs, total),
        now=now,
    )
    purchase.status = AICreditPurchase.Status.SUCCESSFUL
    purchase.completed_at = now
    purchase.paid_by = payment
    purchase.save()
    receipts.issue_for_purchase(purchase=purchase, now=now)
    return True


def _price(pack: CreditPack, amount_ghs: Decimal | None) -> tuple[Decimal, Decimal]:
    if pack.price_ghs is not None:
        if amount_ghs not in (None, pack.price_ghs):
            raise FixedPrice(price=pack.price_ghs)
        return pack.price_ghs, pack.credits
    lowest, highest = pack.min_price_ghs, pack.max_price_ghs
    if lowest is None or highest is None or amount_ghs is None or not lowest <= amount_ghs <= highest:
        raise AmountOutOfRange(minimum=lowest, maximum=highest)
    return amount_ghs, money.credits(amount_ghs * pack.credits)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`pending` is empty once the money is here; otherwise `pending` or `review`."""

    pending: str
    credits: Decimal
    message: str


def verify(*, business_id: UUID, reference: str, now: datetime) -> Outcome:
    """Asks the gateway about the business's payment and says, in words, what became of it.

    An order is paid whichever of its attempts did it. Raises NotFound for an unknown and for another's
    reference alike, PaymentFailed, GatewayUnavailable.
    """
    payment_selectors.get_payment(reference=reference, business_id=business_id)
    payment = settlement.verify_order(reference=reference, now=now)
    if payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=payment.gateway_response)
    if payment.status == PaymentStatus.REVIEW:
        return Outcome(
            pending="review",
            credits=money.ZERO,
            message="This payment differs from what was ordered. Support is looking at it; nothing is lost.",
        )
    if payment.status == PaymentStatus.PENDING:
        return Outcome(
            pending="pending",
            credits=money.ZERO,
            message=_WAITING.get(payment.next_action, _APPROVE),
        )
    period = sold.storefronts_paid_by(payment_id=payment.pk)
    if period is not None:
        message = f"Paid: {counted(period.storefronts)} until {period.ends_at:%-d %B %Y}."
        if period.free_credits:
            message += f" {period.free_credits} free credits were added."
        return Outcome(pending="", credits=period.free_credits, message=message)
    told = licences.told(payment_id=payment.pk, now=now)
    if told:
        return Outcome(pending="", credits=money.ZERO, message=told)
    granted = sold.grant_sold_by(payment_id=payment.pk)
    if granted is None:
        message = "This was paid already, so the second payment added nothing. It will be refunded."
        return Outcome(pending="", credits=money.ZERO, message=message)
    return Outcome(pending="", credits=granted.credits, message=f"{granted.credits} credits were added.")
