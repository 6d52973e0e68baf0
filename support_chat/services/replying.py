"""Writes the reply that a message waits for. Runs in a worker, away from the connection of whoever asked.

The order: a curated answer; our help, and "I don't know" when it has nothing; a model with our help; our help
as it is when no model answers. Network, and no transaction around it. Safe to repeat at any point.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from ai_features.errors import InputRefused
from ai_features.services import house
from config.core.errors import DomainError
from support_chat import selectors, texts
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import Asker, Limits

from . import askers, assistants, context, quotas, streams

log = structlog.get_logger("sika.chat")

Status, Source = SupportMessage.Status, SupportMessage.Source
# Longer than a model may take, so that nobody begins what somebody still writes.
_GRACE = timedelta(seconds=15)
_MOST_ATTEMPTS = 3


@dataclass(kw_only=True)
class _Writing:
    """One attempt at one reply."""

    reply: SupportMessage
    asker: Asker
    limits: Limits
    started_at: datetime
    pieces: list[str] = field(default_factory=list)
    source: str = Source.NONE
    sources: list[dict[str, str]] = field(default_factory=list)
    handoff: dict[str, Any] | None = None
    error_code: str = ""
    request_id: UUID | None = None
    model: str = ""
    cost_usd: Decimal = Decimal(0)
    summary: str = ""
    summary_up_to: int = 0
    first_text_at: datetime | None = None
    _clock: float = field(default_factory=time.monotonic)

    @property
    def conversation(self) -> SupportConversation:
        return self.reply.conversation

    @property
    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self._clock)

    def tell(self, event: str, **data: Any) -> None:
        streams.publish(
            conversation_id=self.reply.conversation_id, event=event, number=self.reply.number, **data
        )

    def begin(self) -> None:
        self.pieces = []
        self.tell("message.start", author=self.reply.author)

    def say(self, text: str) -> None:
        self.first_text_at = self.first_text_at or self.now
        self.pieces.append(text)
        self.tell("delta", text=text)


def write(*, message_id: int, now: datetime) -> bool:
    """Writes one pending reply to its end; False when somebody else does, has done, or staff took over."""
    reply = _claim(message_id, now)
    if reply is None:
        return False
    try:
        asker = askers.of_conversation(reply.conversation, now=now)
    except DomainError as gone:  # a member who left
        return _fail(reply, gone.code, now)
    writing = _Writing(reply=reply, asker=asker, limits=quotas.limits(asker=asker, now=now), started_at=now)
    writing.begin()
    _answer(writing)
    return _finish(writing)


def find_stale(*, now: datetime) -> list[int]:
    """Replies that nobody writes: their worker died, or their task was lost. Those to be given out again."""
    stale = SupportMessage.objects.filter(status__in=["pending", "streaming"], lease_until__lte=now)
    return list(stale.order_by("lease_until").values_list("pk", flat=True)[:500])


def _claim(message_id: int, now: datetime) -> SupportMessage | None:
    """The reply, ours for as long as a model may take. One statement, so that of two workers one has it."""
    lease = now + timedelta(seconds=settings.AI_TIMEOUT_SECONDS) + _GRACE
    free = Q(status=Status.PENDING) | Q(status=Status.STREAMING, lease_until__lte=now)
    mine = SupportMessage.objects.filter(free, pk=message_id)
    if not mine.update(status=Status.STREAMING, lease_until=lease, attempts=F("attempts") + 1):
        return None
    reply = SupportMessage.objects.select_related("conversation", "answers").get(pk=message_id)
    if reply.conversation.status != SupportConversation.Status.OPEN:
        _fail(reply, "with_staff", now)
        return None
    if reply.attempts > _MOST_ATTEMPTS:
        _fail(reply, "given_up", now)
        return None
    return reply


def _answer(writing: _Writing) -> None:
    try:
        _ask_model(writing)
    except InputRefused as refusal:
        writing.error_code = refusal.code
        _say_instead(writing, "refused")
    except DomainError as failure:
        log.warning("no model answered", reason=failure.code, message=writing.reply.pk)
        writing.error_code = failure.code
        _say_instead(writing, "unavailable")


def _ask_model(writing: _Writing) -> None:
    for part in house.converse(talk=_talk(writing), now=writing.now):
        if isinstance(part, house.Delta):
            writing.say(part.text)
        elif isinstance(part, house.Restart):
            writing.begin()
        else:
            writing.source = Source.MODEL
            writing.request_id, writing.model = part.request_id, part.model
            writing.cost_usd = part.cost_usd
            writing.handoff = part.fields.get("handoff")


def _talk(writing: _Writing) -> house.Talk:
    conversation, asker = writing.conversation, writing.asker
    assert writing.reply.answers is not None
    earlier = context.earlier(conversation=conversation, before=writing.reply.answers.number)
    return house.Talk(
        feature="support_chat",
        version=assistants.VERSION,
        instructions=assistants.instructions(conversation.assistant, asker),
        data={
            "question": writing.reply.answers.text,
            "language": texts.LANGUAGES.get(conversation.language, conversation.language),
            "account": context.of_account(asker=asker, limits=writing.limits, now=writing.now),
            "earlier": {"summary": earlier.summary, "messages": earlier.messages},
        },
        schema=assistants.SCHEMA,
        untrusted=["question"],
        business_id=asker.business_id,
        membership_id=asker.membership_id,
        user_id=asker.user_id,
        asker=asker.key,
    )


def _say_instead(writing: _Writing, key: str) -> None:
    if writing.pieces:
        writing.begin()
    writing.source = Source.NONE
    writing.say(texts.text(key, writing.conversation.language))


def _finish(writing: _Writing) -> bool:
    """Stores the reply, unless staff took over while it was written. Locks the conversation."""
    reply, now = writing.reply, writing.now
    with transaction.atomic():
        conversation = SupportConversation.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=reply.conversation_id
        )
        if conversation.status != SupportConversation.Status.OPEN:
            return _fail(reply, "with_staff", now)
        mine = SupportMessage.objects.filter(pk=reply.pk, status=Status.STREAMING, attempts=reply.attempts)
        if not mine.update(
            status=Status.DONE,
            text="".join(writing.pieces).strip(),
            source=writing.source,
            sources=writing.sources,
            request_id=writing.request_id,
            model=writing.model,
            cost_usd=writing.cost_usd,
            error_code=writing.error_code,
            lease_until=None,
            first_text_at=writing.first_text_at,
            finished_at=now,
        ):
            return False  # another worker took it for dead, and was faster
        failed = writing.error_code not in ("", InputRefused.code)
        SupportConversation.objects.filter(pk=conversation.pk).update(
            last_message_at=max(now, conversation.last_message_at),
            failures=F("failures") + 1 if failed else 0,
        )
        transaction.on_commit(lambda: selectors.forget_lists(asker_key=writing.asker.key), robust=True)
    if writing.sources:
        writing.tell("sources", sources=writing.sources)
    writing.tell(
        "message.end",
        status=Status.DONE,
        text="".join(writing.pieces).strip(),
        source=writing.source,
        sources=writing.sources,
        quota=quotas.left_in(asker=writing.asker, limits=writing.limits, conversation=conversation, now=now),
    )
    return True


def _fail(reply: SupportMessage, code: str, now: datetime) -> bool:
    mine = SupportMessage.objects.filter(pk=reply.pk, status__in=["pending", "streaming"])
    if mine.update(status=Status.FAILED, error_code=code, lease_until=None, finished_at=now):
        detail = texts.text("handed_over" if code == "with_staff" else "unavailable", reply.language)
        event: dict[str, Any] = {"conversation_id": reply.conversation_id, "number": reply.number}
        transaction.on_commit(
            lambda: streams.publish(**event, event="error", code=code, detail=detail), robust=True
        )
    return False
