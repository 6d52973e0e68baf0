"""Where members want to be told of their conversations: kept sealed, the signing secret shown once."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from config.core import public_http, secret_text
from config.core.errors import NotFound
from support_chat.errors import IntegrationsNotInPlan, TooManyWebhooks
from support_chat.models import ChatWebhook
from support_chat.types import Asker, Limits

MOST_OF_MEMBER = 5
_LOCK_NAMESPACE = 71_002  # of advisory locks: one member's webhooks are counted one after the other

_log = structlog.get_logger("sika.chat")


def check_allowed(*, limits: Limits) -> None:
    """Raises IntegrationsNotInPlan."""
    if not limits.integrations:
        raise IntegrationsNotInPlan


def create(
    *, asker: Asker, limits: Limits, url: str, events: Sequence[str], now: datetime
) -> tuple[ChatWebhook, str]:
    """The webhook, and the secret that signs what it is sent: nobody is told it again.

    Raises IntegrationsNotInPlan, TooManyWebhooks, AddressNotAllowed.
    """
    check_allowed(limits=limits)
    assert asker.business_id is not None and asker.membership_id is not None
    host = public_http.check(url, allow_loopback=settings.ALERT_WEBHOOKS_ON_LOOPBACK)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_NAMESPACE, asker.membership_id])
        if of_asker(asker=asker).count() >= MOST_OF_MEMBER:
            raise TooManyWebhooks(limit=MOST_OF_MEMBER)
        made = ChatWebhook.objects.create(
            business_id=asker.business_id,
            membership_id=asker.membership_id,
            sealed_url=secret_text.seal(url),
            host=host,
            sealed_secret=secret_text.seal(secret),
            events=sorted(set(events)),
            created_at=now,
        )
    return made, secret


def of_asker(*, asker: Asker) -> QuerySet[ChatWebhook]:
    """This member's own, in this business."""
    return ChatWebhook.objects.filter(membership=asker.membership_id, business=asker.business_id)


def find(*, asker: Asker, webhook_id: UUID) -> ChatWebhook:
    """Raises NotFound for an unknown and for another's alike."""
    found = of_asker(asker=asker).filter(pk=webhook_id).first() if asker.membership_id else None
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def change(
    *, asker: Asker, webhook_id: UUID, events: Sequence[str] | None = None, is_active: bool | None = None
) -> ChatWebhook:
    """Changes what is given. What waits for one that is switched off is dropped. Raises NotFound."""
    found = find(asker=asker, webhook_id=webhook_id)
    found.events = found.events if events is None else sorted(set(events))
    found.is_active = found.is_active if is_active is None else is_active
    found.save(update_fields=["events", "is_active"])
    return found


def delete(*, asker: Asker, webhook_id: UUID) -> None:
    """With its deliveries. Raises NotFound."""
    find(asker=asker, webhook_id=webhook_id).delete()


def reseal() -> int:
    """Encrypts every webhook's address and secret with the newest key; how many."""
    count = 0
    for pk in ChatWebhook.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = ChatWebhook.objects.select_for_update(no_key=True).filter(pk=pk).first()
            if row is None:
                continue
            try:
                row.sealed_url = secret_text.reseal(row.sealed_url)
                row.sealed_secret = secret_text.reseal(row.sealed_secret)
            except InvalidToken:
                _log.error("chat_webhook_unreadable", webhook_id=str(pk))
                continue
            row.save(update_fields=["sealed_url", "sealed_secret"])
            count += 1
    return count
