"""What nobody ended is ended here. The database is the queue of record; every run is safe to repeat."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import DatabaseError

from subscriptions.models import CreditGrant, CreditHold
from subscriptions.selectors import addons
from subscriptions.signals import lease_ended

from . import ledger

Row = TypeVar("Row")
Done = TypeVar("Done")

_log = structlog.get_logger("sika.sweeps")


def release_stale_holds(*, now: datetime, dry_run: bool = False) -> int:
    """Gives back every open hold whose lease has ended, each logged as abandoned; returns how many.

    A hold whose answer turns out to be stored is captured instead (`signals.lease_ended`) and not counted.
    Whoever wakes up later may still capture an abandoned one (late). Locks one hold and its account at once.
    """
    stale = list(
        CreditHold.objects.filter(state="open", expires_at__lte=now)
        .order_by("pk")
        .values_list("pk", "request_id")
    )
    if dry_run:
        return len(stale)
    return sum(_each(stale, lambda hold: _end_lease(*hold, now)))


def _end_lease(hold_id: int, request_id: UUID, now: datetime) -> bool:
    # Robust: a receiver that breaks (and is logged) doesn't keep credits from their owner for ever.
    lease_ended.send_robust(sender=CreditHold, hold_id=hold_id, request_id=request_id, now=now)
    return ledger.release(hold_id=hold_id, error_code="abandoned", now=now, expired=True)


def expire_credits(*, now: datetime, dry_run: bool = False) -> tuple[int, Decimal]:
    """Takes expired credits off the books; returns how many grants and credits.

    They were unusable from their expiry on; this only tidies. Those an add-on may still roll over are left to
    it. Locks one account at a time.
    """
    dead = CreditGrant.objects.filter(~addons.may_roll_over(), remaining__gt=0, expires_at__lte=now)
    dead = dead.order_by("pk")
    if dry_run:
        rest = list(dead.values_list("remaining", flat=True))
        return len(rest), sum(rest, Decimal(0))
    ids = list(dead.values_list("pk", flat=True))
    taken = list(_each(ids, lambda grant_id: ledger.expire(grant_id=grant_id, now=now)))
    return sum(1 for credits in taken if credits), sum(taken, Decimal(0))


def _each(rows: Iterable[Row], act: Callable[[Row], Done]) -> Iterator[Done]:
    """One row that is locked or wrong must not keep the others waiting; it is tried again next time."""
    for row in rows:
        try:
            yield act(row)
        except DatabaseError:
            _log.exception("left_for_the_next_run", row=row)
