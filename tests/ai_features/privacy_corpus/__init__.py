"""Labelled texts for the sanitiser, and how well it does on them.

The texts are TOML beside this file: `{{PHONE|024 412 3456}}` marks what must go. A finding is right when
both its place and its placeholder are those of a label (exact match, as in CoNLL-2003 for named entities);
signs at its edges that are no letters or digits don't matter. Recall is the share of labels found, precision
the share of findings that are right.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ai_features.privacy.normalise import clean
from ai_features.privacy.sanitise import findings

# What each kind becomes. All but names have a form of their own: the structured kinds.
PLACEHOLDERS = {
    "PHONE": "[PHONE]",
    "EMAIL": "[EMAIL]",
    "GHANACARD": "[ID]",
    "TIN": "[ID]",
    "OTHERID": "[ID]",
    "SSNIT": "[SSN]",
    "CARD": "[CARD]",
    "ACCOUNT": "[REDACTED]",
    "IBAN": "[REDACTED]",
    "PASSWORD": "[REDACTED]",
    "APIKEY": "[API_KEY]",
    "UUID": "id_",
    "USERID": "id_",
    "NAME": "⟦C",
}
PARTS = ("tune", "held_out")
FOLDER = Path(__file__).parent
_MARK = re.compile(r"\{\{(?P<kind>[A-Z]+)\|(?P<text>.*?)\}\}", re.DOTALL)
_EDGE = re.compile(r"\A[\W_]*|[\W_]*\Z")


class Label(NamedTuple):
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Labelled:
    """`text` as it is sent; labels are places in its cleaned form."""

    text: str
    labels: list[Label]
    known: tuple[str, ...]


@dataclass
class Score:
    """Counted per kind. `leaked` are labels of which a sign stays; `wrong` is what went too much."""

    labelled: Counter[str]
    right: Counter[str]
    leaked: list[str]
    wrong: list[str]
    found: Counter[str]  # by placeholder
    found_right: Counter[str]

    def recall(self, *kinds: str) -> float:
        return _share(sum(self.right[kind] for kind in kinds), sum(self.labelled[kind] for kind in kinds))

    def precision(self, *kinds: str) -> float:
        """Of the placeholders of these kinds; some stand for several kinds."""
        signs = {PLACEHOLDERS[kind] for kind in kinds}
        return _share(sum(self.found_right[sign] for sign in signs), sum(self.found[sign] for sign in signs))


def texts(part: str) -> Iterator[Labelled]:
    for path in sorted(FOLDER.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))[part]:
            marked, known = (entry, []) if isinstance(entry, str) else (entry["text"], entry["known"])
            yield read(marked, tuple(known))


def read(marked: str, known: tuple[str, ...] = ()) -> Labelled:
    """Raises ValueError for a label that is no piece of its own in the cleaned text."""
    pieces: list[str] = []
    labels: list[Label] = []
    cleaned, at = "", 0
    for mark in _MARK.finditer(marked):
        pieces += [marked[at : mark.start()], mark["text"]]
        start = len(cleaned + clean(pieces[-2]))
        cleaned += clean(pieces[-2]) + clean(pieces[-1])
        labels.append(Label(start, len(cleaned), mark["kind"]))
        at = mark.end()
    pieces.append(marked[at:])
    text = "".join(pieces)
    if clean(text) != cleaned + clean(pieces[-1]) or not {label.kind for label in labels} <= {*PLACEHOLDERS}:
        raise ValueError(f"wrong label in {marked!r}")
    return Labelled(text, labels, known)


def score(part: str) -> Score:
    total = Score(Counter(), Counter(), [], [], Counter(), Counter())
    for one in texts(part):
        text, spans = findings(one.text, one.known)
        found = {(*_trim(text, start, end), _sign(name)) for start, end, name in spans}
        wanted = {(*_trim(text, *label[:2]), PLACEHOLDERS[label.kind]): label for label in one.labels}
        total.found.update(sign for *_, sign in found)
        total.found_right.update(sign for *place, sign in found if (*place, sign) in wanted)
        total.wrong += [f"{text[s:e]!r} as {sign} in {text!r}" for s, e, sign in found - {*wanted}]
        for place, label in wanted.items():
            total.labelled[label.kind] += 1
            total.right[label.kind] += place in found
            hidden = {at for start, end, _ in spans for at in range(start, end)}
            if any(text[at].isalnum() and at not in hidden for at in range(place[0], place[1])):
                total.leaked.append(f"{label.kind} {text[place[0] : place[1]]!r} in {text!r}")
    return total


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    edges = [match.end() - match.start() for match in _EDGE.finditer(text[start:end])]
    return start + edges[0], end - edges[-1] if len(edges) > 1 else end


def _sign(replacement: str) -> str:
    return next((sign for sign in ("id_", "⟦C") if replacement.startswith(sign)), replacement)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
