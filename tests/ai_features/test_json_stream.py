"""A text field is read from JSON that still arrives, however it is cut."""

import json

import pytest

from ai_features.json_stream import FieldReader
from ai_features.sentences import Sentences

TEXT = 'He said "no" \\ yes/maybe\n\ttab\u00e9 \U0001f600 {"answer": "x"} \u2028 end'
ANSWERS = [
    {"answer": TEXT},
    {"answer": "", "used": [1]},
    {
        "used": [1, {"answer": "not this"}],
        "more": {"answer": "nor this"},
        "answer": TEXT,
        "after": "nor this",
    },
    {"first": "answer", "answer": TEXT, "list": ["answer", ":", "x"]},
    {"no answer": TEXT},
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_the_field_is_read_whole(answer: dict, ascii: bool, indent: int | None, size: int) -> None:
    whole = "```json\n" + json.dumps(answer, ensure_ascii=ascii, indent=indent) + "\n```"
    reader = FieldReader("answer")
    read = "".join(reader.feed(whole[at : at + size]) for at in range(0, len(whole), size))
    assert read == answer.get("answer", "")
    assert reader.is_done == ("answer" in answer)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"answer": "half a', "half a"),
        ('{"answer": 5, "x": "y"}', ""),
        ('["answer", "x"]', ""),
        ('{"answer": "a\\ud83dz"}', "az"),
        ('{"answer": "a\\ude00z"}', "a\ufffdz"),
        ('{"answer": "a\\uzzzzb"}', "a\ufffdb"),
        ('{"answer": "first", "answer": "second"}', "first"),
        ("no JSON at all", ""),
    ],
)
def test_broken_json_gives_less_and_no_error(text: str, read: str) -> None:
    assert FieldReader("answer").feed(text) == read


SPLIT = [
    ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
    ("It costs 2.50 cedis. Fine", ["It costs 2.50 cedis. ", "Fine"]),
    ("Do this:\n1. Open it. 2. Tap.\n- Done", ["Do this:\n", "1. Open it. ", "2. Tap.\n", "- Done"]),
    ('He said "no." Then left.', ['He said "no." ', "Then left."]),
    ("x" * 1300, ["x" * 600, "x" * 600, "x" * 100]),
    ("", []),
]


@pytest.mark.parametrize(("text", "sentences"), SPLIT)
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_sentences(text: str, sentences: list[str], size: int) -> None:
    cutter, found = Sentences(), []
    for at in range(0, len(text), size):
        found += cutter.feed(text[at : at + size])
    assert found + cutter.rest() == sentences
