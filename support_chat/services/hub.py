"""One thread per process reads the events of all open streams: 300 of them need one connection to Redis."""

import functools
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import redis
import structlog
from django.conf import settings

from config.core import stopping
from config.settings.services import redis_database

from . import streams

log = structlog.get_logger("sika.chat")

_BLOCK_MS = 5000
_READ_SECONDS = 10.0
_PAUSE_SECONDS = 1.0
_WAKE_LIFE_SECONDS = 3600

Event = tuple[str, str, str]  # id, name, data
# Told to everybody: the process stops, so come back to another one; Redis can't be read, so ask the database.
END: Event = ("", "end", "")
AWAY: Event = ("", "away", "")


@dataclass
class _Channel:
    cursor: str
    queues: set["queue.SimpleQueue[Event]"] = field(default_factory=set)


class Hub:
    """Hands each event of a conversation to everybody in this process who follows it."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=_READ_SECONDS, socket_connect_timeout=1.0)
        self._lock = threading.Lock()
        self._channels: dict[str, _Channel] = {}
        self._wake_key = f"chat-wake:{uuid.uuid4().hex}"
        self._wake_cursor = streams.START
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def close(self) -> None:
        """Ends everything that follows, now and later: the process is about to stop."""
        self._is_closed = True
        self._tell_all(END)

    @contextmanager
    def following(
        self, *, conversation_id: UUID, after: str
    ) -> Iterator[tuple[list[Event], "queue.SimpleQueue[Event]"]]:
        """The events after `after` so far, and a queue of those that come; some may be in both."""
        key = streams.key(conversation_id)
        mine: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with self._lock:
            is_new = key not in self._channels
            self._channels.setdefault(key, _Channel(after)).queues.add(mine)
            if self._is_closed:
                mine.put(END)
            self._run()
        try:
            if is_new:  # the reader begins at `after`
                self._wake()
            # Else it is further on, perhaps: what it has handed out already is looked up, after joining it.
            yield [] if is_new else streams.since(conversation_id=conversation_id, event_id=after), mine
        finally:
            with self._lock:
                channel = self._channels[key]
                channel.queues.discard(mine)
                if not channel.queues:
                    del self._channels[key]

    def _run(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._read, name="chat-hub", daemon=True)
            self._thread.start()

    def _wake(self) -> None:
        """Makes the reader look at the new channel now instead of when its wait is over."""
        try:
            with streams.client().pipeline(transaction=False) as pipe:
                pipe.xadd(self._wake_key, {"": ""}, maxlen=1)
                pipe.expire(self._wake_key, _WAKE_LIFE_SECONDS)
                pipe.execute()
        except redis.RedisError:
            pass  # the reader has noticed that as well

    def _read(self) -> None:
        """Until nobody follows anything any more."""
        while True:
            with self._lock:
                if not self._channels:
                    self._thread = None
                    return
                followed = {key: (one, one.cursor) for key, one in self._channels.items()}
            cursors: dict[Any, Any] = {key: cursor for key, (_, cursor) in followed.items()}
            try:
                found: Any = self._client.xread(
                    {**cursors, self._wake_key: self._wake_cursor}, block=_BLOCK_MS
                )
            except redis.RedisError as error:
                log.warning("chat streams can't be read", error=type(error).__name__)
                self._tell_all(AWAY)
                time.sleep(_PAUSE_SECONDS)
                continue
            for name, entries in found or []:
                self._hand_out(name.decode(), list(entries), followed)

    def _hand_out(
        self,
        key: str,
        entries: list[Any],
        followed: dict[str, tuple[_Channel, str]],
    ) -> None:
        if key == self._wake_key:
            self._wake_cursor = entries[-1][0].decode()
            return
        events = list(streams.decoded(entries))
        with self._lock:
            channel = followed[key][0]
            if self._channels.get(key) is not channel:
                return  # given up, and perhaps begun again from another place, while we read
            channel.cursor = events[-1][0]
            for one in channel.queues:
                for event in events:
                    one.put(event)

    def _tell_all(self, event: Event) -> None:
        with self._lock:
            for channel in self._channels.values():
                for one in channel.queues:
                    one.put(event)


@functools.cache
def hub() -> Hub:
    """This process's own."""
    made = Hub(redis_database(settings.REDIS_URL, streams.DATABASE))
    stopping.when_stopping(made.close)
    return made


def follow(*, conversation_id: UUID, after: str, seconds: float, beat: float) -> Iterator[Event | None]:
    """The events after `after`, each once and in order, for so many seconds.

    None whenever nothing came for `beat` seconds. AWAY, every second, while Redis is.
    """
    ends_at = time.monotonic() + seconds
    last = streams.order(after)
    with hub().following(conversation_id=conversation_id, after=after) as (before, events):
        for early in before:
            last = streams.order(early[0])
            yield early
        while (left := ends_at - time.monotonic()) > 0:
            try:
                event = events.get(timeout=min(beat, left))
            except queue.Empty:
                yield None
                continue
            if event is END:
                return
            if event is AWAY:
                yield AWAY
            elif streams.order(event[0]) > last:
                last = streams.order(event[0])
                yield event
