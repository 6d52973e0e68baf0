"""Puts a catalogue file in force: a new value is a new dated row, nothing that was in force is edited."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from config.core.dated import Change, Row, Table, Values, compare, plain, read_moment, read_row, write
from config.core.models import CatalogueSource

from .tables import TABLES, problems_between

FOLDER = Path(__file__).parent
_LOCK = 0x51CA_CA7A  # any number that nothing else locks
_SOURCE = "catalogue"

Content = dict[str, dict[str, Values]]  # {section: {key: {field: value}}}


class CatalogueError(Exception):
    """The file can't be used. `problems` names each place and what is wrong there."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{path.name}: {problem}" for problem in problems))


def sync(*, path: Path, now: datetime, dry_run: bool = False, overwrite: bool = False) -> list[Change]:
    """Makes the database say what the file says; returns what changed, or would. Twice changes nothing.

    What was changed in the admin stays until the same entry changes in the file, or until `overwrite` puts
    the whole file in force. All or nothing; two at once run one after the other, by an advisory lock. A dry
    run neither writes nor locks. Raises CatalogueError before anything is written.
    """
    sections, first_start = read(path)
    if dry_run:
        return _compare(sections, first_start, overwrite, now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        changes = _compare(sections, first_start, overwrite, now)
        for table in TABLES:
            write(table, [change for change in changes if change.section == table.section])
        content = {
            name: {key: plain(row.values) for key, row in rows.items()} for name, rows in sections.items()
        }
        CatalogueSource.objects.update_or_create(name=_SOURCE, defaults={"content": content})
    return changes


def _compare(
    sections: dict[str, dict[str, Row]], first_start: datetime, overwrite: bool, now: datetime
) -> list[Change]:
    before = _everything_known() if overwrite else _last_content()
    return [
        change
        for table in TABLES
        for change in compare(
            table,
            sections[table.section],
            before=before.get(table.section, {}),
            first_start=first_start,
            now=now,
        )
    ]


def _last_content() -> Content:
    source = CatalogueSource.objects.filter(name=_SOURCE).first()
    return {} if source is None else source.content


def _everything_known() -> Content:
    """As if the file had said something else about every key there is."""
    return {
        table.section: {
            key: {} for key in table.model._default_manager.values_list(table.model.key_field, flat=True)
        }
        for table in TABLES
    }


def read(path: Path) -> tuple[dict[str, dict[str, Row]], datetime]:
    """The file's rows by section, and the day the first ones start. Raises CatalogueError."""
    content = _load(path)
    parent = content.pop("extends", None)
    if parent is not None:
        base = _load(path.parent / str(parent))
        if "extends" in base:
            raise CatalogueError(
                path, [f"extends {parent}, which extends another file; only one step is allowed"]
            )
        content = {**base, **content}
    problems: list[str] = []
    try:
        first_start = read_moment(content.pop("effective_from", None))
    except ValueError as error:
        first_start = datetime(1970, 1, 1, tzinfo=UTC)
        problems.append(f"effective_from {error}")
    by_section = {table.section: table for table in TABLES}
    problems += [f"[{name}] is not a section" for name in content if name not in by_section]
    sections = {name: _rows(table, content.get(name), problems) for name, table in by_section.items()}
    if not problems:
        problems += problems_between(
            {name: {key: row.values for key, row in rows.items()} for name, rows in sections.items()}
        )
    if problems:
        raise CatalogueError(path, problems)
    return sections, first_start


def _rows(table: Table, raw: Any, problems: list[str]) -> dict[str, Row]:
    if not isinstance(raw, dict) or not raw:
        problems.append(f"[{table.section}] is missing or empty")
        return {}
    rows = {}
    for key, fields in raw.items():
        row, wrong = read_row(table, key, fields)
        problems += [f"[{table.section}.{key}] {problem}" for problem in wrong]
        if row is not None:
            rows[key] = row
    return rows


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise CatalogueError(path, [f"can't be read: {error.strerror}"]) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise CatalogueError(path, [f"is not valid TOML: {error}"]) from None
