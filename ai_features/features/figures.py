"""Keeps a text honest: every number and every brand in it must be in the facts it was written from."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ai_features.privacy.normalise import clean
from ai_features.privacy.sanitise import TOKEN

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_LIST_MARK = re.compile(r"(?m)^\s*\(?\d{1,2}[.)](?=\s)")
_NUMBER_WORDS = {word: Decimal(value) for value, word in enumerate(_WORDS, 2)} | {
    **{"thirty": Decimal(30), "forty": Decimal(40), "fifty": Decimal(50), "sixty": Decimal(60)},
    **{"seventy": Decimal(70), "eighty": Decimal(80), "ninety": Decimal(90), "hundred": Decimal(100)},
    **{"thousand": Decimal(1000), "million": Decimal(1_000_000), "dozen": Decimal(12)},
}
_LOOSE_TOKEN = re.compile(r"[\[({<\u27e6]\s?C\d{2,6}\s?[\])}>\u27e7]?")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
# A word written large in the middle of a sentence is a name. These are names everybody may use.
_COMMON = """
i i'm i'll i'd i've ok diy seo gh ghs english
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
christmas easter eid ramadan valentine valentine's mother's father's new year
"""
_COMMON_NAMES = frozenset(_COMMON.split())
# Names a model likes to add, found in any spelling, also in titles where every word is written large.
_BRAND_LIST = """
samsung apple iphone nokia tecno infinix itel huawei xiaomi sony lg hisense nasco panasonic philips bosch
binatone dell lenovo acer asus canon epson nike adidas puma gucci zara rolex casio nestle nestlé milo nido
cerelac maggi unilever lipton omo sunlight lux dettol geisha pepsodent colgate nivea dove vaseline johnson's
loreal l'oréal pantene coca-cola pepsi fanta sprite malta guinness heineken toyota honda hyundai kia
woodin gtp vlisco kantanka fanmilk
"""
_BRANDS = frozenset(_BRAND_LIST.split())
_SENTENCE_END = '.!?:;\n"([-\u2022\u2013\u2014\u201c\u201d'


def numbers_in(data: Any) -> set[Decimal]:
    """Every number in a tree of facts or in a text, written in digits or in words."""
    return {number for text in _texts(data) for number in _numbers(text)}


def invented_numbers(result: Any, facts: Any) -> list[str]:
    """Numbers of the result that the facts don't contain, as written there."""
    known = numbers_in(facts)
    found = [
        written for text in _texts(result) for written, value in _written_numbers(text) if value not in known
    ]
    return list(dict.fromkeys(found))


def without_list_mark(text: str) -> str:
    """The text without the number that a list gives its item, which is no figure."""
    return _LIST_MARK.sub("", text)


def invented_names(prose: Any, titles: Any, facts: Any) -> list[str]:
    """Names in prose (written large inside a sentence) and well-known brands anywhere that the facts lack."""
    known = {word.casefold() for text in _texts(facts) for word in _words(text)}
    known |= {part for word in known for part in re.split(r"['\u2019-]", word)} | _COMMON_NAMES
    found = [word for text in _texts(prose) for word in _names(text) if not _is_known(word, known)]
    for text in (*_texts(prose), *_texts(titles)):
        found += [w for w in _words(text) if w.casefold() in _BRANDS and not _is_known(w, known)]
    return list(dict.fromkeys(found))


def invented_tokens(result: Any, facts: Any) -> list[str]:
    """Tokens of customers that the facts don't name, which would become somebody else, and misspelt ones."""
    known = {token for text in _raw_texts(facts) for token in TOKEN.findall(text)}
    found = [token for text in _raw_texts(result) for token in TOKEN.findall(text) if token not in known]
    found += [match for text in _raw_texts(result) for match in _LOOSE_TOKEN.findall(TOKEN.sub(" ", text))]
    return list(dict.fromkeys(found))


def _is_known(word: str, known: set[str]) -> bool:
    folded = word.casefold()
    return folded in known or re.sub(r"['\u2019]s$|s$", "", folded) in known


def _names(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        before = text[max(0, match.start() - 6) : match.start()].rstrip(" *_'")
        starts_sentence = not before or before[-1] in _SENTENCE_END
        if match.group()[0].isupper() and not starts_sentence:
            yield match.group()


def _words(text: str) -> list[str]:
    return [
        word
        for match in _WORD.finditer(text)
        for word in {match.group(), match.group().replace("\u2019", "'")}
    ]


def _texts(data: Any) -> Iterator[str]:
    """Without the tokens: theirs are no figures, and nobody's name."""
    for text in _raw_texts(data):
        yield clean(TOKEN.sub(" ", text))


def _raw_texts(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _raw_texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _raw_texts(value)
    elif data is not None:
        yield str(data)


def _numbers(text: str) -> Iterator[Decimal]:
    for written, value in _written_numbers(text):
        yield value
        # "1.500" is fifteen hundred to some and one and a half to others: as an input it may be either.
        whole, _, decimals = written.rpartition(".")
        if len(decimals) == 3 and whole.isdigit():
            yield Decimal(whole + decimals)


def _written_numbers(text: str) -> Iterator[tuple[str, Decimal]]:
    for match in _NUMBER.finditer(text):
        yield match.group(), _value(match.group())
    for match in _WORD.finditer(text):
        for part in match.group().casefold().split("-"):
            if part in _NUMBER_WORDS:
                yield part, _NUMBER_WORDS[part]


def _value(written: str) -> Decimal:
    """1,500.00 and 1500 are one number; a comma before one or two digits is a decimal comma."""
    whole, _, decimals = written.replace(",", ".").rpartition(".")
    if not whole:
        return Decimal(decimals)
    if len(decimals) == 3 and "." not in written.rpartition(",")[2]:  # 1,500
        return Decimal(whole.replace(".", "") + decimals)
    return Decimal(f"{whole.replace('.', '')}.{decimals}").normalize()
