"""One way to play a script, and what came of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from tests.books import audit
from tests.sandboxes import PaystackSandbox

from . import books, script
from .script import Script
from .town import Town

_WRITTEN = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"


@dataclass
class Life:
    """`balances`: every account at each checkpoint. `told`: what became of each deed."""

    balances: dict[int, list[Any]] = field(default_factory=dict)
    told: list[tuple[int, str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rows: books.Books = field(default_factory=dict)
    money: dict[str, Any] = field(default_factory=dict)
    audits: int = 0


def play(
    plan: Script,
    *,
    days: list[int],
    checkpoints: set[int],
    sandbox: PaystackSandbox,
    tell: Callable[[int], None] = lambda day: None,
) -> Life:
    """The whole script, with a scheduler on these `days`. Audits the books after each day that wrote any."""
    life, town, written = Life(), Town(plan, sandbox), None

    def after(day: int) -> None:
        nonlocal written
        before, written = written, _rows_written()
        if written is None or written != before:
            audit()
            life.audits += 1
        if day in checkpoints:
            life.balances[day] = books.balances()
        tell(day)

    town.live(days, after)
    town.tick(script.moment(plan.days + 1))
    audit()
    life.told, life.counts = town.told, town.counts
    life.rows, life.money = books.read(), books.money()
    return life


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is undone at the end, as after a test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # durable blocks inside are as good as outermost
    with block:
        yield
        transaction.set_rollback(True)


def compare(daily: Life, seldom: Life) -> None:
    """Each deed came to the same, and the books agree at every checkpoint and in the end."""
    days = [day for day, rows in seldom.balances.items() if daily.balances[day] != rows]
    deeds = [pair for pair in zip(daily.told, seldom.told, strict=True) if pair[0] != pair[1]]
    if days or deeds:
        rows = (daily.balances[days[0]], seldom.balances[days[0]]) if days else ((), ())
        only = set(rows[0]) ^ set(rows[1])
        raise AssertionError(f"first on day {days[:1]}: {sorted(only, key=str)}; first deeds: {deeds[:3]}")
    found = books.difference(daily.rows, seldom.rows)
    assert not found, found


def _rows_written() -> int | None:
    """By this transaction so far; None where each statement is one of its own."""
    if not connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return int(cursor.fetchone()[0])
