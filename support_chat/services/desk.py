"""What staff do with a conversation. Each locks it, so that two of them never both act on it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from config.core.idempotency import KeyReused
from support_chat import signals, texts
from support_chat.errors import AssignedMeanwhile, ConversationClosed, NotWithStaff
from support_chat.models import SupportConversation, SupportMessage, SupportTicket

from . import conversations, escalation

Status = SupportConversation.Status
Ended = SupportTicket.Status


@transaction.atomic
def reply(*, staff_id: int, conversation_id: UUID, text: str, key: str, now: datetime) -> SupportMessage:
    """Answers the user, once per key of this member of staff and conversation; takes an unassigned ticket.

    Raises NotFound, NotWithStaff, KeyReused; then nothing was sent.
    """
    conversation = conversations.lock(conversation_id=conversation_id)
    asker, key = f"staff:{staff_id}", f"{conversation_id}:{key}"
    sent = SupportMessage.objects.filter(asker=asker, idempotency_key=key).first()
    if sent is not None:
        if sent.text != text:
            raise KeyReused
        return sent
    ticket = _ticket(conversation)
    message = conversations.post(
        conversation=conversation,
        author=SupportMessage.Author.STAFF,
        text=text,
        staff_id=staff_id,
        asker=asker,
        key=key,
        now=now,
    )
    ticket.first_reply_at = ticket.first_reply_at or now
    ticket.assigned_to_id = ticket.assigned_to_id or staff_id
    ticket.waiting_since = None
    ticket.save(update_fields=["first_reply_at", "assigned_to", "waiting_since"])
    return message


@transaction.atomic
def assign(*, staff_id: int, conversation_id: UUID, seen: int | None, now: datetime) -> SupportTicket:
    """Gives the ticket to this member of staff; takes over what the bot has, or what is resolved.

    `seen` is who had it when they decided. Raises NotFound, ConversationClosed, and AssignedMeanwhile when
    somebody else was faster.
    """
    conversation = conversations.lock(conversation_id=conversation_id)
    if conversation.status == Status.CLOSED:
        raise ConversationClosed
    if conversation.status != Status.WITH_STAFF:
        if conversation.status == Status.RESOLVED:
            conversations.begin_segment(conversation)
        return escalation.hand_over(
            conversation=conversation, reason=SupportTicket.Reason.STAFF, staff_id=staff_id, now=now
        )
    ticket = _ticket(conversation)
    if ticket.assigned_to_id == staff_id:
        return ticket
    if ticket.assigned_to_id != seen:
        raise AssignedMeanwhile(assigned_to=str(ticket.assigned_to) if ticket.assigned_to else None)
    ticket.assigned_to_id = staff_id
    ticket.save(update_fields=["assigned_to"])
    return ticket


@transaction.atomic
def classify(*, conversation_id: UUID, priority: str, category: str) -> SupportTicket:
    """Puts right what a ticket is about and how soon it must be looked at. Raises NotFound, NotWithStaff."""
    ticket = _ticket(conversations.lock(conversation_id=conversation_id))
    ticket.priority, ticket.category = priority, category
    ticket.save(update_fields=["priority", "category"])
    return ticket


@transaction.atomic
def hand_back(*, staff_id: int, conversation_id: UUID, now: datetime) -> SupportConversation:
    """The bot answers again, from the user's next message on, in a new segment. Twice is once.

    Raises NotFound, and NotWithStaff for one that was resolved or closed meanwhile.
    """
    conversation = conversations.lock(conversation_id=conversation_id)
    if conversation.status == Status.OPEN:
        return conversation
    _end(_ticket(conversation), Ended.HANDED_BACK, staff_id, now)
    _say(conversation, "handed_back", now)
    conversations.begin_segment(conversation)
    conversation.status = Status.OPEN
    conversation.save(update_fields=["status", "segment", "summary", "summary_up_to"])
    conversations.changed(conversation)
    return conversation


@transaction.atomic
def resolve(*, staff_id: int, conversation_id: UUID, now: datetime) -> SupportConversation:
    """It is answered: the user's next message begins a new segment, with the bot. Twice is once.

    Raises NotFound, and NotWithStaff for one that was handed back or closed meanwhile.
    """
    conversation = conversations.lock(conversation_id=conversation_id)
    if conversation.status == Status.RESOLVED:
        return conversation
    _end(_ticket(conversation), Ended.RESOLVED, staff_id, now)
    _say(conversation, "resolved", now)
    conversation.status, conversation.ended_at = Status.RESOLVED, now
    conversation.save(update_fields=["status", "ended_at"])
    signals.conversation_resolved.send(SupportConversation, conversation=conversation, now=now)
    conversations.changed(conversation)
    return conversation


@transaction.atomic
def close(*, staff_id: int, conversation_id: UUID, now: datetime) -> SupportConversation:
    """Ends it for good, whoever has it. Twice is once. Raises NotFound."""
    conversation = conversations.lock(conversation_id=conversation_id)
    if conversation.status == Status.CLOSED:
        return conversation
    if conversation.status == Status.WITH_STAFF:
        _end(_ticket(conversation), Ended.CLOSED, staff_id, now)
    escalation.silence(conversation=conversation, now=now)
    _say(conversation, "closed", now)
    conversation.status, conversation.ended_at = Status.CLOSED, now
    conversation.save(update_fields=["status", "ended_at"])
    conversations.changed(conversation)
    return conversation


def _ticket(conversation: SupportConversation) -> SupportTicket:
    """The open one. Whoever has locked the conversation has it alone."""
    if conversation.status == Status.CLOSED:
        raise NotWithStaff(
            "This conversation was closed for good. Nothing was sent or changed.", status="closed"
        )
    if conversation.status != Status.WITH_STAFF:
        raise NotWithStaff(status=conversation.status)
    tickets = SupportTicket.objects.select_related("assigned_to")
    return tickets.get(conversation=conversation, status=SupportTicket.Status.OPEN)


def _end(ticket: SupportTicket, how: str, staff_id: int, now: datetime) -> None:
    ticket.status, ticket.ended_at, ticket.waiting_since = how, now, None
    ticket.assigned_to_id = ticket.assigned_to_id or staff_id
    ticket.save(update_fields=["status", "ended_at", "waiting_since", "assigned_to"])


def _say(conversation: SupportConversation, key: str, now: datetime) -> None:
    conversations.post(
        conversation=conversation,
        author=SupportMessage.Author.SYSTEM,
        text=texts.text(key, conversation.language),
        now=now,
    )
