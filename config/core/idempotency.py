"""`Idempotency-Key`: the same POST twice happens once, and the second caller gets the first answer.

A key belongs to one business for 24 hours and lives in PostgreSQL. Only successes are kept: a refusal moved
nothing, so its key is free again at once and the caller can, say, buy credits and repeat the request.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from . import json
from .errors import Conflict, DomainError
from .models import IdempotencyRecord
from .retention import Kind

KEY_LIFE = timedelta(hours=24)
# As long as a hold may stay open: after it, whoever ran the request is dead or has lost its hold.
RUN_LEASE = timedelta(minutes=15)


def expired(*, now: datetime) -> list[Kind]:
    """Keys whose life is over, with the answers they stand for."""
    return [
        Kind(
            name="expired Idempotency-Keys",
            rows=lambda: IdempotencyRecord.objects.filter(expires_at__lt=now, locked_until__lt=now),
        )
    ]


class InvalidKey(DomainError):
    code = "invalid_idempotency_key"
    detail = "Idempotency-Key must be 8 to 255 printable characters; a UUID is a good choice."


class KeyRequired(DomainError):
    code = "idempotency_key_required"
    detail = "Send an Idempotency-Key header, so that a repeated request is charged once."


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status_code = 422
    detail = "This Idempotency-Key was used for another request. Use a new key for a new request."


class StillRunning(Conflict):
    code = "request_in_progress"
    detail = "The first request with this Idempotency-Key is still running. Ask again in a moment."


def read_key(request: Request) -> str | None:
    """The request's key, or None. Raises InvalidKey."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (8 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidKey
    return key


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Decorates a view method of a view that has `business`. Adds `request.idempotency_key` (or None)."""

    @functools.wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = read_key(request)
        request.idempotency_key = key  # type: ignore[attr-defined]
        if key is None:
            return method(view, request, *args, **kwargs)
        return run_once(
            business_id=view.business.pk,
            key=key,
            request_hash=_hash(request),
            now=timezone.now(),
            respond=lambda: method(view, request, *args, **kwargs),
        )

    wrapper.runs_once = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return wrapper


def run_once(
    *, business_id: UUID, key: str, request_hash: str, now: datetime, respond: Callable[[], Response]
) -> Response:
    """Runs `respond` unless this key already has an answer. Raises KeyReused (422) or StillRunning (409).

    Locks nothing while `respond` runs: the claim is a committed row with a lease.
    """
    lease = now + RUN_LEASE
    if not _claim(business_id, key, request_hash, now, lease):
        return _first_answer(business_id, key, request_hash)
    mine = IdempotencyRecord.objects.filter(business_id=business_id, key=key, locked_until=lease)
    try:
        response = respond()
    except BaseException:
        mine.delete()
        raise
    if 200 <= response.status_code < 300:
        mine.update(response_status=response.status_code, response_body=json.dumps(response.data))
    else:
        mine.delete()
    return response


def _claim(business_id: UUID, key: str, request_hash: str, now: datetime, lease: datetime) -> bool:
    """One statement, so that of two concurrent claims one wins. A lapsed key or lease can be taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_idempotencyrecord AS mine
                   (business_id, key, request_hash, locked_until, response_body, expires_at)
            VALUES (%(business)s, %(key)s, %(hash)s, %(lease)s, '', %(expires)s)
            ON CONFLICT (business_id, key) DO UPDATE
               SET request_hash = excluded.request_hash, locked_until = excluded.locked_until,
                   expires_at = excluded.expires_at, response_status = NULL, response_body = ''
             WHERE mine.expires_at <= %(now)s
                OR (mine.response_status IS NULL AND mine.locked_until <= %(now)s
                    AND mine.request_hash = excluded.request_hash)
            RETURNING mine.id
            """,
            {
                "business": business_id,
                "key": key,
                "hash": request_hash,
                "lease": lease,
                "expires": now + KEY_LIFE,
                "now": now,
            },
        )
        return cursor.fetchone() is not None


def _first_answer(business_id: UUID, key: str, request_hash: str) -> Response:
    record = IdempotencyRecord.objects.filter(business_id=business_id, key=key).first()
    if record is None:  # the first request was refused between our two statements
        raise StillRunning
    if record.request_hash != request_hash:
        raise KeyReused
    if record.response_status is None:
        raise StillRunning
    return Response(
        json.loads(record.response_body),
        status=record.response_status,
        headers={"Idempotent-Replayed": "true"},
    )


def _hash(request: Request) -> str:
    parts = (request.method or "", request.path, json.dumps(request.data))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
