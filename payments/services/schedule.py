"""When we ask about an attempt unasked: often while a prompt is open on a phone, then rarely for a day."""

from datetime import datetime, timedelta

from django.db import connection

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


def next_check(*, created_at: datetime, now: datetime) -> datetime | None:
    """The first check after `now`, or None when the attempt is older than the last one."""
    return next((created_at + after for after in CHECK_AFTER if created_at + after > now), None)


def claim_due(*, now: datetime, limit: int = 200) -> list[int]:
    """Ids of the payments to ask about now. Each is given to one caller, until its lease ends."""
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
