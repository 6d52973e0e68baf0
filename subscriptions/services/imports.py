"""Existing POS users from a spreadsheet: accounts, memberships, and free licences of both kinds."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from accounts.services import users
from config.core.errors import DomainError

from . import licences

COLUMNS = ("email", "name", "phone", "business", "role")
REQUIRED = ("email", "business", "role")
_DELIMITERS = ",;\t"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class UnreadableFile(DomainError):
    code = "unreadable_file"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`number` as the spreadsheet shows it; the header is row 1."""

    number: int
    email: str
    name: str
    phone: str
    business: str
    role: str
    cells_too_many: bool = False


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of one row. `problem` says why nothing did and what to do; `note` what was left alone."""

    row: Row
    problem: str = ""
    note: str = ""
    is_new_user: bool = False
    is_new_member: bool = False


def read(content: bytes, *, encoding: str = "utf-8") -> list[Row]:
    """The rows of a CSV file, separated by comma, semicolon or tab as its first row is, but for empty ones.

    Raises UnreadableFile, which says what to do.
    """
    text = _decoded(content, encoding)
    header, _, _ = text.lstrip().partition("\n")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        cells = [[cell.strip() for cell in line] for line in reader]
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num}: {error}. Is a quotation mark not closed?") from None
    if not cells:
        raise UnreadableFile(f"The file is empty. Its first row must name the columns {', '.join(COLUMNS)}.")
    names = [name.lower() for name in cells[0]]
    _check_header(names)
    return [_row(number, names, line) for number, line in enumerate(cells[1:], 2) if any(line)]


def import_rows(*, rows: Iterable[Row], now: datetime, dry_run: bool = False) -> Iterator[Done]:
    """Brings each row in, in a transaction of its own, business by business, the owner of each first.

    A row that fails leaves nothing behind and keeps no other from being imported, but for those of a business
    whose owner failed. Twice changes nothing. A dry run does the same and undoes it, a business at a time.
    """
    by_business: dict[str, list[Row]] = {}
    for row in rows:
        by_business.setdefault(row.business, []).append(row)
    for members in by_business.values():
        if dry_run:
            with transaction.atomic():
                done = list(_import_business(members, now))
                transaction.set_rollback(True)
            yield from done
        else:
            yield from _import_business(members, now)


def _import_business(rows: list[Row], now: datetime) -> Iterator[Done]:
    owner_role = users.owner_role(now=now)
    owners = [row for row in rows if row.role == owner_role]
    business_id: UUID | None = None
    for row in [*owners, *(row for row in rows if row.role != owner_role)]:
        if row in owners[1:] and row.email.lower() != owners[0].email.lower():
            yield Done(row=row, problem=_second_owner(row, owners[0]))
        elif row not in owners and business_id is None and not _problem(row, now):
            yield Done(row=row, problem=_no_owner(row, owners))
        else:
            done, added = _import_row(row, business_id, now)
            if added is not None:
                business_id = added.business_id
            yield done


def _import_row(row: Row, business_id: UUID | None, now: datetime) -> tuple[Done, users.Added | None]:
    if problem := _problem(row, now):
        return Done(row=row, problem=problem), None
    person = {"email": row.email, "name": row.name, "phone": row.phone}
    try:
        with transaction.atomic():
            if business_id is None:
                added = users.add_owner(**person, business=row.business, now=now)
            else:
                added = users.add_member(**person, business_id=business_id, role=row.role, now=now)
            licences.record_free_of_each_kind(user_id=added.user_id, now=now)
    except DomainError as error:
        return Done(row=row, problem=error.detail), None
    except DatabaseError as error:
        words = str(error).partition("\n")[0]
        return Done(row=row, problem=f"the database refused it ({words}); import the file again"), None
    note = f"{row.email} is in {row.business!r} as {added.role} already, and stays so"
    return (
        Done(
            row=row,
            note=note if added.role != row.role else "",
            is_new_user=added.is_new_user,
            is_new_member=added.is_new_member,
        ),
        added,
    )


def _problem(row: Row, now: datetime) -> str:
    if row.cells_too_many:
        return "has more cells than columns; a text that contains the separator needs quotation marks"
    values = {name: getattr(row, name) for name in COLUMNS}
    return "; ".join(f"{field} {why}" for field, why in users.problems(**values, now=now).items())


def _second_owner(row: Row, first: Row) -> str:
    return (
        f"{first.email} (row {first.number}) is the owner of {row.business!r} already. If this is another"
        " shop, give it another name; if it is the same, give this person another role."
    )


def _no_owner(row: Row, owners: list[Row]) -> str:
    if owners:
        return f"the owner of {row.business!r} (row {owners[0].number}) was not imported. Correct that row."
    return f"no row names the owner of {row.business!r}. Add the owner's row to this file."


def _row(number: int, names: list[str], line: list[str]) -> Row:
    values = dict(zip(names, line, strict=False))
    given = {name: values.get(name, "") for name in COLUMNS}
    return Row(number=number, **given, cells_too_many=any(line[len(names) :]))


def _check_header(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name and name not in COLUMNS]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if missing or unknown or twice:
        told = [
            f"{what}: {', '.join(which)}"
            for what, which in (("missing", missing), ("unknown", unknown), ("twice", twice))
            if which
        ]
        raise UnreadableFile(
            f"The first row must name the columns {', '.join(COLUMNS)} (name and phone may be left out);"
            f" {'; '.join(told)}."
        )


def _decoded(content: bytes, encoding: str) -> str:
    if content[:2] in _BOMS:
        raise UnreadableFile("The file is UTF-16. Save it as “CSV UTF-8” in the spreadsheet.")
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Line {line} is not {encoding.upper()}. Save the file as “CSV UTF-8” in the spreadsheet, or say"
            " what it is, e.g. --encoding windows-1252."
        ) from None
