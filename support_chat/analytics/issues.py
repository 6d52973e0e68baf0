"""What people ask most, and what the chat has no answer to: questions of many, grouped, nobody's own words.

A label is a question as somebody wrote it, so personal data has to go: first what the sanitiser knows
(telephone numbers, cards, e-mail addresses, …), then each word that only one conversation has and that is
not of this product, such as a customer's name. These don't count in the grouping either. What only one
conversation asks is not told at all.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ai_features.privacy.sanitise import sanitise
from support_chat import words

from .clusters import Words, clusters

MOST_QUESTIONS = 2_000  # that are grouped, the newest of the period
LONGEST = 300  # of a question in letters, of which the words are taken
TOP = 10
_LABEL = 160
_HIDDEN = "…"
# What the sanitiser leaves in its place.
_TAKEN_OUT = re.compile(r"\[(?:API_KEY|CARD|EMAIL|ID|PHONE|REDACTED|SSN)\]|\bid_[0-9a-f]{12}\b")
_PART = re.compile(rf"{_TAKEN_OUT.pattern}|\w+")
_HIDDEN_IN_A_ROW = re.compile(rf"{_HIDDEN}(?:[\s{_HIDDEN}.,'\u2019-]*{_HIDDEN})+")


@dataclass(frozen=True, kw_only=True)
class Question:
    """`source`: of the reply, empty when there is none."""

    conversation_id: UUID
    text: str
    source: str


def issues(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The groups of most conversations first: a label, how many questions in how many, and what they got."""
    clean = [sanitise(one.text)[0] for one in questions]
    asked_words = [frozenset(words.of_question(_TAKEN_OUT.sub(" ", text))) for text in clean]
    spoken = _spoken(questions, clean, asked_words)
    counted = [frozenset(word for word in one if _is_shared(word, spoken)) for one in asked_words]
    found: list[dict[str, Any]] = []
    for cluster in clusters(counted):
        asked = [questions[place] for place in cluster.members]
        conversations = len({one.conversation_id for one in asked})
        if conversations > 1:
            sources = Counter(one.source for one in asked)
            found.append(
                {
                    "question": _label(
                        [clean[place] for place in cluster.members if counted[place] == cluster.typical],
                        spoken,
                    ),
                    "questions": len(asked),
                    "conversations": conversations,
                    "declined": sources["none"],
                    "from_search": sources["search"],
                }
            )
    found.sort(key=lambda row: (-row["conversations"], -row["questions"], row["question"]))
    return found[:TOP]


def _spoken(
    questions: Sequence[Question], clean: Sequence[str], asked_words: Sequence[Words]
) -> Counter[str]:
    """In how many conversations each word is: as it is written, and by its name among synonyms."""
    by_conversation: dict[UUID, set[str]] = {}
    for one, text, names in zip(questions, clean, asked_words, strict=True):
        said = by_conversation.setdefault(one.conversation_id, set())
        said.update(_PART.findall(words.plain(text)), names)
    return Counter(word for said in by_conversation.values() for word in said)


def _label(typical: list[str], spoken: Counter[str]) -> str:
    """The shortest of equally typical questions, without what could tell of whom it is."""
    text = min(typical, key=lambda text: (len(text), text))

    def shown(match: re.Match[str]) -> str:
        word = match.group()
        plain = words.plain(word)
        is_shared = any(_is_shared(name, spoken) for name in (plain, *words.words(plain)))
        return word if word.startswith("[") or is_shared or _is_filler(plain) else _HIDDEN

    label = _HIDDEN_IN_A_ROW.sub(_HIDDEN, _PART.sub(shown, " ".join(text.split())))
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + _HIDDEN


def _is_shared(word: str, spoken: Counter[str]) -> bool:
    """Of this product, or of more than one conversation. Others, such as names, tell questions apart that
    are the same."""
    return spoken[word] > 1 or words.is_ours(word)


def _is_filler(plain: str) -> bool:
    """A word of the language, such as "how": nobody's name."""
    return plain.isascii() and plain.isalpha() and not words.words(plain)
