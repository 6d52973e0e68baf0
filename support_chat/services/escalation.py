"""Hands a conversation to people. From then on the bot is silent."""

from datetime import datetime

from support_chat import signals, texts
from support_chat.models import SupportConversation, SupportMessage, SupportTicket

from . import conversations


def hand_over(
    *,
    conversation: SupportConversation,
    reason: str,
    now: datetime,
    category: str = "other",
    priority: str = "normal",
    sentiment: str = "neutral",
    summary: str = "",
) -> SupportTicket:
    """Opens a ticket, or returns the open one; tells the user. The caller has locked the conversation."""
    there = SupportTicket.objects.filter(conversation=conversation, status=SupportTicket.Status.OPEN).first()
    if there is not None:
        return there
    ticket = SupportTicket.objects.create(
        conversation=conversation,
        business_id=conversation.business_id,
        reason=reason,
        category=category,
        priority=priority,
        sentiment=sentiment,
        summary=summary,
        segment=conversation.segment,
        created_at=now,
    )
    conversation.status, conversation.ended_at = SupportConversation.Status.WITH_STAFF, None
    conversation.failures = 0
    conversation.save(update_fields=["status", "ended_at", "failures"])
    conversations.post(
        conversation=conversation,
        author=SupportMessage.Author.SYSTEM,
        text=texts.text("handed_over", conversation.language),
        now=now,
    )
    signals.conversation_escalated.send(SupportTicket, conversation=conversation, ticket=ticket, now=now)
    conversations.changed(conversation)
    return ticket
