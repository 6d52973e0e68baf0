"""CSV as a spreadsheet reads it."""

import csv
import io

import pytest

from config.core import csv_text


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+233 55", "'+233 55"),
        ("-cheap", "'-cheap"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("a\x00b", "ab"),
        ("Ama's = best", "Ama's = best"),
        ("", ""),
    ],
)
def test_no_words_are_a_formula(words: str, cell: str) -> None:
    assert csv_text.text(words) == cell


def test_what_is_written_is_read_back() -> None:
    rows = [["what", "credits"], ['Shea, "raw"\nbutter ɔ', "-0.10"]]
    lines = list(csv_text.written(rows))
    assert lines[0] == "\ufeffwhat,credits\r\n"
    assert list(csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff"), newline=""))) == rows
