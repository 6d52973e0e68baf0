"""When we ask about an attempt unasked: often while a prompt is open on a phone, then rarely for a day."""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Model

from payments import providers
from payments.models import Payment

CHECK_AFTER = (
    timedelta(seconds=15),
    timedelta(seconds=30),
    timedelta(seconds=60),
    timedelta(seconds=120),
    timedelta(seconds=185),  # a mobile-money prompt lives 180 s
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=24),
)
# A check that was given out and not made, or not answered, is due again after this.
LEASE = timedelta(minutes=2)
# The keys of a gateway were taken away: what is open there waits for them to come back.
WITHOUT_KEYS = timedelta(hours=1)

_log = structlog.get_logger("sika.payments")


def next_check(*, created_at: datetime, now: datetime) -> datetime | None:
    """The first check after `now`, or None when the attempt is older than the last one."""
    return next((created_at + after for after in CHECK_AFTER if created_at + after > now), None)


@transaction.atomic
def set_aside(*, of: type[Model], gateway: str, now: datetime) -> None:
    """Due rows whose gateway has no keys here are due again in an hour; one error in the log counts them.

    Nothing else about them changes, so that they go on where they stopped. `gateway` leads to its name.
    """
    due = of._default_manager.filter(next_check_at__lte=now).exclude(
        **{f"{gateway}__in": providers.configured()}
    )
    locked = due.select_for_update(no_key=True, skip_locked=True, of=("self",))
    names = dict(locked.values_list("pk", gateway))
    if names:
        of._default_manager.filter(pk__in=names).update(next_check_at=now + WITHOUT_KEYS)
        gateways = sorted(set(names.values()))
        _log.error("gateway_without_keys", gateways=gateways, what=of._meta.model_name, count=len(names))


def claim_due(*, now: datetime, limit: int = 200) -> list[int]:
    """Ids of the payments to ask about now. Each is given to one caller, until its lease ends."""
    set_aside(of=Payment, gateway="gateway", now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE payments_payment SET next_check_at = %(leased_until)s
             WHERE id IN (SELECT id FROM payments_payment WHERE next_check_at <= %(now)s
                           ORDER BY next_check_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id
            """,
            {"leased_until": now + LEASE, "now": now, "limit": limit},
        )
        return sorted(row[0] for row in cursor.fetchall())
