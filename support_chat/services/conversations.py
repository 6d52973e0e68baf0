"""What becomes of a conversation as a whole."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from config.core.errors import NotFound
from support_chat import selectors, signals
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.types import Asker

from . import streams

Status = SupportConversation.Status


def lock(*, conversation_id: UUID) -> SupportConversation:
    """The row to lock before anything of a conversation changes. Raises NotFound."""
    rows = SupportConversation.objects.select_for_update(no_key=True, of=("self",))
    found = rows.filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def close(*, asker: Asker, conversation_id: UUID, now: datetime) -> SupportConversation:
    """Ends it for good, with a ticket it may have. Twice is once. Raises NotFound. Locks the conversation."""
    mine = selectors.conversations_of(asker=asker).filter(pk=conversation_id)
    found = mine.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise NotFound
    if found.status == Status.CLOSED:
        return found
    found.status, found.ended_at = Status.CLOSED, now
    found.save(update_fields=["status", "ended_at"])
    SupportTicket.objects.filter(conversation=found, status=SupportTicket.Status.OPEN).update(
        status=SupportTicket.Status.CLOSED, ended_at=now, waiting_since=None
    )
    changed(found)
    return found


def post(
    *,
    conversation: SupportConversation,
    author: str,
    text: str,
    now: datetime,
    staff_id: int | None = None,
    asker: str = "",
    key: str | None = None,
) -> SupportMessage:
    """Adds a finished message of staff or of the system; whoever follows sees it once it is committed.

    `key` is `asker`'s own for it, stored once. The caller has locked the conversation.
    """
    conversation.last_number += 1
    conversation.last_message_at = max(now, conversation.last_message_at)
    conversation.save(update_fields=["last_number", "last_message_at"])
    message = SupportMessage.objects.create(
        conversation=conversation,
        number=conversation.last_number,
        segment=conversation.segment,
        author=author,
        text=text,
        source=SupportMessage.Source.STAFF if author == SupportMessage.Author.STAFF else "",
        language=conversation.language,
        staff_id=staff_id,
        asker=asker,
        idempotency_key=key,
        created_at=now,
        finished_at=now,
    )
    signals.message_created.send(SupportMessage, message=message, now=now)
    key = selectors.asker_key(conversation)

    def tell() -> None:
        selectors.forget_lists(asker_key=key)
        streams.publish_whole(message=message)

    transaction.on_commit(tell, robust=True)
    return message


def begin_segment(conversation: SupportConversation) -> None:
    """What was said so far is no context any more. Changes the row only in memory: the caller saves it."""
    conversation.segment += 1
    conversation.summary, conversation.summary_up_to = "", conversation.last_number


def changed(conversation: SupportConversation) -> None:
    """After a change of status: once it is committed, lists are read anew and whoever follows is told."""
    key, pk, status = selectors.asker_key(conversation), conversation.pk, conversation.status

    def tell() -> None:
        selectors.forget_lists(asker_key=key)
        streams.publish(conversation_id=pk, event="conversation", status=status)

    transaction.on_commit(tell, robust=True)
