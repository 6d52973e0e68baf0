"""What of a model's words may be seen: checked against what it was told, with nothing active in it."""

import re
from typing import Any

from ai_features.features import figures
from ai_features.services import asking

_TELLING = 8  # words in a row that are no coincidence
_COUNTING_WORDS = frozenset(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])


def plain(sentence: str) -> str:
    """Without links, images and HTML; the blanks at both ends stay."""
    body = sentence.strip()
    if not body:
        return sentence
    start = sentence.index(body)
    # Nothing is left that could become a tag with what follows.
    cleaned = asking.plain(body).replace("<", "\u2039").replace(">", "\u203a")
    return sentence[:start] + cleaned + sentence[start + len(body) :] if cleaned else ""


def is_invented(value: Any, given: Any) -> bool:
    """Whether a figure or a customer's token is in its texts that was not given. "Two ways" is no figure."""
    texts = [figures.without_list_mark(text) for text in _texts(value)]
    numbers = [one for one in figures.invented_numbers(texts, given) if one not in _COUNTING_WORDS]
    return bool(numbers or figures.invented_tokens(texts, given))


def tells_orders(text: str, orders: str) -> bool:
    """Whether a text repeats our orders to the model, by so many of their words in a row."""
    return not _rows_of_words(text).isdisjoint(_rows_of_words(orders))


def _rows_of_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _TELLING]) for at in range(len(words) - _TELLING + 1)}


def _texts(value: Any) -> list[str]:
    inner = list(value.values()) if isinstance(value, dict) else [value]
    return [text for text in inner if isinstance(text, str)]
