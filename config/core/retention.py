"""Forgets what is older than it may be. Each batch is a transaction of its own; safe beside itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH = 200
_LOOK = 50 * BATCH  # keys found by one look through a table: the age of its rows need not be indexed


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`rows` are those to forget, `name` what they are called."""

    name: str
    rows: Callable[[], QuerySet[Any]]


def batches(*, kind: Kind) -> Iterator[int]:
    """Forgets all rows of a kind, a batch at a time; yields how many each time. Leaves out what is locked."""
    is_more = True
    while is_more:
        is_more = False
        found = list(kind.rows().values_list("pk", flat=True)[:_LOOK])
        for start in range(0, len(found), BATCH):
            if done := _forget(kind, found[start : start + BATCH]):
                is_more = True
                yield done


def prune(*, kinds: Iterable[Kind], most_batches: int) -> bool:
    """Forgets so many batches at most; whether something may be left."""
    for kind in kinds:
        for _ in batches(kind=kind):
            most_batches -= 1
            if most_batches <= 0:
                return True
    return False


@transaction.atomic
def _forget(kind: Kind, found: list[Any]) -> int:
    # Looked at again under the lock: what has become young meanwhile stays.
    rows = kind.rows().filter(pk__in=found)
    chosen = list(rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    if chosen:
        rows.model._default_manager.filter(pk__in=chosen).delete()
    return len(chosen)
