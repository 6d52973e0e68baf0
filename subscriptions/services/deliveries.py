"""Sends alerts out. A row says what is due; whoever claims it sends, outside any transaction, and records.

A process may die between sending and recording: then the alert is sent again after the pause. Both copies
have the same Message-ID (or `Idempotency-Key`), by which mail servers and readers tell a repeat.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from cryptography.fernet import InvalidToken
from django.db import connection

from config.core.db import release_connection
from config.core.errors import DomainError
from subscriptions.models import AlertDelivery
from subscriptions.selectors import outgoing

from . import channels

# After each try the next one waits so long; after the last one staff see why it did not work.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 180, 360, 720, 1440))
# What the task of the alert has before the sweep queues another.
GRACE = timedelta(seconds=10)

_CLAIM = """
UPDATE subscriptions_alertdelivery
   SET attempts = attempts + 1, due_at = %(now)s + (%(pauses)s::interval[])[least(attempts + 1, %(tries)s)]
 WHERE id = (SELECT id FROM subscriptions_alertdelivery
              WHERE id = %(id)s AND due_at <= %(now)s FOR NO KEY UPDATE SKIP LOCKED)
RETURNING attempts
"""

_log = structlog.get_logger("sika.alerts")


def due(*, now: datetime, limit: int = 200) -> list[int]:
    """Ids of deliveries that should have been sent by now, the longest waiting first."""
    rows = AlertDelivery.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def deliver(*, delivery_id: int, now: datetime) -> str:
    """Sends one delivery if it is due and nobody else does; its outcome, empty while it is not ended.

    Network: call it outside any transaction. Whatever goes wrong is kept in the row, not raised.
    """
    attempt = _claim(delivery_id, now)
    if attempt is None:
        return ""
    try:
        letter = outgoing.letter(delivery_id=delivery_id, now=now)
        if letter is None:
            return _end(delivery_id, "skipped")
        release_connection()
        channels.send(letter)
    except (DomainError, OSError, SMTPException, InvalidToken, ValueError) as error:
        return _fail(delivery_id, attempt, error)
    return _end(delivery_id, "sent", sent_at=now)


def retry(*, delivery_id: int, now: datetime) -> bool:
    """Makes a delivery that was given up due again. False when it was not."""
    return bool(
        AlertDelivery.objects.filter(pk=delivery_id, outcome="gave_up").update(
            outcome="", due_at=now, attempts=0, error=""
        )
    )


def _claim(delivery_id: int, now: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": delivery_id, "now": now, "pauses": list(PAUSES), "tries": len(PAUSES)})
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _end(delivery_id: int, outcome: str, sent_at: datetime | None = None, error: str = "") -> str:
    AlertDelivery.objects.filter(pk=delivery_id, outcome="").update(
        outcome=outcome, due_at=None, sent_at=sent_at, error=error
    )
    return outcome


def _fail(delivery_id: int, attempt: int, error: Exception) -> str:
    words = f"{type(error).__name__}: {error}"[:200]
    _log.warning("alert_not_delivered", delivery_id=delivery_id, attempt=attempt, error=words)
    if attempt >= len(PAUSES):
        _log.error("alert_given_up", delivery_id=delivery_id, error=words)
        return _end(delivery_id, "gave_up", error=words)
    AlertDelivery.objects.filter(pk=delivery_id).update(error=words)
    return ""
