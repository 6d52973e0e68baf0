"""Puts a catalogue file in force: a new value is a new dated row, nothing that was in force is edited."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from config.core.dated import Change, Row, Table, compare, plain, read_moment, read_row, write
from config.core.models import CatalogueSource, forget_dated

from .tables import TABLES, problems_between

FOLDER = Path(__file__).parent
_LOCK = 0x51CA_CA7A  # any number that nothing else locks


class CatalogueError(Exception):
    """The file can't be used. `problems` names each place and what is wrong there."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{path.name}: {problem}" for problem in problems))


def sync(*, path: Path, now: datetime, dry_run: bool = False) -> list[Change]:
    """Makes the database say what the file says; returns what changed, or would. Twice changes nothing.

    What was changed in the admin stays until the same entry changes in the file. All or nothing; two at once
    run one after the other. Raises CatalogueError before anything is written.
    """
    sections, first_start = read(path)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        source, _ = CatalogueSource.objects.get_or_create(name="catalogue")
        changes = []
        for table in TABLES:
            rows = sections[table.section]
            before = source.content.get(table.section, {})
            found = compare(table, rows, before=before, first_start=first_start, now=now)
            changes += found
            if not dry_run:
                write(table, found, now=now)
        if not dry_run:
            source.content = {
                name: {key: plain(row.values) for key, row in rows.items()} for name, rows in sections.items()
            }
            source.save()
    forget_dated()
    return changes


def read(path: Path) -> tuple[dict[str, dict[str, Row]], datetime]:
    """The file's rows by section, and the day the first ones start. Raises CatalogueError."""
    content = _load(path)
    problems: list[str] = []
    try:
        first_start = read_moment(content.pop("effective_from", None))
    except ValueError as error:
        first_start = datetime(1970, 1, 1, tzinfo=UTC)
        problems.append(f"effective_from {error}")
    by_section = {table.section: table for table in TABLES}
    problems += [f"[{name}] is not a section" for name in content if name not in by_section]
    problems += [f"[{name}] is missing" for name in by_section if name not in content]
    sections = {name: _rows(table, content.get(name, {}), problems) for name, table in by_section.items()}
    if not problems:
        problems += problems_between(sections)
    if problems:
        raise CatalogueError(path, problems)
    return sections, first_start


def _rows(table: Table, raw: Any, problems: list[str]) -> dict[str, Row]:
    rows = {}
    for key, fields in raw.items():
        row, wrong = read_row(table, key, fields)
        problems += [f"[{table.section}.{key}] {problem}" for problem in wrong]
        if row is not None:
            rows[key] = row
    return rows


def _load(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(), parse_float=Decimal)
    except OSError as error:
        raise CatalogueError(path, [f"can't be read: {error.strerror}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(path, [f"is not valid TOML: {error}"]) from None
    base = content.pop("extends", None)
    return content if base is None else {**_load(path.parent / base), **content}
