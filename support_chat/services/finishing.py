"""The end of a reply: stored once and told, or given up; and the hand-over that may follow."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from ai_features.errors import InputRefused
from support_chat import selectors, signals, texts
from support_chat.models import SupportConversation, SupportMessage

from . import assistants, conversations, escalation, quotas, streams
from .writing import Source, Writing

Status = SupportMessage.Status
_LONGEST_REASON = 1000
_WRITTEN = (
    *("status", "lease_until", "finished_at", "text", "source", "sources", "error_code", "request_id"),
    *("model", "cost_usd", "first_text_at", "language"),
)


def finish(writing: Writing) -> bool:
    """Stores the reply, unless staff took over while it was written. Locks the conversation."""
    reply, now = writing.reply, writing.now
    with transaction.atomic():
        conversation = conversations.lock(conversation_id=reply.conversation_id)
        if conversation.status != SupportConversation.Status.OPEN:
            return fail(reply, "with_staff", now)
        if not _store(writing, now):
            return False  # another worker took it for dead, and was faster
        conversation.last_message_at = max(now, conversation.last_message_at)
        is_failure = writing.error_code not in ("", InputRefused.code) and writing.source == Source.NONE
        conversation.failures = conversation.failures + 1 if is_failure else 0
        if writing.summary_up_to > conversation.summary_up_to:
            conversation.summary, conversation.summary_up_to = writing.summary, writing.summary_up_to
        conversation.save(update_fields=["last_message_at", "failures", "summary", "summary_up_to"])
        left = quotas.left_in(asker=writing.asker, limits=writing.limits, conversation=conversation, now=now)
        signals.message_created.send(SupportMessage, message=reply, now=now)
        transaction.on_commit(lambda: _tell_end(writing, left), robust=True)
        _hand_over_if_wanted(writing, conversation, now)
    return True


def _store(writing: Writing, now: datetime) -> bool:
    reply = writing.reply
    reply.status, reply.lease_until, reply.finished_at = Status.DONE, None, now
    reply.text = "".join(writing.pieces).strip()
    reply.source, reply.sources, reply.error_code = writing.source, writing.sources, writing.error_code
    reply.request_id, reply.model, reply.cost_usd = writing.request_id, writing.model, writing.cost_usd
    reply.first_text_at, reply.language = writing.first_text_at, writing.conversation.language
    mine = SupportMessage.objects.filter(pk=reply.pk, status=Status.STREAMING, attempts=reply.attempts)
    return bool(mine.update(**{name: getattr(reply, name) for name in _WRITTEN}))


def _tell_end(writing: Writing, left: dict[str, Any]) -> None:
    selectors.forget_lists(asker_key=writing.asker.key)
    if writing.sources:
        writing.tell("sources", sources=writing.sources)
    writing.tell("message.end", **streams.end_of(writing.reply), quota=left)


def _hand_over_if_wanted(writing: Writing, conversation: SupportConversation, now: datetime) -> None:
    """When the model asked for it, or too many answers failed in a row."""
    wish = writing.handoff
    if wish is None and conversation.failures < settings.CHAT_FAILURES_TO_STAFF:
        return
    wish = wish or {"reason": "The assistant could not answer."}
    escalation.hand_over(
        conversation=conversation,
        reason="failures" if writing.handoff is None else "model",
        category=_one_of(wish.get("category"), assistants.CATEGORIES, "other"),
        priority=_one_of(wish.get("priority"), assistants.PRIORITIES, "normal"),
        sentiment=_one_of(wish.get("sentiment"), assistants.SENTIMENTS, "neutral"),
        summary=str(wish.get("reason", ""))[:_LONGEST_REASON],
        now=now,
    )


def _one_of(value: Any, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise


def fail(reply: SupportMessage, code: str, now: datetime) -> bool:
    mine = SupportMessage.objects.filter(pk=reply.pk, status__in=["pending", "streaming"])
    if mine.update(status=Status.FAILED, error_code=code, lease_until=None, finished_at=now):
        detail = texts.text("handed_over" if code == "with_staff" else "unavailable", reply.language)
        event: dict[str, Any] = {"conversation_id": reply.conversation_id, "number": reply.number}
        transaction.on_commit(
            lambda: streams.publish(**event, event="error", code=code, detail=detail), robust=True
        )
    return False
