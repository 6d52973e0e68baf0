"""Looks whether a call carries what should never have left, with checks of its own.

Ghanaian telephone numbers, Ghana Cards, payment cards and e-mail addresses always count; so does every text
that it was told to forbid, whatever its case, as words of their own.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_FORMATS = {
    "phone": re.compile(
        r"(?<![\d.])(?:\+?\(?(?:00)?233\)?[ -]?(?:\(0\))?|\(?0)(?:[235]\d)\)?[ -]?\d{3}[ -]?\d{4}(?!\d)"
    ),
    "e-mail": re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}"),
    "Ghana Card": re.compile(r"gha[- ]?\d{9}[- ]?\d(?!\d)", re.IGNORECASE),
    "card": re.compile(r"(?<!\d)(?:4\d{3}|5[1-5]\d\d)(?:[ -]?\d{4}){3}(?!\d)"),
}
_SHORTEST = 3
_MAX_REMEMBERED = 100


class Leak(NamedTuple):
    kind: str
    text: str


class Watch:
    """What is forbidden, and what came all the same; shared by the threads of the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forbidden: dict[str, str] = {}
        self._leaks: list[Leak] = []

    def forbid(self, texts: Sequence[str]) -> None:
        """Texts of less than three signs are passed over: they are in every prompt."""
        told = {_plain(text): text for text in texts}
        with self._lock:
            self._forbidden |= {plain: text for plain, text in told.items() if len(plain) >= _SHORTEST}

    def allow(self) -> None:
        """Forgets what was forbidden and what leaked."""
        with self._lock:
            self._forbidden, self._leaks = {}, []

    def look(self, call: Any) -> None:
        with self._lock:
            forbidden = dict(self._forbidden)
        found = [leak for text in _texts(call) for leak in _leaks(_plain(text), forbidden)]
        with self._lock:
            self._leaks = [*self._leaks, *found][-_MAX_REMEMBERED:]

    def report(self) -> list[dict[str, str]]:
        with self._lock:
            return [leak._asdict() for leak in self._leaks]


def _leaks(text: str, forbidden: dict[str, str]) -> Iterator[Leak]:
    for kind, pattern in _FORMATS.items():
        yield from (Leak(kind, match.group()) for match in pattern.finditer(text))
    for plain, told in forbidden.items():
        if plain in text and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", text):
            yield Leak("forbidden", told)


def _texts(node: Any) -> Iterator[str]:
    """Every text and number of a call, also of the JSON inside its messages."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        inner = _json(node)
        yield from [node] if inner is None else _texts(inner)
    elif node is not None:
        yield str(node)


def _json(text: str) -> Any:
    """The object or list in a text, or None."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return text if text.isascii() else "".join(c for c in text if unicodedata.category(c) != "Cf")
