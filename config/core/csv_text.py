"""CSV that a spreadsheet opens rightly, written line by line."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    def write(self, text: str) -> str:
        return text


def text(value: str) -> str:
    """Words as a cell that no spreadsheet takes for a formula: one that could be is led by an apostrophe.

    For words alone; a negative number is a number.
    """
    value = value.replace("\x00", "")
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def written(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The text of each row. The first carries the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    for number, row in enumerate(rows):
        line: str = writer.writerow(row)  # what `_Echo.write` returns
        yield f"\ufeff{line}" if number == 0 else line


def download(rows: Iterable[Sequence[Any]], *, filename: str) -> StreamingHttpResponse:
    """Sent as it is read. Never kept by a cache: several people sign in on the browser of one till."""
    return StreamingHttpResponse(
        written(rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "private, no-store",
        },
    )
