"""Truths about the books that a constraint can't say: queries that must return nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

MAX_ROWS = 20


@dataclass(frozen=True)
class Invariant:
    """`sql` returns the rows that break it."""

    name: str
    sql: str


@dataclass(frozen=True)
class Violation:
    """The first rows that break an invariant (at most MAX_ROWS), and what their columns are called."""

    name: str
    columns: list[str]
    rows: list[tuple[Any, ...]]

    def named_rows(self) -> list[str]:
        """Each row as `column=value, …`."""
        return [
            ", ".join(f"{name}={value}" for name, value in zip(self.columns, row, strict=True))
            for row in self.rows
        ]


def violations(invariants: Iterable[Invariant]) -> list[Violation]:
    """The broken ones, each with its first rows. Reads only."""
    found = []
    with connection.cursor() as cursor:
        for invariant in invariants:
            cursor.execute(invariant.sql)
            rows = cursor.fetchmany(MAX_ROWS)
            if rows:
                columns = [column.name for column in cursor.description]
                found.append(Violation(invariant.name, columns, rows))
    return found
