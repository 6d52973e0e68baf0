"""The AI uses of a business, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from config.core.db import release_connection
from subscriptions.models import AITransaction

from .statement import midnight

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class Filter:
    """None: any. `first` and `last` are local days of the business, both included."""

    membership_id: int | None = None
    feature: str | None = None
    status: str | None = None
    source: str | None = None
    first: date | None = None
    last: date | None = None


def uses(*, business_id: UUID, wanted: Filter, timezone: str) -> QuerySet[AITransaction]:
    """Each with the `email` of its member. One query a page."""
    chosen = Q(business_id=business_id)
    for name in ("membership_id", "feature", "status", "source"):
        if (value := getattr(wanted, name)) is not None:
            chosen &= Q(**{name: value})
    if wanted.first is not None:
        chosen &= Q(created_at__gte=midnight(wanted.first, timezone))
    if wanted.last is not None:
        chosen &= Q(created_at__lt=midnight(wanted.last + timedelta(days=1), timezone))
    return AITransaction.objects.filter(chosen).annotate(email=F("membership__user__email"))


def oldest_first(rows: QuerySet[AITransaction], *, batch: int = BATCH) -> Iterator[AITransaction]:
    """All of them, at most `batch` in memory; no connection is held while a slow reader takes its time."""
    ordered = rows.order_by("created_at", "pk")
    read = list(ordered[:batch])
    while read:
        release_connection()
        yield from read
        last = read[-1]
        # The bound beside the pair is what the index of (business, created_at) understands.
        later = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)
        read = list(ordered.filter(later, created_at__gte=last.created_at)[:batch])
