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
    name: str
    rows: list[tuple[Any, ...]]


def violations(invariants: Iterable[Invariant]) -> list[Violation]:
    """The broken ones, each with its first rows. Reads only."""
    found = []
    with connection.cursor() as cursor:
        for invariant in invariants:
            cursor.execute(invariant.sql)
            rows = cursor.fetchmany(MAX_ROWS)
            if rows:
                found.append(Violation(invariant.name, rows))
    return found
