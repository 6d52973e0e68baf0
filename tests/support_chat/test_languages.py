"""The language of a message, over a labelled set whose held-out third was written before any marker."""

from collections import Counter
from pathlib import Path

import pytest

from support_chat import languages
from tests.faults.report import Record, cell

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def right(code: str, split: str | None = None) -> tuple[int, int]:
    """How many sentences of a language are told, of how many."""
    told = [languages.detect(text).language == code for c, s, text in ROWS if c == code and s in (split or s)]
    return sum(told), len(told)


def test_the_set_is_large_enough() -> None:
    counts = Counter(code for code, _, _ in ROWS)
    assert sum(counts.values()) >= 100
    assert all(counts[code] >= 25 for code in ("en", "fr", "ha"))
    assert {code for code, _, _ in ROWS} == set(languages.NAMES)
    held = Counter(code for code, split, _ in ROWS if split == "held")
    assert all(3 * held[code] >= counts[code] - 2 for code in counts)


@pytest.mark.parametrize("split", [None, "held"])
@pytest.mark.parametrize("code", ["en", "fr", "ha"])
def test_english_french_and_hausa_are_told_apart(code: str, split: str | None) -> None:
    found, of = right(code, split)
    assert found >= 0.95 * of


def test_the_rates_are_printed(record_property: Record) -> None:
    for code, name in languages.NAMES.items():
        for column, (found, of) in {"all": right(code), "held out": right(code, "held")}.items():
            cell(record_property, "language of a message", name, column, f"{found}/{of}")
    assert sum(right(code)[0] for code in languages.NAMES) >= 0.9 * len(ROWS)


def test_the_writer_is_right() -> None:
    text = "Comment acheter des crédits ?"
    assert languages.detect(text) == languages.Detection("fr", 1.0)
    assert languages.detect(text, chosen="ee") == languages.Detection("ee", 1.0)
    assert languages.detect(text, chosen="xx").language == "fr"


@pytest.mark.parametrize("text", ["", "100", "MoMo?", "👍👍", "SK-2026-000012", "\x00\u202e"])
def test_what_says_nothing_leaves_the_conversation_as_it_was(text: str) -> None:
    assert languages.detect(text, before="ha") == languages.Detection("ha", 0.0)
    assert languages.detect(text) == languages.Detection("en", 0.0)


def test_accents_are_not_needed() -> None:
    assert languages.detect("ou est mon recu s il vous plait").language == "fr"
    assert languages.detect("an cire kudi amma ban samu ba").language == "ha"
    assert languages.detect("mepa wo kyew boa me").language == "tw"


def test_a_long_message_costs_no_more_than_its_beginning() -> None:
    assert languages.detect("Where is my money? " * 50_000) == languages.detect("Where is my money? " * 200)
