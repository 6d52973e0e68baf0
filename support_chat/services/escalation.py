"""Hands a conversation to people. From then on the bot is silent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from config.core.errors import NotFound
from subscriptions.services import alerts
from support_chat import selectors, signals, texts
from support_chat.errors import ConversationClosed
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.types import Asker

from . import conversations, quotas, streams, triage

Reason = SupportTicket.Reason
Status = SupportConversation.Status
_SEVERITY = {"low": "info", "normal": "info", "high": "warning", "urgent": "critical"}
_MESSAGES_READ = 5
_LINE = 200
# What a caller says who does not know: then it is read from what the user wrote.
_UNKNOWN = {"category": "other", "priority": "normal", "sentiment": "neutral"}


@transaction.atomic
def escalate(
    *, asker: Asker | None, conversation_id: UUID, why: str = "", category: str = "other", now: datetime
) -> tuple[SupportTicket, bool]:
    """A user asks for a person (`asker` None: staff does for them); the ticket, and whether it is new.

    One that is resolved begins anew. No limit is counted: nobody is refused a person. Raises NotFound,
    ConversationClosed. Locks the conversation.
    """
    conversation = conversations.lock(conversation_id=conversation_id)
    if asker is not None and not _is_of(conversation, asker):
        raise NotFound
    if conversation.status == Status.CLOSED:
        raise ConversationClosed
    is_new = conversation.status != Status.WITH_STAFF
    if conversation.status == Status.RESOLVED:
        conversations.begin_segment(conversation)
        conversation.reopened += 1
    ticket = hand_over(
        conversation=conversation,
        reason=Reason.USER if asker is not None else Reason.STAFF,
        category=category,
        summary=why,
        now=now,
    )
    return ticket, is_new


def hand_over(
    *,
    conversation: SupportConversation,
    reason: str,
    now: datetime,
    category: str = "other",
    priority: str = "normal",
    sentiment: str = "neutral",
    summary: str = "",
    staff_id: int | None = None,
) -> SupportTicket:
    """Opens a ticket, or returns the open one; silences the bot, tells the user and, once per ticket, staff.

    `staff_id` is who takes it at once: then nobody is alerted. The caller has locked the conversation.
    """
    there = SupportTicket.objects.filter(conversation=conversation, status=SupportTicket.Status.OPEN).first()
    if there is not None:
        return there
    said = [*_last_said(conversation), *([summary] if reason == Reason.USER and summary else [])]
    given = {"category": category, "priority": priority, "sentiment": sentiment}
    ticket = SupportTicket.objects.create(
        conversation=conversation,
        business_id=conversation.business_id,
        reason=reason,
        **_completed(given, said, conversation, now),
        summary=summary or "\n".join(text[:_LINE] for text in said),
        segment=conversation.segment,
        assigned_to_id=staff_id,
        waiting_since=now,
        created_at=now,
    )
    silence(conversation=conversation, now=now)
    conversation.status, conversation.ended_at = Status.WITH_STAFF, None
    conversation.failures = 0
    conversation.save(
        update_fields=[
            *("status", "ended_at", "failures"),
            *("segment", "summary", "summary_up_to", "reopened"),
        ]
    )
    conversations.post(
        conversation=conversation,
        author=SupportMessage.Author.SYSTEM,
        text=texts.text("handed_over", conversation.language),
        now=now,
    )
    signals.conversation_escalated.send(SupportTicket, conversation=conversation, ticket=ticket, now=now)
    conversations.changed(conversation)
    if staff_id is None:
        _alert(ticket, now)
    return ticket


def note_waiting(*, conversation: SupportConversation, now: datetime) -> None:
    """The user wrote while staff has the conversation, which the caller has locked."""
    waiting = SupportTicket.objects.filter(
        conversation=conversation, status=SupportTicket.Status.OPEN, waiting_since__isnull=True
    )
    waiting.update(waiting_since=now)


def _is_of(conversation: SupportConversation, asker: Asker) -> bool:
    return selectors.conversations_of(asker=asker).filter(pk=conversation.pk).exists()


def _last_said(conversation: SupportConversation) -> list[str]:
    mine = SupportMessage.objects.filter(conversation=conversation, author=SupportMessage.Author.USER)
    return list(mine.order_by("-number").values_list("text", flat=True)[:_MESSAGES_READ])[::-1]


def _completed(
    given: dict[str, str], said: list[str], conversation: SupportConversation, now: datetime
) -> dict[str, str]:
    """`given`, with what was not known read from what was said."""
    if given == _UNKNOWN or given["category"] == _UNKNOWN["category"]:
        limits = quotas.limits(asker=Asker(user_id=conversation.user_id), now=now)
        read = vars(triage.read(texts=said, is_enterprise=limits.priority))
        return {name: read[name] if given[name] == _UNKNOWN[name] else given[name] for name in given}
    return given


def silence(*, conversation: SupportConversation, now: datetime) -> None:
    """Ends the replies that are being written: their worker finds them taken when it wants to store them.

    Otherwise one that was begun before could still come after staff had handed back.
    """
    unfinished = SupportMessage.objects.filter(
        conversation=conversation, status__in=["pending", "streaming"], author=SupportMessage.Author.BOT
    )
    numbers = list(unfinished.values_list("number", flat=True))
    unfinished.update(
        status=SupportMessage.Status.FAILED, error_code="with_staff", lease_until=None, finished_at=now
    )
    pk, detail = conversation.pk, texts.text("handed_over", conversation.language)

    def tell() -> None:
        for number in numbers:
            event: dict[str, Any] = {"code": "with_staff", "detail": detail}
            streams.publish(conversation_id=pk, event="error", number=number, **event)

    transaction.on_commit(tell, robust=True)


def _alert(ticket: SupportTicket, now: datetime) -> None:
    """What the user wrote stays in the desk, where it is logged who reads it."""
    conversation = ticket.conversation
    who = f"A member of {ticket.business}" if ticket.business else "A guest"
    alerts.raise_alert(
        business_id=None,
        kind="support_ticket",
        key=f"support_ticket:{ticket.pk}",
        severity=_SEVERITY[ticket.priority],
        title=f"A user waits for a person: {ticket.category}, {ticket.priority}",
        text=(
            f"{who} is handed over to staff ({ticket.get_reason_display()}). Feeling: {ticket.sentiment}. "
            f"Language: {conversation.language}. The bot is silent until somebody hands back or resolves."
        ),
        link=f"{settings.PUBLIC_URL}/admin/support_chat/supportconversation/{conversation.pk}/change/",
        data={"ticket_id": str(ticket.pk), "conversation_id": str(conversation.pk)},
        now=now,
    )
