"""What happens in a conversation, as events that every web process can follow: one Redis stream each.

An event's id is Redis's, made of its clock, so that it says when it happened. Events are a convenience: the
messages are in PostgreSQL, and whoever missed events reads them there.

`message.start {number, author}` · `delta {number, text}` · `sources {number, sources}` ·
`message.end {number, …}` · `error {number, code, detail}` · `conversation {status, …}`. A `message.start`
begins its message anew: what was shown of it before is dropped. All carry `conversation_id`.
"""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from config.core import json
from config.core.redis_outage import Outage, connection_options
from config.settings.services import redis_database
from support_chat.models import SupportMessage

DATABASE = 3
LIFE_SECONDS = 3600
LONGEST = 4000  # events kept; a reply of 2,000 tokens has at most some hundred
START = "0-0"


def key(conversation_id: UUID) -> str:
    return f"chat:{conversation_id}"


def publish(*, conversation_id: UUID, event: str, **data: Any) -> None:
    """Tells whoever follows the conversation. Lost, without an error, while Redis is away."""
    body = data_of(conversation_id, data)

    def add() -> None:
        with client().pipeline(transaction=False) as pipe:
            name = key(conversation_id)
            pipe.xadd(name, {"event": event, "data": body}, maxlen=LONGEST, approximate=True)
            pipe.expire(name, LIFE_SECONDS)
            pipe.execute()

    _outage().ask(add, otherwise=lambda: None)


def data_of(conversation_id: UUID, values: dict[str, Any]) -> str:
    return json.dumps({"conversation_id": str(conversation_id), **values})


def publish_whole(*, message: SupportMessage) -> None:
    """A message that nobody saw being written."""
    name: dict[str, Any] = {"conversation_id": message.conversation_id, "number": message.number}
    publish(**name, event="message.start", **start_of(message))
    publish(**name, event="delta", text=message.text)
    publish(**name, event="message.end", **end_of(message))


def start_of(message: SupportMessage) -> dict[str, Any]:
    """What a `message.start` says beside the number."""
    return {"author": message.author}


def end_of(message: SupportMessage) -> dict[str, Any]:
    """What a `message.end` says beside the number: the message as it is stored."""
    return {
        "status": message.status,
        "text": message.text,
        "source": message.source or None,
        "sources": message.sources,
    }


def position(*, conversation_id: UUID) -> str:
    """The id of the last event so far; START when there is none, or Redis is away."""

    def last() -> str:
        found: Any = client().xrevrange(key(conversation_id), count=1)
        return found[0][0].decode() if found else START

    return _outage().ask(last, otherwise=lambda: START)


def is_complete_since(*, conversation_id: UUID, event_id: str) -> bool:
    """Whether every event after `event_id` is still there. False when in doubt."""

    def look() -> bool:
        if order(event_id) == (0, 0):
            return True
        first: Any = client().xrange(key(conversation_id), count=1)
        return bool(first) and order(first[0][0].decode()) <= order(event_id)

    return _outage().ask(look, otherwise=lambda: False)


def since(*, conversation_id: UUID, event_id: str) -> list[tuple[str, str, str]]:
    """The events after `event_id` as (id, event, data)."""

    def read() -> list[tuple[str, str, str]]:
        return list(decoded(client().xrange(key(conversation_id), min=f"({event_id}")))

    return _outage().ask(read, otherwise=list)


def decoded(entries: Any) -> Iterator[tuple[str, str, str]]:
    for event_id, fields in entries:
        yield event_id.decode(), fields[b"event"].decode(), fields[b"data"].decode()


def order(event_id: str) -> tuple[int, int]:
    """For comparing ids. Raises ValueError for what is none."""
    milliseconds, _, sequence = event_id.partition("-")
    return int(milliseconds), int(sequence or 0)


def moment(event_id: str) -> datetime:
    """When the event happened, by Redis's clock."""
    return datetime.fromtimestamp(order(event_id)[0] / 1000, UTC)


def client() -> redis.Redis:
    return _client(redis_database(settings.REDIS_URL, DATABASE))


@functools.cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, **connection_options())


@functools.cache
def _outage() -> Outage:
    return Outage("chat streams")
