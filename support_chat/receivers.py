"""Conversations' events become deliveries of webhooks, in the same transaction."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from support_chat import signals
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.services import outbox


@receiver(signals.conversation_created)
def _conversation_created(conversation: SupportConversation, now: datetime, **_: Any) -> None:
    outbox.conversation_created(conversation=conversation, now=now)


@receiver(signals.message_created)
def _message_created(message: SupportMessage, now: datetime, **_: Any) -> None:
    outbox.message_created(message=message, now=now)


@receiver(signals.conversation_escalated)
def _conversation_escalated(
    conversation: SupportConversation, ticket: SupportTicket, now: datetime, **_: Any
) -> None:
    outbox.conversation_escalated(conversation=conversation, ticket=ticket, now=now)


@receiver(signals.conversation_resolved)
def _conversation_resolved(conversation: SupportConversation, now: datetime, **_: Any) -> None:
    outbox.conversation_resolved(conversation=conversation, now=now)
