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
from support_chat import languages, selectors, texts
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import Asker, Limits

from . import (
    askers,
    assistants,
    context,
    conversations,
    curated,
    escalation,
    quotas,
    retrieval,
    streams,
)
from .retrieval import Passage

log = structlog.get_logger("sika.chat")

Status, Source = SupportMessage.Status, SupportMessage.Source
# Longer than a model may take, so that nobody begins what somebody still writes.
_GRACE = timedelta(seconds=15)
_MOST_ATTEMPTS = 3
# When nobody has begun a reply by then, the sweeper gives it to a worker again.
WAITS = timedelta(seconds=20)
_SWEPT = 500
PASSAGES = 4  # that a model is told
_PASSAGES_SHOWN = 2
_FOLLOW_UP_WORDS = 8
_LONGEST_REASON = 1000
_WRITTEN = (
    *("status", "lease_until", "finished_at", "text", "source", "sources", "error_code", "request_id"),
    *("model", "cost_usd", "first_text_at", "language"),
)


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
    def asked(self) -> SupportMessage:
        assert self.reply.answers is not None
        return self.reply.answers

    @property
    def question(self) -> str:
        return self.asked.text

    @property
    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self._clock)

    def tell(self, event: str, **data: Any) -> None:
        streams.publish(
            conversation_id=self.reply.conversation_id, event=event, number=self.reply.number, **data
        )

    def begin(self) -> None:
        self.pieces = []
        self.tell("message.start", **streams.start_of(self.reply))

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
    try:
        _answer(writing)
    except Exception:  # nobody foresaw it; whoever waits is told at once, not after three attempts
        log.exception("reply failed", message=reply.pk)
        writing.error_code = "internal_error"
        _say_instead(writing, "unavailable")
    return _finish(writing)


def take_back_stale(*, now: datetime) -> list[int]:
    """Replies that nobody writes: their worker died, or their task was lost. Now they wait again.

    A worker that was only slow finds, at its end, that the reply is not its own any more.
    """
    stale = SupportMessage.objects.filter(status__in=["pending", "streaming"], lease_until__lte=now)
    taken = list(stale.order_by("lease_until").values_list("pk", flat=True)[:_SWEPT])
    stale.filter(pk__in=taken).update(status=Status.PENDING, lease_until=now + WAITS)
    return taken


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
    conversation, question = writing.conversation, writing.question
    curated_answer = curated.answer(question=question, language=conversation.language, now=writing.now)
    if curated_answer is not None:
        writing.source = Source.CURATED
        writing.say(curated_answer.text)
        return
    if house.reads_like_orders(question):
        writing.error_code = InputRefused.code
        _say_instead(writing, "refused")
        return
    earlier = context.earlier(conversation=conversation, before=writing.asked.number)
    passages = _find(writing, earlier)
    if not passages and not context.is_about_account(question):
        _say_instead(writing, "unknown")
        return
    try:
        _ask_model(writing, earlier, passages)
    except InputRefused as refusal:
        writing.error_code = refusal.code
        _say_instead(writing, "refused")
    except DomainError as failure:
        log.warning("no model answered", reason=failure.code, message=writing.reply.pk)
        writing.error_code = failure.code
        _say_what_help_says(writing, passages)


def _find(writing: _Writing, earlier: context.Earlier) -> list[Passage]:
    """Our help for the question; what follows up on an earlier one is looked up together with that."""
    language, now = writing.conversation.language, writing.now
    found = retrieval.find(question=writing.question, language=language, limit=PASSAGES, now=now)
    before = next((one for one in reversed(earlier.messages) if one.author == "user"), None)
    if found or before is None or len(writing.question.split()) > _FOLLOW_UP_WORDS:
        return found
    both = f"{before.text} {writing.question}"
    return retrieval.find(question=both, language=language, limit=PASSAGES, now=now)


def _ask_model(writing: _Writing, earlier: context.Earlier, passages: list[Passage]) -> None:
    for part in house.converse(talk=_talk(writing, earlier, passages), now=writing.now):
        if isinstance(part, house.Delta):
            writing.say(part.text)
        elif isinstance(part, house.Restart):
            writing.begin()
        else:
            _keep(writing, part, earlier, passages)


def _keep(writing: _Writing, reply: house.Reply, earlier: context.Earlier, passages: list[Passage]) -> None:
    """What else the model's answer says."""
    writing.source = Source.MODEL
    writing.request_id, writing.model, writing.cost_usd = reply.request_id, reply.model, reply.cost_usd
    used = reply.fields.get("used")
    writing.sources = [
        {"slug": passage.article_slug, "title": passage.title}
        for number, passage in enumerate(passages, 1)
        if isinstance(used, list) and number in used
    ]
    handoff = reply.fields.get("handoff")
    writing.handoff = handoff if isinstance(handoff, dict) else None
    if earlier.to_fold:
        told = reply.fields.get("summary")
        writing.summary = told if isinstance(told, str) else context.digest(earlier.summary, earlier.to_fold)
        writing.summary_up_to = earlier.to_fold[-1].number


