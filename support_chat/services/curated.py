"""Answers that are given as they are written: free, at once, and before a model is thought of.

A message has to be one of the triggers, word for word; a greeting or a please around it, and one wrong letter
in a long word, make no difference. Whatever says more than the trigger is a question of its own, left alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from support_chat import words
from support_chat.models import CannedAnswer

from . import figures

_LONGEST = 200  # characters: no trigger is longer than a sentence
_WORD = re.compile(r"[a-z0-9]+")
_AROUND = (
    "please pls plz abeg hello hi hey dear thanks thank bonjour bonsoir salut svp stp merci mepa wo kyew"
    " mesre sir madam good morning afternoon evening chale boss"
)
_POLITE = frozenset(_AROUND.split())


@dataclass(frozen=True, kw_only=True)
class CuratedAnswer:
    """`article` is the slug of the article that says more, or empty."""

    slug: str
    text: str
    language: str
    article: str


def answer(*, question: str, language: str, now: datetime) -> CuratedAnswer | None:
    """The answer whose trigger the question is, in English, French or Twi. One query, at most."""
    if len(question) > _LONGEST:
        return None
    asked = _words(question)
    if not asked:
        return None
    best: tuple[int, CannedAnswer] | None = None
    for row in CannedAnswer.objects.filter(is_active=True):
        distances = (_distance(asked, line) for line in row.triggers.splitlines())
        wrong = min((one for one in distances if one is not None), default=None)
        if wrong is not None and (best is None or wrong < best[0]):
            best = wrong, row
    return None if best is None else _curated(best[1], language, now)


def _curated(row: CannedAnswer, language: str, now: datetime) -> CuratedAnswer | None:
    texts = {"en": row.text_en, "fr": row.text_fr, "tw": row.text_tw}
    shown = language if texts.get(language) else "en"
    try:
        text = figures.fill(texts[shown], known=figures.figures(now=now))
    except figures.UnknownFigure:
        return None
    return CuratedAnswer(slug=row.slug, text=text, language=shown, article=row.article)


def _distance(asked: list[str], trigger: str) -> int | None:
    """How many words are misspelt, or None when the question is not this trigger."""
    wanted = _words(trigger)
    if asked == wanted:
        return 0
    bare = _without_politeness(asked)
    wanted = _without_politeness(wanted)
    if not wanted or len(bare) != len(wanted):
        return None
    wrong = 0
    for one, other in zip(bare, wanted, strict=True):
        if one != other:
            if not words.one_slip(one, other):
                return None
            wrong += 1
    return 1 + wrong if 2 * wrong <= len(wanted) else None


def _without_politeness(found: list[str]) -> list[str]:
    start, end = 0, len(found)
    while start < end and found[start] in _POLITE:
        start += 1
    while end > start and found[end - 1] in _POLITE:
        end -= 1
    return found[start:end]


def _words(text: str) -> list[str]:
    return _WORD.findall(words.plain(text).replace("'", ""))
