"""Takes personal data and secrets out of everything that leaves or is stored, and puts names back in answers.

Linear in the text. A failure of any part must fail the call, so nothing here catches an exception.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from ai_features.privacy import numbers, secrets
from ai_features.privacy.normalise import clean, fold

Span = tuple[int, int, str]
# First word → length → lower-case value → (value, token); longest first. Five thousand debtors may all be
# called "Customer …", so values are looked up, not tried one by one.
Index = dict[str, dict[int, dict[str, tuple[str, str]]]]

_AT = r"\s?(?:@|[(\[](?:at|@)[)\]])\s?"
_DOT = r"(?:\.|\s?[(\[](?:dot|\.)[)\]]\s?)"
_ID_LABEL = (
    r"\b(?:passport|voter(?:'?s)?(?: id)?|nhis|driver'?s? licen[cs]e|national id|ssnit|tin|ghana card)"
    r"(?: (?:no\.?|number|id|card))?\s?[:#=\-]?\s?"
)
_FIXED: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            rf"(?<![\w.+-])[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,6}}",
            re.I,
        ),
        "[EMAIL]",
    ),
    (
        re.compile(r"\b[\w.+-]{1,64} at [\w-]{2,63} dot (?:com|org|net|gh|co|edu|io|me|info)\b", re.I),
        "[EMAIL]",
    ),
    (re.compile(r"\bGHA[ \-]?\d{9}[ \-]?\d\b", re.I), "[ID]"),  # Ghana Card
    (re.compile(r"\b[PCGQV]00\d{8}\b", re.I), "[ID]"),  # TIN of the Ghana Revenue Authority
    (re.compile(_ID_LABEL + r"(?P<value>(?=[A-Z0-9\-/]{0,20}\d)[A-Z0-9][A-Z0-9\-/]{5,20})", re.I), "[ID]"),
    (re.compile(r"\b[A-Z]\d{12}\b", re.I), "[SSN]"),  # SSNIT
    (re.compile(r"\b(?!000|666)[0-8]\d{2}-\d{2}-\d{4}\b"), "[SSN]"),
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.I)
_UUID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", re.I)
_USER_ID = re.compile(
    r"\b(?:user|customer|member|client)[ _-]?id\b\s?[:=#]?\s?(?P<value>(?=[\w\-]{0,63}\d)[\w\-]{2,64})", re.I
)
_WORD = re.compile(r"\w+")
TOKEN = re.compile(r"⟦C\d+⟧")  # what a known value becomes


def sanitise(text: str, known: Sequence[str] = ()) -> tuple[str, dict[str, str]]:
    """`text` without personal data, and the map that `restore` needs to put `known` values back.

    `known` are the tenant's own customers' names, phones and codes given with the request: they become
    fixed-width tokens ⟦C01⟧, numbered anew for every call. Everything else found is replaced for good.
    """
    used: dict[str, str] = {}
    return _replace(text, _index(known), used), used


def sanitise_tree(data: Any, known: Sequence[str] = ()) -> tuple[Any, dict[str, str]]:
    """The same for every text in a JSON tree, names of fields included."""
    index = _index(known)
    used: dict[str, str] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, str):
            return _replace(node, index, used)
        if isinstance(node, Mapping):
            return {_replace(str(key), index, used): walk(value) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [walk(value) for value in node]
        if isinstance(node, int | Decimal) and 9 <= Decimal(node).adjusted() <= 20:
            as_text = f"{Decimal(node):f}"  # a telephone or card number written as a number
            replaced = _replace(as_text, index, used)
            return node if replaced == as_text else replaced
        return node

    return walk(data), used


def restore_tree(data: Any, tokens: Mapping[str, str]) -> Any:
    """The same for every text in a JSON tree."""
    if isinstance(data, str):
        return restore(data, tokens)
    if isinstance(data, Mapping):
        return {key: restore_tree(value, tokens) for key, value in data.items()}
    if isinstance(data, list):
        return [restore_tree(value, tokens) for value in data]
    return data


def restore(text: str, tokens: Mapping[str, str]) -> str:
    """The answer with the tenant's own names in it again."""
    return TOKEN.sub(lambda match: tokens.get(match.group(), match.group()), text) if tokens else text


