"""The words of a question or an article as they are searched: plain, without filler, one name for a thing.

Accents and hooks are taken off here and not by PostgreSQL's `unaccent`, so that it does not matter which
locale a server was made with. Word endings are PostgreSQL's (its English stemmer).
"""

import hashlib
import re
import tomllib
import unicodedata
from pathlib import Path

_FILE = Path(__file__).parent / "knowledge" / "synonyms.toml"
_PLAIN = str.maketrans("ɛɔŋɖƒɣʋɗƙɓƴœæ\u2019", "eondfgvdkbyoa'")
_WORD = re.compile(r"[a-z0-9]+")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'(?=[a-z])")
_POSSESSIVE = re.compile(r"'s\b|s'(?!\w)")
_NEGATED = re.compile(r"n't\b")
_LONGEST = 2_000  # of a question in letters
_MOST_LETTERS = 50  # of a word; PostgreSQL compares the spelling of no more than 255
_SPELLED = 5  # letters from which on one may be wrong


def plain(text: str) -> str:
    """Lower case, without accents and hooks."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The words that count, in their order; linear in the text.

    Synonyms become the one word that `synonyms.toml` has for them, filler goes, numbers go (but for the
    codes of answers, such as 429).
    """
    return _named(_split(text))


def _named(found: list[str]) -> list[str]:
    result: list[str] = []
    at = 0
    while at < len(found):
        size, name = _synonym(found, at)
        if name:
            result += name
        elif _counts(found[at]):
            result.append(found[at])
        at += size
    return result


def of_question(text: str) -> list[str]:
    """The same of a question, however long; a word that is one slip away from a synonym is read as that."""
    return _named(list(map(_spelled, _split(text[:_LONGEST]))))


def _split(text: str) -> list[str]:
    return _WORD.findall(_POSSESSIVE.sub("", _ELIDED.sub("", _NEGATED.sub("", plain(text)))))


def _synonym(found: list[str], at: int) -> tuple[int, list[str]]:
    for size in range(min(_MOST_WORDS, len(found) - at), 0, -1):
        name = _NAMES.get(" ".join(found[at : at + size]))
        if name is not None:
            return size, name
    return 1, []


def _spelled(word: str) -> str:
    """The synonym that is one slip away, if they all mean the same."""
    if len(word) < _SPELLED or word in _SINGLE or word in _FILLER:
        return word
    near = {one for part in _shorter(word) for one in _NEAR.get(part, ()) if one_slip(word, one)}
    names = {" ".join(_NAMES.get(one, [one])) for one in near}
    return near.pop() if len(names) == 1 else word


def one_slip(one: str, other: str) -> bool:
    """One letter more, fewer or other, or two that changed places; never the first, nor in a short word."""
    if one[0] != other[0] or min(len(one), len(other)) < _SPELLED or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[:at] + short[at : at + 2][::-1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long


def _shorter(word: str) -> set[str]:
    """The word, and each that is left of it without one letter (Garbe's symmetric delete spelling)."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(1, len(word)))}


def _counts(word: str) -> bool:
    if word.isdigit():
        return len(word) == 3
    return 1 < len(word) <= _MOST_LETTERS and word not in _FILLER


_content = _FILE.read_bytes()
_tables = tomllib.loads(_content.decode())
_FILLER = {plain(word) for words_ in _tables["filler"].values() for word in words_.split()}
_NAMES: dict[str, list[str]] = {
    " ".join(_split(written)): name.split() for name, many in _tables["synonyms"].items() for written in many
}
_SINGLE = {word for many in (*map(str.split, _NAMES), *_NAMES.values()) for word in many} - _FILLER
_NEAR: dict[str, list[str]] = {}
for _word in sorted(_SINGLE):
    for _part in _shorter(_word) if len(_word) >= _SPELLED else ():
        _NEAR.setdefault(_part, []).append(_word)
_MOST_WORDS = max(written.count(" ") + 1 for written in _NAMES)
# Changes whenever the same text may give other words: what was indexed before is then indexed again.
VERSION = hashlib.sha256(_content + Path(__file__).read_bytes()).hexdigest()
