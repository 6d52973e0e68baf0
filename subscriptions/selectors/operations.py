"""How the platform does, measured from what is stored anyway: every AI use has a row."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from subscriptions.models import AITransaction, QuotaRefusal

# Ours or a provider's fault; a refusal of the caller's own is none.
ERRORS = (
    *("provider_unavailable", "provider_refused", "answer_unusable", "internal_error", "not_stored"),
    *("abandoned", "privacy_check_failed"),
)
DOWN_AFTER = 5  # calls in a row
RECENT = timedelta(minutes=10)
HOUR = timedelta(hours=1)

# The run of failures since the last call that a provider answered; its first one names the outage.
_OUTAGE = """
WITH answered AS (
    SELECT id FROM subscriptions_aitransaction
     WHERE hold_id IS NOT NULL AND error_code IN ('', 'answer_unusable') AND created_at <= %(now)s
     ORDER BY id DESC LIMIT 1
)
SELECT min(id), count(*), min(created_at), max(created_at) FROM subscriptions_aitransaction
 WHERE id > coalesce((SELECT id FROM answered), 0)
   AND error_code IN ('provider_unavailable', 'provider_refused') AND created_at <= %(now)s
"""

_ERRORS = """
SELECT count(*), count(*) FILTER (WHERE error_code = ANY(%(errors)s)) FROM subscriptions_aitransaction
 WHERE created_at > %(since)s AND created_at <= %(now)s
"""

_ACTIVE = """
SELECT count(*) FROM (
    SELECT user_id FROM subscriptions_aitransaction
     WHERE created_at >= %(since)s AND created_at <= %(now)s AND user_id IS NOT NULL
     UNION SELECT user_id FROM subscriptions_quotarefusal WHERE day = %(day)s
) active
"""

_OWN_TIME = """
SELECT count(*), percentile_disc(0.95) WITHIN GROUP (ORDER BY response_time_ms)
  FROM subscriptions_aitransaction
 WHERE created_at > %(since)s AND created_at <= %(now)s
   AND status = 'success' AND source IN ('cached', 'local')
"""


@dataclass(frozen=True)
class Outage:
    first_id: int
    calls: int
    since: datetime


def outage(*, now: datetime) -> Outage | None:
    """The outage that is going on: more than 5 calls in a row got no answer, the last one just now."""
    first_id, calls, since, last = _one(_OUTAGE, now=now)
    if calls <= DOWN_AFTER or last <= now - RECENT:
        return None
    return Outage(first_id, calls, since)


def errors(*, now: datetime) -> tuple[int, int]:
    """AI calls of the last hour, and how many of them failed by our or a provider's fault."""
    calls, failed = _one(_ERRORS, since=now - HOUR, now=now, errors=list(ERRORS))
    return calls, failed


def refused(*, now: datetime) -> tuple[int, int]:
    """People who used AI today (UTC) or tried to, and how many of them a quota refused."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    refused = QuotaRefusal.objects.filter(day=start.date()).values("user_id").distinct().count()
    if not refused:
        return 0, 0
    (active,) = _one(_ACTIVE, since=start, now=now, day=start.date())
    return active, refused


def cost_usd(*, now: datetime) -> Decimal:
    """What providers cost today (UTC), failed calls included."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = AITransaction.objects.filter(created_at__gte=start, created_at__lte=now)
    return rows.aggregate(total=Sum("cost_usd"))["total"] or Decimal(0)


def own_time_ms(*, now: datetime) -> tuple[int, int]:
    """Queries that we answered without a provider in the last hour, and the 95th percentile of their time."""
    count, p95 = _one(_OWN_TIME, since=now - HOUR, now=now)
    return count, p95 or 0


def _one(statement: str, **parameters: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
