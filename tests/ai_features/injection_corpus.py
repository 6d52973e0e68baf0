"""Labelled texts: orders to a model, and what shops in Ghana write. All are written by hand.

A quarter of each is `held`: written with the rest, before the rules were tuned, and no rule was changed to
make one of these come out right.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Labelled(NamedTuple):
    part: str
    group: str
    text: str


def read(name: str) -> list[Labelled]:
    """`hostile` or `benign`."""
    lines = (HERE / f"injection_{name}.jsonl").read_text().splitlines()
    return [Labelled(**json.loads(line)) for line in lines]


def parts(rows: list[Labelled]) -> Iterator[tuple[str, list[Labelled]]]:
    for part in ("built", "held"):
        yield part, [row for row in rows if row.part == part]
