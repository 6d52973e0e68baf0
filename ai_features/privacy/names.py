"""Finds the tenant's own customers' names, phones and codes, and gives each its token.

A value is compared word by word: case, accents, look-alike letters and the signs between words don't matter.
A part of a person's name ("Ama" of "Ama Serwaa") has a token of its own, so that the answer speaks of "Ama".
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ai_features.privacy import numbers
from ai_features.privacy.normalise import clean, fold, name_key

Span = tuple[int, int, str]
TOKEN = re.compile(r"⟦C\d+⟧")

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_LETTER = re.compile(r"[^\W\d_]")
_WIDEST_GAP = 3
_SHORTEST_PART = 3
# In the names of shops and before the names of people; never a name alone.
_TRADE = """
and the for of mr mrs ms miss dr prof rev pastor madam master sir alhaji hajia auntie aunty uncle maame
agency brothers business center centre client co company consult customer debtor electricals electronics
enterprise enterprises fashion foods group hardware holdings house impex industries international investment
limited logistics ltd mart market pharmacy plc provisions restaurant sales salon school service services shop
shops sons spot store stores supermarket supplies supply trader traders trading venture ventures wholesale
works
"""
# Names that are ordinary words as well: taken for a name when they have a capital.
_WORDS_TOO = """
abundance angel april august beauty bless blessed blessing bright brown charity clement coast comfort constant
cook desire divine early ernest evans eve evening faith faithful favour flora fortune francs frank friday
general gift gloria glory gold good goodness grace grant gray green hall happy harmony heart hill holy hope
innocent ivy jewel joy joyce judge july june justice king lady lamb lily long love lucky major mark marvel
may mercy merry miracle monday moses new noble old olive park patience peace pearl perfect precious price
prince princess promise prosper prosperity prudence queen rich rose royal ruby saturday silver smart stone
success sunday sunny thursday treasure trust truth tuesday unity victory virtue wealth wednesday will wise
wisdom wood worth young
"""
_NEVER = frozenset(_TRADE.split())
_WITH_CAPITAL = frozenset(_WORDS_TOO.split())


class Entry(NamedTuple):
    """`gaps` are what must stand between the words, None for anything short."""

    value: str
    token: str
    gaps: tuple[str, ...] | None
    capital: bool


@dataclass
class Known:
    """First word → number of words → words → entry, most words first; and phones by their digits.

    Five thousand debtors may all be called "Customer …", so values are looked up, not tried one by one.
    """

    entries: dict[str, dict[int, dict[tuple[str, ...], Entry]]] = field(default_factory=dict)
    phones: dict[str, Entry] = field(default_factory=dict)

    def add(self, words: tuple[str, ...], entry: Entry) -> None:
        self.entries.setdefault(words[0], {}).setdefault(len(words), {}).setdefault(words, entry)


def index(values: Sequence[str]) -> Known:
    """Numbers the values in their order, then the parts of names. Tokens of one call have one width."""
    known = Known()
    whole = [(value, tuple(name_key(word) for word in _WORD.findall(fold(value)))) for value in _tidy(values)]
    whole = [(value, words) for value, words in whole if any(words)]
    parts = _parts(whole)
    width = max(2, len(str(len(whole) + len(parts))))
    for number, (value, words) in enumerate(whole, 1):
        entry = Entry(value, f"⟦C{number:0{width}}⟧", _gaps(value), capital=False)
        known.add(words, entry)
        joined = "".join(words)
        if len(words) > 1 and entry.gaps is None and len(joined) >= 2 * _SHORTEST_PART:
            known.add((joined,), entry)
        if (phone := numbers.canonical(value)) is not None:
            known.phones.setdefault(phone, entry)
    for number, (part, (spelled, capital)) in enumerate(parts.items(), len(whole) + 1):
        known.add((part,), Entry(spelled, f"⟦C{number:0{width}}⟧", None, capital))
    # "Ama Mensah" before "Ama"
    known.entries = {word: dict(sorted(found.items(), reverse=True)) for word, found in known.entries.items()}
    return known


def find(looks: str, known: Known, used: dict[str, str]) -> list[Span]:
    """Spans in `looks`, which must be folded. Notes in `used` what each token stands for."""
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(looks)]
    keys = [name_key(word) for *_, word in words]
    spans: list[Span] = []
    at = 0
    while at < len(words):
        taken = 1
        for count, entries in known.entries.get(keys[at], {}).items():
            entry = entries.get(tuple(keys[at : at + count]))
            if entry is not None and _fits(entry, looks, words[at : at + count]):
                used[entry.token] = entry.value
                spans.append((words[at][0], words[at + count - 1][1], entry.token))
                taken = count
                break
        at += taken
    return spans


def phones(looks: str, spans: list[Span], known: Known, used: dict[str, str]) -> list[Span]:
    """The same spans, with tokens for the telephone numbers that are known, however they are written."""
    result = []
    for start, end, replacement in spans:
        digits = numbers.canonical(looks[start:end]) if replacement == "[PHONE]" else None
        entry = known.phones.get(digits or "")
        if entry is not None:
            used[entry.token] = entry.value
        result.append((start, end, entry.token if entry else replacement))
    return result


def _tidy(values: Sequence[str]) -> list[str]:
    tidy = (re.sub(r"^\W+", "", clean(value)).strip() for value in values)
    return [value for value in dict.fromkeys(tidy) if len(value) >= 2]


def _parts(whole: list[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, bool]]:
    """Part → its spelling, and whether it counts with a capital only."""
    parts: dict[str, tuple[str, bool]] = {}
    taken = {words[0] for _, words in whole if len(words) == 1}
    for value, words in whole:
        if len(words) < 2 or any(char.isdigit() for char in value):
            continue
        shop = not _NEVER.isdisjoint(words)
        for spelled, part in zip(_WORD.findall(value), words, strict=True):
            if len(part) >= _SHORTEST_PART and part not in _NEVER | taken:
                parts.setdefault(part, (spelled, shop or part in _WITH_CAPITAL))
    return parts


def _gaps(value: str) -> tuple[str, ...] | None:
    """12-5 is a code, 12.5 is a price: without a letter every sign counts."""
    if _LETTER.search(value):
        return None
    ends = [match.span() for match in _WORD.finditer(value)]
    return tuple(value[a[1] : b[0]] for a, b in itertools.pairwise(ends))


def _fits(entry: Entry, looks: str, words: list[tuple[int, int, str]]) -> bool:
    gaps = [looks[a[1] : b[0]] for a, b in itertools.pairwise(words)]
    if entry.gaps is not None:
        return tuple(gaps) == entry.gaps
    return all(len(gap) <= _WIDEST_GAP for gap in gaps) and (not entry.capital or words[0][2][0].isupper())
