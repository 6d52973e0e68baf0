"""Sends webhooks' deliveries. A row says what is due; whoever claims it sends, outside any transaction.

A process may die between sending and recording: then it is sent again, with the same id, by which receivers
tell a repeat. Deliveries may overtake each other; messages have numbers.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection

from config.core import public_http, secret_text
from config.core.db import release_connection
from config.core.errors import DomainError
from config.core.http import JsonClient
from support_chat.models import ChatWebhookDelivery

# After each try the next one waits so long; after the last one the delivery is dead.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
# What the task of the event has before the sweep queues another.
GRACE = timedelta(seconds=10)
_READ_SECONDS = 10

_CLAIM = """
UPDATE support_chat_chatwebhookdelivery
   SET attempts = attempts + 1, due_at = %(now)s + (%(pauses)s::interval[])[least(attempts + 1, %(tries)s)]
 WHERE id = (SELECT id FROM support_chat_chatwebhookdelivery
              WHERE id = %(id)s AND due_at <= %(now)s FOR NO KEY UPDATE SKIP LOCKED)
RETURNING attempts
"""

_log = structlog.get_logger("sika.chat.webhooks")


def due(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Ids of deliveries that should have been sent by now, the longest waiting first."""
    rows = ChatWebhookDelivery.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def deliver(*, delivery_id: UUID, now: datetime) -> str:
    """Sends one delivery if it is due and nobody else does; its outcome, empty while it is not ended.

    Network: call it outside any transaction. Whatever goes wrong is kept in the row, not raised.
    """
    attempt = _claim(delivery_id, now)
    row = None if attempt is None else _row(delivery_id)
    if attempt is None or row is None:
        return ""
    if not row.webhook.is_active:
        return _end(row, "dropped", now)
    try:
        url = secret_text.unseal(row.webhook.sealed_url)
        secret = secret_text.unseal(row.webhook.sealed_secret)
        release_connection()
        status = _send(row, url, secret, now)
    except (DomainError, OSError, InvalidToken, ValueError) as error:
        return _fail(row, attempt, None, f"{type(error).__name__}: {error}", now)
    if 200 <= status < 300:
        return _end(row, "delivered", now, status_code=status)
    return _fail(row, attempt, status, f"The server answered {status}.", now)


def signature(*, secret: str, timestamp: int, body: str) -> str:
    """Hex HMAC-SHA256 over `timestamp.body`: who has the secret knows that it is ours, whole, and how old."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def _send(row: ChatWebhookDelivery, url: str, secret: str, now: datetime) -> int:
    """The status that the server answered. Raises DomainError or OSError."""
    allow_loopback = settings.ALERT_WEBHOOKS_ON_LOOPBACK
    public_http.check(url, allow_loopback=allow_loopback)
    parts, timestamp = urlsplit(url), int(now.timestamp())
    signed = signature(secret=secret, timestamp=timestamp, body=row.body)
    client = JsonClient(
        base_url=f"{parts.scheme}://{parts.netloc}",
        headers={
            "User-Agent": settings.SITE_NAME,
            "Content-Type": "application/json",
            "Idempotency-Key": str(row.event_id),
            "Sika-Event": row.event,
            "Sika-Signature": f"t={timestamp},v1={signed}",
        },
        read_seconds=_READ_SECONDS,
        guard=public_http.PublicAdapter(allow_loopback=allow_loopback),
    )
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return client.post_bytes(path, row.body.encode()).status
    finally:
        client.close()


def _row(delivery_id: UUID) -> ChatWebhookDelivery | None:
    return ChatWebhookDelivery.objects.select_related("webhook").filter(pk=delivery_id).first()


def _claim(delivery_id: UUID, now: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": delivery_id, "now": now, "pauses": list(PAUSES), "tries": len(PAUSES)})
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _end(
    row: ChatWebhookDelivery, outcome: str, now: datetime, *, status_code: int | None = None, error: str = ""
) -> str:
    ChatWebhookDelivery.objects.filter(pk=row.pk, outcome="").update(
        outcome=outcome, due_at=None, ended_at=now, status_code=status_code, error=error
    )
    return outcome


def _fail(row: ChatWebhookDelivery, attempt: int, status: int | None, words: str, now: datetime) -> str:
    words = words[:200]
    _log.warning("chat_webhook_not_delivered", delivery=str(row.pk), attempt=attempt, error=words)
    if attempt >= len(PAUSES) or row.event == "ping":
        return _end(row, "dead", now, status_code=status, error=words)
    ChatWebhookDelivery.objects.filter(pk=row.pk).update(status_code=status, error=words)
    return ""
