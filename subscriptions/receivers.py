"""What the payments app announces and this app acts on. A line per thing that is sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from payments.signals import (
    card_kept,
    payment_disputed,
    payment_refunded,
    payment_succeeded,
    person_needed,
)
from payments.types import Claim, RefundStatus

from . import tasks
from .services import addons, alerts, clawback, licences, purchases, receipts, storefronts
from .signals import mark_passed

_COMPLETE: dict[str, Callable[..., bool]] = {
    purchases.PURPOSE: purchases.complete,
    addons.PURPOSE: addons.complete_period,
    storefronts.PURPOSE: storefronts.complete,
    licences.PURPOSE: licences.complete,
}


# What a payment that sold no credits does when money of it goes back, is disputed, or was before it came.
_FOLLOW: dict[str, Callable[..., Any]] = {
    storefronts.PURPOSE: storefronts.after_money_back,
    licences.PURPOSE: licences.follow_money,
}


@receiver(payment_succeeded)
def on_payment_succeeded(payment: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the settling transaction."""
    complete = _COMPLETE.get(payment.purpose)
    if complete is None:
        return None
    if not complete(payment=payment, now=now):
        return Claim.UNAPPLIED
    _FOLLOW.get(payment.purpose, clawback.after_payment)(payment=payment, now=now)
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
    follow = _FOLLOW.get(payment.purpose, clawback.after_refund)
    found = follow(payment=payment, refund=refund, now=now)
    if refund.status == RefundStatus.PROCESSED:  # money that stays here needs no paper
        receipts.issue_credit_note(payment=payment, refund=refund, now=now)
    return Claim.APPLIED if found else Claim.UNAPPLIED


@receiver(payment_disputed)
def on_payment_disputed(payment: Any, dispute: Any, now: datetime, **_: Any) -> Claim | None:
    """Inside the transaction that opens or decides the dispute."""
    if payment.purpose not in _COMPLETE:
        return None
    follow = _FOLLOW.get(payment.purpose, clawback.after_dispute)
    found = follow(payment=payment, dispute=dispute, now=now)
    return Claim.APPLIED if found else Claim.UNAPPLIED


@receiver(person_needed)
def on_person_needed(
    event: str, subject: str, text: str, link: str, cause: str, now: datetime, **_: Any
) -> None:
    """Stored where it was found: what is undone is not told, what is committed surely is."""
    alerts.raise_alert(
        business_id=None,
        kind="payments",
        key=f"payments:{cause}",
        severity="critical",
        title=subject[:160],
        text=text,
        link=link,
        data={"event": event},
        now=now,
    )


@receiver(mark_passed)
def on_mark_passed(business_id: Any, **_: Any) -> None:
    """A broker that is away must not fail the charge: the sweep looks as well."""
    transaction.on_commit(lambda: tasks.check_business.delay(str(business_id)), robust=True)
