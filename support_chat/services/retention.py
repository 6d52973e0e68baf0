"""Forgets what is older than it may be. Each batch is a transaction of its own; safe beside itself.

A conversation is as old as its last message, and goes as a whole: messages, tickets, files. A guest's goes
sooner: its reader has only a token of 30 days.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet

from support_chat.models import Attachment, ChatWebhookDelivery, GuestUse, SupportConversation

BATCH = 200
UNUSED_UPLOADS = timedelta(hours=24)
DELIVERIES = timedelta(days=30)
GUEST_COUNTS = timedelta(days=31)  # a guest's token lives 30


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`rows` are those to forget, `name` what they are called."""

    name: str
    rows: Callable[[], QuerySet[Any]]


def kinds(*, now: datetime) -> list[Kind]:
    """What there is to forget at `now`, in the order in which it is done."""
    members = now - relativedelta(months=settings.CHAT_RETENTION_MONTHS)
    guests = now - timedelta(days=settings.CHAT_GUEST_RETENTION_DAYS)
    told = SupportConversation.objects
    return [
        Kind(
            name="conversations",
            rows=lambda: told.filter(guest_id=None, last_message_at__lt=members),
        ),
        Kind(
            name="conversations of guests",
            rows=lambda: told.filter(membership=None, last_message_at__lt=guests),
        ),
        Kind(
            name="uploads that were never sent",
            rows=lambda: Attachment.objects.filter(message=None, created_at__lt=now - UNUSED_UPLOADS),
        ),
        Kind(
            name="webhook deliveries",
            rows=lambda: ChatWebhookDelivery.objects.filter(ended_at__lt=now - DELIVERIES),
        ),
        Kind(
            name="counters of guests",
            rows=lambda: GuestUse.objects.extra(  # no lookup reaches an array's last element
                where=["sent_at[cardinality(sent_at)] < %s"], params=[now - GUEST_COUNTS]
            ),
        ),
    ]


def batches(*, kind: Kind) -> Iterator[int]:
    """Forgets all rows of a kind, a batch at a time; yields how many each time. Leaves out what is locked."""
    while done := _forget(kind):
        yield done


def prune(*, now: datetime, most_batches: int) -> bool:
    """Forgets so many batches at most; whether something may be left."""
    for kind in kinds(now=now):
        for _ in batches(kind=kind):
            most_batches -= 1
            if most_batches <= 0:
                return True
    return False


@transaction.atomic
def _forget(kind: Kind) -> int:
    # Looked at again under the lock: a message that came meanwhile has made its conversation young.
    rows: QuerySet[Model] = kind.rows().select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    chosen = [row.pk for row in rows.only("pk")[:BATCH]]
    if chosen:
        rows.model._default_manager.filter(pk__in=chosen).delete()
    return len(chosen)
