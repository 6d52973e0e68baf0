"""What a question says, word by word, in one spelling. Linear in the text."""

import functools
import re
from dataclasses import dataclass

from ai_features.privacy.normalise import plain_words
from ai_features.routing import words

_LETTERS = str.maketrans("ɛɔŋ\u2019", "eon'")
_CONTRACTIONS = (
    (re.compile(r"\b(can)'?t\b"), r"\1 not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'(?:s|re)\b"), " is"),
    (re.compile(r"'(?:ve|d|ll)\b"), " "),
    (re.compile(r"\b([dljmnst]|qu)'(?=\w)"), r"\1 "),
)
_CLAUSE = re.compile(r"[.!?;:,\n]+|\bbut\b|\bmais\b")
_TOKEN = re.compile(r"[a-z0-9]+")
_ADD_ON = re.compile(r"\badd[ -]?on\b")
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in words.CONCEPT_OF)
_SHORTEST_MISSPELT = 5


@dataclass(frozen=True)
class Word:
    """A word or phrase. Filler has `concepts` of its own only where a phrase gives them."""

    text: str
    concepts: frozenset[str]
    is_filler: bool
    is_open: bool
    length: int  # in tokens


@dataclass(frozen=True)
class Clause:
    words: tuple[Word, ...]
    corrected: int  # words that were misspelt

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def concepts(self) -> frozenset[str]:
        return frozenset[str]().union(*(word.concepts for word in self.words))

    @property
    def open_words(self) -> list[str]:
        """What asks for judgement or writing, in our own spelling of it."""
        padded = f" {self.text} "
        phrases = [phrase for phrase in words.OPEN_PHRASES if f" {phrase} " in padded]
        return [*phrases, *(word.text for word in self.words if word.is_open)]

    @property
    def length(self) -> int:
        return sum(word.length for word in self.words)

    @property
    def is_set_aside(self) -> bool:
        return self.text.startswith(words.SET_ASIDE)


def clauses(text: str) -> list[Clause]:
    """The parts of a question between its stops; none for a text without words."""
    plain = plain_words(text).translate(_LETTERS)
    for pattern, replacement in _CONTRACTIONS:
        plain = pattern.sub(replacement, plain)
    plain = _ADD_ON.sub("addon", plain)
    found = (read(_TOKEN.findall(part)) for part in _CLAUSE.split(plain))
    return [clause for clause in found if clause.words]


def joined(parts: list[Clause]) -> Clause:
    return Clause(
        words=tuple(word for part in parts for word in part.words),
        corrected=sum(part.corrected for part in parts),
    )


def read(tokens: list[str]) -> Clause:
    spelt: list[str] = []
    corrected = 0
    for token in tokens:
        known = words.SHORT_FORMS.get(token, token)
        if known == token and not _is_known(token):
            known = _corrections().get(token) or _nearest(token)
            corrected += known != token
        spelt += known.split()
    return Clause(tuple(_phrases(spelt)), corrected)


def _phrases(tokens: list[str]) -> list[Word]:
    found: list[Word] = []
    at = 0
    while at < len(tokens):
        for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            phrase = " ".join(tokens[at : at + length])
            concepts = words.CONCEPT_OF.get(phrase)
            if concepts is not None or length == 1:
                break
        found.append(_word(phrase, _meaning(phrase, concepts or frozenset()), length))
        at += length
    return found


def _meaning(phrase: str, concepts: frozenset[str]) -> frozenset[str]:
    """A phrase also means what its words mean, except that "credit assessment" says nothing of credits."""
    if phrase in words.FEATURE_OF:
        return concepts
    return concepts.union(*(words.CONCEPT_OF.get(token, frozenset()) for token in phrase.split()))


def _word(text: str, concepts: frozenset[str], length: int) -> Word:
    if text.isdecimal():
        return Word(text, concepts | {"NUMBER"}, True, False, length)
    return Word(text, concepts, text in words.FILLER, text in words.OPEN, length)


def _is_known(token: str) -> bool:
    return token in _vocabulary() or token.isdecimal() or len(token) < _SHORTEST_MISSPELT


@functools.cache
def _vocabulary() -> frozenset[str]:
    of_phrases = {part for phrase in words.CONCEPT_OF for part in phrase.split()}
    of_open = {part for phrase in words.OPEN_PHRASES for part in phrase.split()}
    return frozenset(of_phrases | of_open | words.FILLER | words.OPEN)


@functools.cache
def _corrections() -> dict[str, str]:
    """Every known long word with one letter left out → the word."""
    return {
        word[:place] + word[place + 1 :]: word
        for word in sorted(_vocabulary(), reverse=True)
        if len(word) >= _SHORTEST_MISSPELT + 1
        for place in range(len(word))
    }


def _nearest(token: str) -> str:
    """A known word that differs by one letter too many, another letter, or two letters swapped."""
    for place in range(len(token)):
        shorter = token[:place] + token[place + 1 :]
        if len(shorter) >= _SHORTEST_MISSPELT and shorter in _vocabulary():
            return shorter
        meant = _corrections().get(shorter)
        if meant is not None and len(meant) == len(token) and _differ_little(meant, token):
            return meant
    return token


def _differ_little(one: str, other: str) -> bool:
    """The same but for one letter, or two neighbours swapped."""
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 1:
        return True
    return len(places) == 2 and places[1] == places[0] + 1 and sorted(one) == sorted(other)
