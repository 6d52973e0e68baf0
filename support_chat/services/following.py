"""What one reader of a conversation sees: events as they come, stored messages where events are gone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from config.core import json
from config.core.db import release_connection
from support_chat import selectors
from support_chat.models import SupportMessage
from support_chat.services import streams
from support_chat.services.hub import AWAY, Event, follow
from support_chat.services.sending import Sent

BEAT_SECONDS = 10.0
# Redis's clock and ours differ a little; a message told twice begins anew at its message.start.
_SLACK = timedelta(seconds=10)
PING = ": ping\n\n"


def reply_events(*, reply: SupportMessage, position: str, seconds: float) -> Iterator[str]:
    """The events of one reply, until it has ended. What happened before `position` is not told."""
    if reply.finished_at is not None:
        yield from whole(reply, position)
        return
    for event in follow(
        conversation_id=reply.conversation_id, after=position, seconds=seconds, beat=BEAT_SECONDS
    ):
        if event is None or event is AWAY:  # the database knows
            reply.refresh_from_db()
            release_connection()
            if reply.finished_at is not None:
                yield from whole(reply, position)
                return
            yield PING
        elif number_of(event) == reply.number:
            yield frame(event)
            if event[1] in ("message.end", "error"):
                return


def sent_events(*, sent: Sent, seconds: float) -> Iterator[str]:
    """What follows a message: its reply's events, or that staff will answer."""
    yield PING  # so that headers and a first byte leave at once
    if sent.reply is not None:
        yield from reply_events(reply=sent.reply, position=sent.position, seconds=seconds)
        return
    data = streams.data_of(sent.conversation.pk, {"status": sent.conversation.status})
    yield frame((sent.position, "conversation", data))


def conversation_events(*, conversation_id: Any, last_id: str | None, seconds: float) -> Iterator[str]:
    """Everything that happens in a conversation, for so many seconds.

    After `last_id`, when all events since are still there; else the messages that ended since are told whole.
    Without one: an unfinished reply from its beginning, and what comes.
    """
    start, missed = _where(conversation_id, last_id)
    told = set(selectors.ended_numbers(conversation_id=conversation_id))
    release_connection()
    for message in missed:
        yield from whole(message, start)
    yield PING  # so that headers and a first byte leave at once
    for event in follow(conversation_id=conversation_id, after=start, seconds=seconds, beat=BEAT_SECONDS):
        if event is AWAY:
            yield from _ended_meanwhile(conversation_id, told, start)
        elif event is None:
            yield PING
        else:
            if event[1] == "message.end":
                told.add(number_of(event) or 0)
            yield frame(event)


def _ended_meanwhile(conversation_id: Any, told: set[int], event_id: str) -> Iterator[str]:
    """Messages that ended and were not told, read from the database."""
    yield PING
    ended = set(selectors.ended_numbers(conversation_id=conversation_id)) - told
    messages = selectors.messages(conversation_id=conversation_id).filter(number__in=ended)
    found = list(messages.exclude(author="user").order_by("number")) if ended else []
    release_connection()
    told |= ended
    for message in found:
        yield from whole(message, event_id)


def wait_for(*, reply: SupportMessage, position: str, seconds: float) -> SupportMessage:
    """The reply as it is when it has ended, or when the time is over."""
    release_connection()
    for _ in reply_events(reply=reply, position=position, seconds=seconds):
        pass
    reply.refresh_from_db()
    return reply


def whole(message: SupportMessage, event_id: str) -> Iterator[str]:
    """A stored message as if it came just now."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("message.start", streams.start_of(message)),
        ("delta", {"text": message.text}),
        *([("sources", {"sources": message.sources})] if message.sources else []),
        ("message.end", streams.end_of(message)),
    ]
    if message.status == SupportMessage.Status.FAILED:
        told = [("error", {"code": message.error_code})]
    for name, values in told:
        data = streams.data_of(message.conversation_id, {"number": message.number, **values})
        yield frame((event_id, name, data))


def frame(event: Event) -> str:
    event_id, name, data = event
    return f"id: {event_id}\nevent: {name}\ndata: {data}\n\n"


def number_of(event: Event) -> int | None:
    number: int | None = json.loads(event[2]).get("number")
    return number


def _where(conversation_id: Any, last_id: str | None) -> tuple[str, list[SupportMessage]]:
    """From which event on to follow, and the messages to tell whole before."""
    try:
        since = streams.moment(last_id) - _SLACK if last_id else None
    except (ValueError, OverflowError, OSError):
        last_id = since = None
    if last_id and streams.is_complete_since(conversation_id=conversation_id, event_id=last_id):
        return last_id, []
    here = streams.position(conversation_id=conversation_id)
    messages = selectors.messages(conversation_id=conversation_id).order_by("number")
    missed = (
        [] if since is None else list(messages.filter(finished_at__gte=since, author__in=["bot", "staff"]))
    )
    if messages.filter(finished_at__isnull=True).exists():
        return streams.START, missed
    return here, missed
