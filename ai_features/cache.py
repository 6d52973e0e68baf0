"""Answers given before, for a day, inside one business. Redis away: each process remembers on its own."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from config.core.db import release_connection

KEEP_SECONDS = 24 * 3600
_POLL_SECONDS = 0.05
# A run that died must not make others wait longer than a run that lives.
_LOCK_MARGIN_SECONDS = 5


@dataclass(frozen=True)
class Entry:
    """`results` still carry tokens instead of names: whoever asks again may ask about other people."""

    request_id: UUID
    results: list[dict[str, Any]]
    model: str
    answered_at: datetime


def key(*, business_id: UUID, role: str, feature: str, version: str, model_class: str, items: Any) -> str:
    """`items` is the sanitised input. Another business, role or prompt never meets the same key."""
    parts = [str(business_id), role, feature, version, model_class, items]
    canonical = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return f"ai:{hashlib.sha256(canonical.encode()).hexdigest()}"


@contextmanager
def once(key: str, *, fresh: bool) -> Iterator[Entry | None]:
    """The stored answer, or None: then the block runs as the only one for this key, as far as Redis can tell.

    `fresh` looks nothing up. Identical calls wait here for the first one, without a database connection; when
    it fails, the next one runs.
    """
    entry: Entry | None = None
    mine = False
    if not fresh:
        entry = cache.get(key)
        if entry is None:
            entry, mine = _wait_or_lead(key)
    try:
        yield entry
    finally:
        if mine:
            cache.delete(f"{key}:running")


def store(key: str, entry: Entry) -> None:
    cache.set(key, entry, KEEP_SECONDS)


def _wait_or_lead(key: str) -> tuple[Entry | None, bool]:
    """The answer of the call that is running, or the right to run. After a time-out: neither, just run."""
    patience = settings.AI_TIMEOUT_SECONDS + _LOCK_MARGIN_SECONDS
    until = time.monotonic() + patience
    released = False
    while time.monotonic() < until:
        if cache.add(f"{key}:running", 1, patience):
            return cache.get(key), True
        if not released:
            release_connection()
            released = True
        time.sleep(_POLL_SECONDS)
        entry = cache.get(key)
        if entry is not None:
            return entry, False
    return None, False
