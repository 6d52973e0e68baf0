"""What the payments app announces and this app acts on. A line per thing that is sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from payments.signals import card_kept, payment_disputed, payment_refunded, payment_succeeded
from payments.types import Claim, RefundStatus

from .services import addons, clawback, purchases, receipts, storefronts

_COMPLETE: dict[str, Callable[..., bool]] = {
    purchases.PURPOSE: purchases.complete,
    addons.PURPOSE: addons.complete_period,
    storefronts.PURPOSE: storefronts.complete,
}


@receiver(payment_succeeded)
def on_payment_succeeded(payment: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the settling transaction."""
    complete = _COMPLETE.get(payment.purpose)
    if complete is None:
        return None
    if not complete(payment_id=payment.pk, order_id=payment.order_id, now=now):
        return Claim.UNAPPLIED
    if payment.purpose == storefronts.PURPOSE:  # it sells no credits
        storefronts.after_money_back(payment=payment, now=now)
    else:
        clawback.after_payment(payment=payment, now=now)
    return Claim.APPLIED


@receiver(card_kept)
def on_card_kept(payment: Any, card: Any, **_: Any) -> None:
    """Inside the settling transaction, after `payment_succeeded`."""
    if payment.purpose == addons.PURPOSE:
        addons.remember_card(payment=payment, card=card)
    if payment.purpose == storefronts.PURPOSE:
        storefronts.remember_card(payment=payment, card=card)


@receiver(payment_refunded)
def on_payment_refunded(payment: Any, refund: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the transaction that ends the refund."""
    if payment.purpose not in _COMPLETE:
        return None
    if payment.purpose == storefronts.PURPOSE:
        found = storefronts.after_money_back(payment=payment, now=now)
    else:
        found = clawback.after_refund(payment=payment, refund=refund, now=now)
    if refund.status == RefundStatus.PROCESSED:  # money that stays here needs no paper
        receipts.issue_credit_note(payment=payment, refund=refund, now=now)
    return Claim.APPLIED if found else Claim.UNAPPLIED


@receiver(payment_disputed)
def on_payment_disputed(payment: Any, dispute: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the transaction that opens or decides the dispute."""
    if payment.purpose not in _COMPLETE:
        return None
    if payment.purpose == storefronts.PURPOSE:
        found = storefronts.after_money_back(payment=payment, now=now)
    else:
        found = clawback.after_dispute(payment=payment, dispute=dispute, now=now)
    return Claim.APPLIED if found else Claim.UNAPPLIED