def _talk(writing: _Writing, earlier: context.Earlier, passages: list[Passage]) -> house.Talk:
    conversation, asker = writing.conversation, writing.asker
    to_summarise = {
        "to_summarise": {"summary": earlier.summary, "messages": context.as_lines(earlier.to_fold)}
    }
    return house.Talk(
        feature="support_chat",
        version=assistants.VERSION,
        instructions=assistants.instructions(conversation.assistant, asker),
        data={
            "question": writing.question,
            "language": languages.NAMES[conversation.language],
            "passages": [
                {"number": number, "title": passage.title, "text": passage.text}
                for number, passage in enumerate(passages, 1)
            ],
            "account": context.of_account(asker=asker, limits=writing.limits, now=writing.now),
            "earlier": {"summary": earlier.summary, "messages": context.as_lines(earlier.messages)},
            **(to_summarise if earlier.to_fold else {}),
        },
        schema=assistants.SCHEMA,
        untrusted=["question"],
        names=asker.names,
        business_id=asker.business_id,
        membership_id=asker.membership_id,
        user_id=asker.user_id,
        asker=asker.key,
    )


def _say_what_help_says(writing: _Writing, passages: list[Passage]) -> None:
    """The best passages as they are; without any, that there is no answer now."""
    if not passages:
        _say_instead(writing, "unavailable")
        return
    best = passages[:_PASSAGES_SHOWN]
    _say_instead(writing, "search")
    for passage in best:
        writing.say(f"\n\n{passage.title}\n{passage.text}")
    writing.source = Source.SEARCH
    writing.sources = [{"slug": passage.article_slug, "title": passage.title} for passage in best]


def _say_instead(writing: _Writing, key: str) -> None:
    if writing.pieces:
        writing.begin()
    writing.source = Source.NONE
    writing.say(texts.text(key, writing.conversation.language))


def _finish(writing: _Writing) -> bool:
    """Stores the reply, unless staff took over while it was written. Locks the conversation."""
    reply, now = writing.reply, writing.now
    with transaction.atomic():
        conversation = conversations.lock(conversation_id=reply.conversation_id)
        if conversation.status != SupportConversation.Status.OPEN:
            return _fail(reply, "with_staff", now)
        if not _store(writing, now):
            return False  # another worker took it for dead, and was faster
        conversation.last_message_at = max(now, conversation.last_message_at)
        is_failure = writing.error_code not in ("", InputRefused.code) and writing.source == Source.NONE
        conversation.failures = conversation.failures + 1 if is_failure else 0
        if writing.summary_up_to > conversation.summary_up_to:
            conversation.summary, conversation.summary_up_to = writing.summary, writing.summary_up_to
        conversation.save(update_fields=["last_message_at", "failures", "summary", "summary_up_to"])
        left = quotas.left_in(asker=writing.asker, limits=writing.limits, conversation=conversation, now=now)
        transaction.on_commit(lambda: _tell_end(writing, left), robust=True)
        _hand_over_if_wanted(writing, conversation, now)
    return True


def _store(writing: _Writing, now: datetime) -> bool:
    reply = writing.reply
    reply.status, reply.lease_until, reply.finished_at = Status.DONE, None, now
    reply.text = "".join(writing.pieces).strip()
    reply.source, reply.sources, reply.error_code = writing.source, writing.sources, writing.error_code
    reply.request_id, reply.model, reply.cost_usd = writing.request_id, writing.model, writing.cost_usd
    reply.first_text_at, reply.language = writing.first_text_at, writing.conversation.language
    mine = SupportMessage.objects.filter(pk=reply.pk, status=Status.STREAMING, attempts=reply.attempts)
    return bool(mine.update(**{name: getattr(reply, name) for name in _WRITTEN}))


def _tell_end(writing: _Writing, left: dict[str, Any]) -> None:
    selectors.forget_lists(asker_key=writing.asker.key)
    if writing.sources:
        writing.tell("sources", sources=writing.sources)
    writing.tell("message.end", **streams.end_of(writing.reply), quota=left)


def _hand_over_if_wanted(writing: _Writing, conversation: SupportConversation, now: datetime) -> None:
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


def _fail(reply: SupportMessage, code: str, now: datetime) -> bool:
    mine = SupportMessage.objects.filter(pk=reply.pk, status__in=["pending", "streaming"])
    if mine.update(status=Status.FAILED, error_code=code, lease_until=None, finished_at=now):
        detail = texts.text("handed_over" if code == "with_staff" else "unavailable", reply.language)
        event: dict[str, Any] = {"conversation_id": reply.conversation_id, "number": reply.number}
        transaction.on_commit(
            lambda: streams.publish(**event, event="error", code=code, detail=detail), robust=True
        )
    return False
