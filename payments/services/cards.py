"""Cards that their owners let us charge again. A card's code is sealed, and leaves only for the gateway."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from cryptography.fernet import InvalidToken
from django.db import DatabaseError, transaction

from config.core import secret_text
from config.core.db import release_connection
from config.core.errors import NotFound
from payments import providers, signals, tasks
from payments.errors import CardUnusable
from payments.models import Payment, SavedCard
from payments.providers import base

# What the task has before the sweep tells the gateway.
GRACE = timedelta(minutes=1)

_log = structlog.get_logger("sika.payments.cards")


def keep(*, payment: Payment, card: base.Card, now: datetime) -> None:
    """Saves the card of a payment, or renews what is saved of it. Runs inside the settling transaction.

    Whatever is wrong with the card, the payment stands: it is then logged and not saved.
    """
    values = {
        "email": payment.email,
        "brand": card.brand[:40],
        "bank": card.bank[:80],
        "last4": card.last4,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
    }
    try:
        values["sealed_code"] = secret_text.seal(card.code)
        with transaction.atomic():
            saved, _ = SavedCard.objects.update_or_create(
                business_id=payment.business_id,
                gateway=payment.gateway,
                signature=card.signature,
                removed_at=None,
                defaults=values,
                create_defaults={**values, "created_at": now},
            )
    except (DatabaseError, ValueError) as error:
        # A key that is none raises ValueError. Either text would show the values.
        _log.error("card_not_saved", reference=payment.reference, error=type(error).__name__)
        return
    signals.card_kept.send(sender=SavedCard, payment=payment, card=saved, now=now)


def usable(*, card_id: int, business_id: UUID, gateway: str, now: datetime) -> SavedCard:
    """Raises NotFound for an unknown, a removed and another's card alike, CardUnusable for an expired one."""
    card = SavedCard.objects.filter(pk=card_id, business_id=business_id, removed_at=None).first()
    if card is None:
        raise NotFound
    if card.gateway != gateway or is_expired(card, now):
        raise CardUnusable
    return card


def is_expired(card: SavedCard, now: datetime) -> bool:
    """A card is good until the end of the month printed on it."""
    return (now.year, now.month) > (card.exp_year, card.exp_month)


def code(card: SavedCard) -> str:
    """The secret that charges it. Raises CardUnusable when it can't be read any more."""
    try:
        return secret_text.unseal(card.sealed_code)
    except InvalidToken:
        _log.error("card_code_unreadable", card_id=card.pk)
        raise CardUnusable from None


@transaction.atomic
def remove(*, card_id: int, business_id: UUID, now: datetime) -> None:
    """Takes the card away at once, and has the gateway forget it. Raises NotFound, also the second time."""
    removed = SavedCard.objects.filter(pk=card_id, business_id=business_id, removed_at=None).update(
        removed_at=now
    )
    if not removed:
        raise NotFound
    transaction.on_commit(lambda: tasks.forget_card.delay(card_id), robust=True)


def forget(*, card_id: int, now: datetime) -> None:
    """Has the gateway forget a removed card, and drops its code here. Twice does no harm.

    A card that is saved elsewhere with the same e-mail may have the same code: it is dropped here alone.
    Network: call it outside any transaction. Raises GatewayUnavailable or OutcomeUnknown; then it is still to
    do.
    """
    card = SavedCard.objects.filter(pk=card_id, removed_at__isnull=False, forgotten_at__isnull=True).first()
    if card is None:
        return
    elsewhere = SavedCard.objects.filter(
        gateway=card.gateway, signature=card.signature, email=card.email, removed_at=None
    )
    if not elsewhere.exists():
        try:
            secret = code(card)
        except CardUnusable:
            secret = ""  # nothing to tell anybody
        release_connection()
        if secret:
            providers.direct(card.gateway).forget_card(card_code=secret)
    SavedCard.objects.filter(pk=card_id, forgotten_at=None).update(sealed_code="", forgotten_at=now)


def to_forget(*, now: datetime, limit: int = 100) -> list[int]:
    """Ids of removed cards that the gateway may still know, because a task was lost or failed."""
    waiting = SavedCard.objects.filter(removed_at__lte=now - GRACE, forgotten_at=None)
    return list(waiting.order_by("removed_at").values_list("pk", flat=True)[:limit])


def reseal(*, after: int, limit: int) -> list[int]:
    """Encrypts the next `limit` cards after the id `after` with the newest key; their ids.

    A card whose code no key reads is logged and left: it can't be charged. Locks the cards.
    """
    with transaction.atomic():
        rows = SavedCard.objects.select_for_update(no_key=True).exclude(sealed_code="").filter(pk__gt=after)
        found = list(rows.order_by("pk")[:limit])
        for card in found:
            try:
                card.sealed_code = secret_text.reseal(card.sealed_code)
            except InvalidToken:
                _log.error("card_code_unreadable", card_id=card.pk)
        SavedCard.objects.bulk_update(found, ["sealed_code"])
    return [card.pk for card in found]
