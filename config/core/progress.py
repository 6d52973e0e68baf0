"""A progress bar for commands, on a terminal only: in a log it would be noise."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
_WIDTH = 30


def bar(items: Iterable[Item], *, total: int, out: Any) -> Iterator[Item]:
    """Yields the items and redraws one line of `out` for each percent of them."""
    shown = -1
    for done, item in enumerate(items, start=1):
        yield item
        percent = 100 * min(done, total) // max(total, 1)
        if out.isatty() and percent != shown:
            shown = percent
            filled = "#" * (_WIDTH * percent // 100)
            out.write(f"\r[{filled:<{_WIDTH}}] {percent:3} % {done:,} of {total:,}", ending="")
            out.flush()
    if shown >= 0:
        out.write("")
