"""Takes personal data and secrets out of everything that leaves or is stored, and puts names back in answers.

Linear in the text. A failure of any part must fail the call, so nothing here catches an exception.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from ai_features.privacy import identifiers, names, numbers, secrets
from ai_features.privacy.names import TOKEN as TOKEN
from ai_features.privacy.names import Known
from ai_features.privacy.normalise import clean, fold

Span = tuple[int, int, str]


def sanitise(text: str, known: Sequence[str] = ()) -> tuple[str, dict[str, str]]:
    """`text` without personal data, and the map that `restore` needs to put `known` values back.

    `known` are the tenant's own customers' names, phones and codes given with the request: they become
    fixed-width tokens ⟦C01⟧, numbered anew for every call. Everything else found is replaced for good.
    """
    used: dict[str, str] = {}
    return _replace(text, names.index(known), used), used


def sanitise_tree(
    data: Any, known: Sequence[str] = (), own: frozenset[str] = frozenset()
) -> tuple[Any, dict[str, str]]:
    """The same for every text in a JSON tree, names of fields included.

    `own` are our words in it, fields and choices, which stay: a customer may be called "Amount".
    """
    index = names.index(known)
    used: dict[str, str] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, str):
            return node if node in own else _replace(node, index, used)
        if isinstance(node, Mapping):
            return {walk(str(key)): walk(value) for key, value in node.items()}
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


def findings(raw: str, known: Sequence[str] = ()) -> tuple[str, list[Span]]:
    """The cleaned text, and what `sanitise` takes out of it: (start, end, replacement), in order."""
    return _find(raw, names.index(known), {})


def _find(raw: str, known: Known, used: dict[str, str]) -> tuple[str, list[Span]]:
    text = clean(raw)
    looks = fold(text)
    lower = looks.lower()
    if len(lower) != len(looks):  # a letter whose small form is two: positions would move
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in looks)
    spans = names.find(looks, known, used) if known.entries else []
    spans += [*secrets.find(looks, lower), *identifiers.find(looks, lower, keyed_hash), *numbers.find(lower)]
    spans = _apart(spans)
    return text, names.phones(looks, spans, known, used) if known.phones else spans


def _replace(raw: str, known: Known, used: dict[str, str]) -> str:
    text, spans = _find(raw, known, used)
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end, replacement in spans:
        parts += [text[at:start], replacement]
        at = end
    parts.append(text[at:])
    return "".join(parts)


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
