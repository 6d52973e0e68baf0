"""Rows of dated tables from outside (a file, a form): read strictly, compared with what is in force, written.

The rules of `DatedModel` hold: what was ever in force stays as it is, a change is a new row, and a withdrawal
is a new row that is not active. Only a row that has not started yet may be replaced or removed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import NOT_PROVIDED

from .models import DatedModel, changed_dated

Values = dict[str, Any]
_NOT_VALUES = {"id", "effective_from", "is_active"}


def _nothing(*_: Any) -> dict[str, Any]:
    return {}


def _no_problem(_: Values) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Table:
    """How one dated model is written down, and what a row of it must satisfy beyond its field types."""

    section: str
    model: type[DatedModel]
    may_be_zero: frozenset[str] = frozenset()
    from_key: Callable[[str], Values] = _nothing  # fields that follow from the key; raises ValueError
    problems: Callable[[Values], Iterable[str]] = _no_problem

    def fields(self) -> dict[str, "models.Field[Any, Any]"]:
        """The fields that carry a value: all but key, date and the mark of withdrawal."""
        skip = {*_NOT_VALUES, self.model.key_field}
        return {f.name: f for f in self.model._meta.concrete_fields if f.name not in skip}

    def defaults(self) -> Values:
        """What the fields that may be left out are then."""
        optional = {n: f for n, f in self.fields().items() if f.null or f.blank or f.has_default()}
        return {name: None if f.null else f.get_default() for name, f in optional.items()}

    def values(self, row: DatedModel) -> Values:
        return {name: getattr(row, name) for name in self.fields()}


@dataclass(frozen=True)
class Row:
    """A row as written down; `effective_from` only where the row says so itself."""

    values: Values
    effective_from: datetime | None = None


@dataclass(frozen=True)
class Change:
    """`fields` maps a name to (old, new); old is None for what is new, new is None for what goes."""

    section: str
    key: str
    kind: str  # added, changed or withdrawn
    effective_from: datetime
    fields: dict[str, tuple[Any, Any]]
    values: Values = field(repr=False)


def read_row(table: Table, key: str, raw: Any) -> tuple[Row | None, list[str]]:
    """The row `raw` describes, or None and every problem with it, each naming its field."""
    if not isinstance(raw, dict):
        return None, ["must be a table of fields"]
    try:
        values = _read_key(table, key)
    except ValueError as error:
        return None, [f"the key {error}"]
    given = dict(raw)
    start, problems = _read_start(given.pop("effective_from", None))
    fields = {name: f for name, f in table.fields().items() if name not in values}
    problems += [f"unknown field '{name}'" for name in given if name not in fields]
    for name, model_field in fields.items():
        try:
            values[name] = _read_value(model_field, given, name in table.may_be_zero)
        except ValueError as error:
            problems.append(f"{name} {error}")
    if not problems:
        problems += table.problems(values)
    return (None, problems) if problems else (Row(values, start), [])


def _read_key(table: Table, key: str) -> Values:
    """Checks the key; returns the fields that follow from it."""
    key_field = next(f for f in table.model._meta.concrete_fields if f.name == table.model.key_field)
    try:
        key_field.clean(key, None)
    except ValidationError as error:
        raise ValueError(f"is refused: {' '.join(error.messages)}") from None
    return table.from_key(key)


def read_moment(raw: Any) -> datetime:
    """A day (its first moment, UTC) or a date and time (UTC unless it names an offset). Raises ValueError."""
    if isinstance(raw, datetime):
        return raw if raw.tzinfo else raw.replace(tzinfo=UTC)
    if isinstance(raw, date):
        return datetime.combine(raw, time(), UTC)
    raise ValueError("must be a date, e.g. 2026-01-01")


def _read_start(raw: Any) -> tuple[datetime | None, list[str]]:
    try:
        return (None if raw is None else read_moment(raw)), []
    except ValueError as error:
        return None, [f"effective_from {error}"]


_EXPECTED: tuple[tuple[type, tuple[type, ...], str], ...] = (
    (models.BooleanField, (bool,), "true or false"),
    (models.DecimalField, (int, Decimal), "a number"),
    (models.IntegerField, (int,), "a whole number"),
    (models.DateField, (date,), "a date"),
    (models.CharField, (str,), "text"),
)


def _read_value(model_field: "models.Field[Any, Any]", given: Values, may_be_zero: bool) -> Any:
    if model_field.name not in given:
        if model_field.null:
            return None
        if model_field.default is NOT_PROVIDED and not model_field.blank:
            raise ValueError("is missing")
        return model_field.get_default()
    raw = given[model_field.name]
    if hasattr(model_field, "base_field"):
        if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
            raise ValueError("must be a list of texts")
    else:
        expected, name = next(
            (types, name) for kind, types, name in _EXPECTED if isinstance(model_field, kind)
        )
        if not isinstance(raw, expected) or (isinstance(raw, bool) and bool not in expected):
            raise ValueError(f"must be {name}")
    if isinstance(model_field, models.DecimalField | models.IntegerField):
        _check_sign(raw, may_be_zero)
    try:
        return model_field.clean(Decimal(raw) if isinstance(model_field, models.DecimalField) else raw, None)
    except ValidationError as error:
        raise ValueError(f"is refused: {' '.join(error.messages)}") from None


def _check_sign(number: Decimal | int, may_be_zero: bool) -> None:
    if isinstance(number, Decimal) and not number.is_finite():
        raise ValueError("must be a finite number")
    if number < 0:
        raise ValueError("must not be negative")
    if number == 0 and not may_be_zero:
        raise ValueError("must be more than zero")


def plain(values: Values) -> Values:
    """The same values in JSON types, for remembering; equal values give equal results."""
    return {
        name: value if isinstance(value, bool | int | str | list | None) else _as_text(value)
        for name, value in values.items()
    }


def _as_text(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def compare(
    table: Table, rows: dict[str, Row], *, before: dict[str, Values], first_start: datetime, now: datetime
) -> list[Change]:
    """What it takes to put `rows` in force. Reads, writes nothing.

    `before` is what the same source said last time (`plain`): an entry it says again is left as it is,
    whatever is in force; a key it no longer says is withdrawn. The first rows of an empty table start at
    `first_start`, everything later at `now` unless the row names a later time.
    """
    versions: dict[str, list[DatedModel]] = {}
    for version in table.model._default_manager.order_by("-effective_from", "-pk"):
        versions.setdefault(getattr(version, table.model.key_field), []).append(version)
    changes = []
    defaults = plain(table.defaults())
    for key, row in rows.items():
        # A field that is new to the table says nothing new where the file leaves it out.
        if {**defaults, **before.get(key, {})} != plain(row.values):
            known = versions.get(key, [])
            start = row.effective_from or (now if versions else first_start)
            change = _towards(table, key, row, known, max(start, now) if known else start)
            changes += [change] if change else []
    for key in before:
        current = next((v for v in versions.get(key, []) if v.effective_from <= now), None)
        scheduled = any(v.effective_from > now for v in versions.get(key, []))
        if key not in rows and (scheduled or (current is not None and current.is_active)):
            values = table.values(current or versions[key][0])
            gone = {name: (value, None) for name, value in values.items()}
            changes.append(Change(table.section, key, "withdrawn", now, gone, values))
    return changes


def _towards(table: Table, key: str, row: Row, known: list[DatedModel], start: datetime) -> Change | None:
    current = next((version for version in known if version.effective_from <= start), None)
    if current is None or not current.is_active:
        new = {name: (None, value) for name, value in row.values.items()}
        return Change(table.section, key, "added", start, new, row.values)
    old = table.values(current)
    fields = {name: (old[name], value) for name, value in row.values.items() if old[name] != value}
    return Change(table.section, key, "changed", start, fields, row.values) if fields else None


def write(table: Table, changes: list[Change]) -> None:
    """Writes what `compare` found. Belongs in the caller's transaction, under a lock of the caller's."""
    key_field = table.model.key_field
    for change in changes:
        # A row of the same moment, and after a withdrawal any later one, has never been in force.
        unborn = "effective_from__gte" if change.kind == "withdrawn" else "effective_from"
        table.model._default_manager.filter(**{key_field: change.key, unborn: change.effective_from}).delete()
    table.model._default_manager.bulk_create(
        table.model(
            **{key_field: change.key},
            **change.values,
            effective_from=change.effective_from,
            is_active=change.kind != "withdrawn",
        )
        for change in changes
    )
    changed_dated(table.model)
