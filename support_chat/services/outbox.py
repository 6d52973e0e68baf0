"""Writes what webhooks will be told, in the transaction of the event. A rolled back event was never told.

An event goes to the webhooks of the member whose conversation it is, while they have the enterprise licence.
"""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from config.core import json
from support_chat.models import (
    ChatWebhook,
    ChatWebhookDelivery,
    SupportConversation,
    SupportMessage,
    SupportTicket,
)
from support_chat.types import Asker

from . import quotas

_EVENTS = UUID("8a0c7d52-6d0e-4c57-9f0a-3f3a1d1c7e21")


def conversation_created(*, conversation: SupportConversation, now: datetime) -> None:
    _write("conversation.created", str(conversation.pk), conversation, {}, now)


def message_created(*, message: SupportMessage, now: datetime) -> None:
    """A reply of the bot, or what staff wrote; not what the member wrote, nor a notice of the system."""
    if message.author not in (SupportMessage.Author.BOT, SupportMessage.Author.STAFF):
        return
    told = {
        "number": message.number,
        "author": message.author,
        "text": message.text,
        "source": message.source or None,
        "sources": message.sources,
        "language": message.language,
        "created_at": message.created_at,
        "finished_at": message.finished_at,
    }
    _write("message.created", str(message.pk), message.conversation, {"message": told}, now)


def conversation_escalated(
    *, conversation: SupportConversation, ticket: SupportTicket, now: datetime
) -> None:
    told = {
        "id": ticket.pk,
        "reason": ticket.reason,
        "priority": ticket.priority,
        "category": ticket.category,
    }
    _write("conversation.escalated", str(ticket.pk), conversation, {"ticket": told}, now)


def conversation_resolved(*, conversation: SupportConversation, now: datetime) -> None:
    _write("conversation.resolved", f"{conversation.pk}/{conversation.segment}", conversation, {}, now)


def ping(*, webhook: ChatWebhook, now: datetime) -> ChatWebhookDelivery:
    """An event to try the webhook with; the caller delivers it. It is tried once."""
    event_id = uuid5(_EVENTS, f"ping {webhook.pk} {now.isoformat()}")
    body = _body("ping", event_id, webhook.business_id, {}, now)
    return _deliveries([webhook], "ping", event_id, body, now)[0]


def _write(
    event: str, cause: str, conversation: SupportConversation, data: dict[str, Any], now: datetime
) -> None:
    """Once per event and webhook. One query for who has no webhook."""
    if conversation.membership_id is None or conversation.business_id is None:
        return
    wanted = ChatWebhook.objects.filter(
        membership=conversation.membership_id, is_active=True, events__contains=[event]
    )
    webhooks = list(wanted)
    asker = Asker(membership_id=conversation.membership_id, user_id=conversation.user_id)
    if not webhooks or not quotas.limits(asker=asker, now=now).integrations:
        return
    event_id = uuid5(_EVENTS, f"{event} {cause}")
    body = _body(event, event_id, conversation.business_id, {**_told(conversation), **data}, now)
    _deliveries(webhooks, event, event_id, body, now)


def _told(conversation: SupportConversation) -> dict[str, Any]:
    return {
        "conversation": {
            "id": conversation.pk,
            "title": conversation.title,
            "status": conversation.status,
            "assistant": conversation.assistant,
            "language": conversation.language,
            "segment": conversation.segment,
            "created_at": conversation.created_at,
        }
    }


def _body(event: str, event_id: UUID, business_id: UUID, data: dict[str, Any], now: datetime) -> str:
    return json.dumps(
        {"id": event_id, "type": event, "created_at": now, "business_id": business_id, "data": data}
    )


def _deliveries(
    webhooks: list[ChatWebhook], event: str, event_id: UUID, body: str, now: datetime
) -> list[ChatWebhookDelivery]:
    rows = [
        ChatWebhookDelivery(
            webhook=webhook, event=event, event_id=event_id, body=body, due_at=now, created_at=now
        )
        for webhook in webhooks
    ]
    with transaction.atomic():
        written = ChatWebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if event != "ping":
        from support_chat import tasks  # which imports the services

        for row in written:
            queue = partial(tasks.deliver_chat_webhook.apply_async, (str(row.pk),), retry=False)
            transaction.on_commit(queue, robust=True)
    return written
