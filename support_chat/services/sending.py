"""Takes a message: counted, stored with the pending reply, and given to a worker. One short transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from config.core import json
from config.core.errors import DomainError, NotFound
from config.core.idempotency import KeyReused
from support_chat import languages, selectors, signals, tasks
from support_chat.errors import AssistantNotAllowed, ConversationClosed, ConversationFull
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import DEFAULT_ASSISTANT, Asker, Limits

from . import attachments, context, conversations, escalation, quotas, replying, streams

Status = SupportConversation.Status
TITLE_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the asker wants to say, and where; neither of the two ids begins a conversation."""

    text: str
    conversation_id: UUID | None = None
    continue_from: UUID | None = None
    assistant: str | None = None
    language: str | None = None
    attachments: tuple[UUID, ...] = ()

    def hash(self) -> str:
        return hashlib.sha256(json.dumps([str(value) for value in vars(self).values()]).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """`reply` is None while staff answers. `position`: the last event before this; START for a repetition."""

    conversation: SupportConversation
    message: SupportMessage
    reply: SupportMessage | None
    position: str
    is_repeated: bool


def send(*, asker: Asker, limits: Limits, draft: Draft, key: str | None, now: datetime) -> Sent:
    """Stores the message once per key, and makes sure that it is answered.

    Raises NotFound, ConversationClosed, ConversationFull, TooManyOpen, AssistantNotAllowed, KeyReused and
    what `quotas.count_message` raises; then nothing was stored or counted. Locks the asker's ChatUse, then
    the conversation.
    """
    if key is not None and (first := _first(asker, draft, key)):
        return first
    try:
        return _store(asker, limits, draft, key, now)
    except (DomainError, IntegrityError):
        # The same key may have been stored meanwhile, and have used up the last message or the place.
        first = _first(asker, draft, key) if key is not None else None
        if first is None:
            raise
        return first


def _store(asker: Asker, limits: Limits, draft: Draft, key: str | None, now: datetime) -> Sent:
    position = (
        streams.position(conversation_id=draft.conversation_id) if draft.conversation_id else streams.START
    )
    with transaction.atomic():
        quotas.count_message(asker=asker, limits=limits, now=now)
        conversation = _take(asker, limits, draft, now)
        is_answered = conversation.status == Status.OPEN
        message = SupportMessage.objects.create(
            conversation=conversation,
            number=conversation.last_number - is_answered,
            segment=conversation.segment,
            author=SupportMessage.Author.USER,
            text=draft.text,
            language=conversation.language,
            asker=asker.key,
            idempotency_key=key,
            request_hash=draft.hash(),
            created_at=now,
            finished_at=now,
        )
        attachments.attach(message=message, asker=asker, limits=limits, ids=draft.attachments)
        if draft.conversation_id is None:
            signals.conversation_created.send(SupportConversation, conversation=conversation, now=now)
        reply = _await_reply(conversation, message, limits, now) if is_answered else None
        if not is_answered:
            escalation.note_waiting(conversation=conversation, now=now)
        transaction.on_commit(lambda: selectors.forget_lists(asker_key=asker.key), robust=True)
    return Sent(conversation=conversation, message=message, reply=reply, position=position, is_repeated=False)


def _take(asker: Asker, limits: Limits, draft: Draft, now: datetime) -> SupportConversation:
    """The conversation, locked, with room for one more message already taken."""
    if draft.conversation_id is None:
        return _begin(asker, limits, draft, now)
    mine = selectors.conversations_of(asker=asker).filter(pk=draft.conversation_id)
    found = mine.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise NotFound
    if found.status == Status.CLOSED:
        raise ConversationClosed
    if found.messages_used >= limits.per_conversation:
        raise ConversationFull(limit=limits.per_conversation, continue_from=str(found.pk))
    if found.status == Status.RESOLVED:
        quotas.check_open(asker=asker, limits=limits)
        found.status, found.ended_at = Status.OPEN, None
        found.reopened += 1
        conversations.begin_segment(found)
    if draft.assistant is not None and draft.assistant != found.assistant:
        found.assistant = _allowed(draft.assistant, asker, limits)
    _choose_language(found, draft)
    found.messages_used += 1
    found.last_number += 2 if found.status == Status.OPEN else 1
    found.last_message_at = max(now, found.last_message_at)
    found.save()
    return found


def _begin(asker: Asker, limits: Limits, draft: Draft, now: datetime) -> SupportConversation:
    assistant = _allowed(draft.assistant or DEFAULT_ASSISTANT, asker, limits)
    before = None
    if draft.continue_from is not None:
        before = selectors.conversations_of(asker=asker).filter(pk=draft.continue_from).first()
        if before is None:
            raise NotFound
    quotas.check_open(asker=asker, limits=limits)
    begun = SupportConversation(
        business_id=asker.business_id,
        membership_id=asker.membership_id,
        user_id=asker.user_id,
        guest_id=asker.guest_id,
        assistant=assistant,
        title=draft.text[:TITLE_LENGTH],
        carried_from=before,
        summary=context.carry(conversation=before) if before else "",
        language=before.language if before else languages.DEFAULT,
        language_is_fixed=before.language_is_fixed if before else False,
        messages_used=1,
        last_number=2,
        created_at=now,
        last_message_at=now,
    )
    _choose_language(begun, draft)
    begun.save(force_insert=True)
    return begun


def _allowed(assistant: str, asker: Asker, limits: Limits) -> str:
    may = limits.assistants & asker.assistants
    if assistant not in may:
        raise AssistantNotAllowed(assistants=sorted(may))
    return assistant


def _choose_language(conversation: SupportConversation, draft: Draft) -> None:
    """The writer's choice wins, for good; else that of the message, when there is no doubt about it."""
    if draft.language is not None:
        conversation.language, conversation.language_is_fixed = draft.language, True
    elif not conversation.language_is_fixed:
        found = languages.detect(draft.text, before=conversation.language)
        if found.sure:
            conversation.language = found.language


def _await_reply(
    conversation: SupportConversation, message: SupportMessage, limits: Limits, now: datetime
) -> SupportMessage:
    reply = SupportMessage.objects.create(
        conversation=conversation,
        number=conversation.last_number,
        segment=conversation.segment,
        author=SupportMessage.Author.BOT,
        status=SupportMessage.Status.PENDING,
        answers=message,
        language=conversation.language,
        lease_until=now + replying.WAITS,
        created_at=now,
    )
    transaction.on_commit(
        lambda: tasks.ask_for_reply(message_id=reply.pk, priority=limits.priority), robust=True
    )
    return reply


def _first(asker: Asker, draft: Draft, key: str) -> Sent | None:
    """What this key stored before. Raises KeyReused when that was another message."""
    stored = SupportMessage.objects.select_related("conversation", "reply")
    message = stored.filter(asker=asker.key, idempotency_key=key).first()
    if message is None:
        return None
    if message.request_hash != draft.hash():
        raise KeyReused
    return Sent(
        conversation=message.conversation,
        message=message,
        reply=getattr(message, "reply", None),
        position=streams.START,
        is_repeated=True,
    )
