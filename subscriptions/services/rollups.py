"""Sums up AI uses by the local day of their business, so that a month is read at one price at any size.

Two steps, each a transaction. *Close*: with the usage lock of the business held alone for a moment,
`closing_until` is raised. What was being logged is committed by then; what comes after it with an earlier
time leaves a `StaleUsage` (a trigger). *Add*: all between `rolled_until` and there is added to its days,
those with a mark are summed anew, and `rolled_until` is raised. A reader adds the sums of unmarked days to
the AITransactions of all else, in one statement, and is exact at every moment, also between the steps.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from . import entry_totals
from . import rollups_sql as sql

# Later ones are still coming in all the time; each would have its whole day summed again.
SETTLED_AFTER = timedelta(minutes=5)
# Summed in one transaction; a month of a very busy shop takes seconds.
STEP = timedelta(days=31)
_LOCK = 743101  # as in migration 0013
_PATIENCE = "1s"

_log = structlog.get_logger("sika.rollups")


def due(*, now: datetime) -> list[UUID]:
    """Businesses with uses that are not summed up, or whose time zone changed; the longest waiting first."""
    return [row[0] for row in _rows(sql.DUE, {"until": now - SETTLED_AFTER})]


def roll_up_all(*, now: datetime) -> int:
    """Everything that is due; returns how many uses were summed. What fails is left for the next run."""
    return sum(try_roll_up(business_id=business_id, now=now) or 0 for business_id in due(now=now))


def try_roll_up(*, business_id: UUID, now: datetime) -> int | None:
    """As `roll_up`; None, and a line in the log, when it could not be done now."""
    try:
        return roll_up(business_id=business_id, now=now)
    except DatabaseError:
        _log.exception("left_for_the_next_run", business_id=str(business_id))
        return None


def roll_up(*, business_id: UUID, now: datetime) -> int:
    """Sums up the uses until shortly before `now`; returns how many were summed, again or for the first time.

    Twice changes nothing. Does nothing while another process is at the same business. Locks the watermark
    and, for a moment, all logging of uses of this business.
    """
    summed = 0
    if not _close(business_id, now - SETTLED_AFTER):
        return summed
    while (step := _add_step(business_id)) is not None:
        summed += step
    entry_totals.extend(business_id=business_id)
    return summed


def forget(*, business_id: UUID) -> None:
    """Drops the sums of a business; the next run builds them anew. Locks the watermark."""
    with transaction.atomic():
        if _rows(sql.LOCK, {"business": business_id}):
            _empty(business_id)


def everyone() -> list[UUID]:
    return [row[0] for row in _rows("SELECT id FROM accounts_business ORDER BY id", {})]


def differences(*, business_id: UUID) -> list[date]:
    """The days whose sums are not those of their uses: none, unless there is a mistake. Reads everything."""
    return [row[0] for row in _rows(sql.DIFFERENCES, {"business": business_id})]


@transaction.atomic(durable=True)
def _close(business_id: UUID, until: datetime) -> bool:
    """False: another process is at it."""
    _run(sql.OPEN, {"business": business_id})
    if not _rows(sql.LOCK, {"business": business_id}):
        return False
    _run("SELECT set_config('lock_timeout', %(patience)s, true)", {"patience": _PATIENCE})
    _run("SELECT pg_advisory_xact_lock(%(lock)s, uuid_hash(%(id)s))", {"lock": _LOCK, "id": business_id})
    _run(sql.CLOSE, {"business": business_id, "until": until})
    return True


@transaction.atomic(durable=True)
def _add_step(business_id: UUID) -> int | None:
    """One step nearer to `closing_until`; None when there is nothing left to do."""
    locked = _rows(sql.LOCK, {"business": business_id})
    if not locked:
        return None
    summed_zone, zone, rolled_until, closing_until = locked[0]
    if summed_zone != zone:
        _empty(business_id)
        rolled_until = None
    start = rolled_until
    if start is None:
        first_use = _rows(sql.FIRST_USE, {"business": business_id})[0][0]
        start = min(first_use or closing_until, closing_until)
    until = min(closing_until, start + STEP)
    parameters: dict[str, Any] = {"business": business_id, "zone": zone, "start": start, "until": until}
    parameters["stale"] = [row[0] for row in _rows(sql.TAKE_STALE, parameters)]
    if start == rolled_until == until and not parameters["stale"]:
        return None
    _run(sql.CLEAR_STALE_DAYS, parameters)
    summed = int(_rows(sql.ADD, parameters)[0][0])
    _run(sql.CLEAR_FEATURES, parameters)
    _run(sql.SUM_FEATURES, parameters)
    _run(sql.REACHED, parameters)
    return summed


def _empty(business_id: UUID) -> None:
    for statement in sql.FORGET:
        _run(statement, {"business": business_id})


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _rows(statement: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