def keyed_hash(value: str) -> str:
    """Twelve hex digits that stand for an id; without our key nobody can tell for which."""
    return hmac.new(settings.SECRET_KEY.encode(), b"privacy:" + value.encode(), hashlib.sha256).hexdigest()[
        :12
    ]


def _index(known: Sequence[str]) -> Index:
    values = (re.sub(r"^\W+", "", clean(value)).strip() for value in known)
    distinct = [value for value in dict.fromkeys(values) if len(value) >= 2]
    width = max(2, len(str(len(distinct))))
    index: Index = {}
    for number, value in enumerate(distinct, 1):
        look = fold(value).lower()
        first = _WORD.match(look)
        assert first is not None
        same_length = index.setdefault(first.group(), {}).setdefault(len(look), {})
        same_length.setdefault(look, (value, f"⟦C{number:0{width}}⟧"))
    # "Ama Mensah" before "Ama"
    return {word: dict(sorted(found.items(), reverse=True)) for word, found in index.items()}


def findings(raw: str, known: Sequence[str] = ()) -> tuple[str, list[Span]]:
    """The cleaned text, and what `sanitise` takes out of it: (start, end, replacement), apart and in order."""
    return _find(raw, _index(known), {})


def _find(raw: str, index: Index, used: dict[str, str]) -> tuple[str, list[Span]]:
    text = clean(raw)
    looks = fold(text)
    spans = _known_spans(looks, index, used) if index else []
    return text, _apart([*spans, *secrets.find(looks), *_pattern_spans(looks), *numbers.find(looks)])


def _replace(raw: str, index: Index, used: dict[str, str]) -> str:
    text, spans = _find(raw, index, used)
    parts: list[str] = []
    at = 0
    for start, end, replacement in spans:
        parts += [text[at:start], replacement]
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _known_spans(looks: str, index: Index, used: dict[str, str]) -> list[Span]:
    lower = looks.lower()
    if len(lower) != len(looks):  # a letter whose small form is two: positions would move
        lower = looks
    spans: list[Span] = []
    at = 0
    for word in _WORD.finditer(lower):
        if word.start() < at:
            continue
        for length, values in index.get(word.group(), {}).items():
            end = word.start() + length
            found = values.get(lower[word.start() : end])
            if found is not None and not lower[end : end + 1].isalnum():
                value, token = found
                used[token] = value
                spans.append((word.start(), end, token))
                at = end
                break
    return spans


def _pattern_spans(looks: str) -> list[Span]:
    spans = []
    for pattern, label in _FIXED:
        group = "value" if "value" in pattern.groupindex else 0
        spans += [(*match.span(group), label) for match in pattern.finditer(looks)]
    spans += [(m.start(), m.end(), "[REDACTED]") for m in _IBAN.finditer(looks) if numbers.iban(m.group())]
    for match in _UUID.finditer(looks):
        spans.append((*match.span(), f"id_{keyed_hash(match.group().lower().replace('-', ''))}"))
    for match in _USER_ID.finditer(looks):
        spans.append((*match.span("value"), f"id_{keyed_hash(match.group('value'))}"))
    return spans


def _apart(spans: list[Span]) -> list[Span]:
    """The earlier span names the replacement, of two that begin together the longer; overlaps go too."""
    apart: list[Span] = []
    for start, end, replacement in sorted(spans, key=lambda span: (span[0], -span[1])):
        if apart and start < apart[-1][1]:
            first, last, name = apart[-1]
            apart[-1] = (first, max(last, end), name)
        else:
            apart.append((start, end, replacement))
    return apart
