"""What a business used over some of its local days: exact, and at one price however much it was.

One statement, so one moment: the sums of the days that are summed up, and the AITransactions of all else.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

SUMS = ("requests", "successes", "cached", "local", "credits", "cost_ghs", "success_time_ms")

_LIVE = """
    count(*), count(*) FILTER (WHERE status = 'success'), count(*) FILTER (WHERE source = 'cached'),
    count(*) FILTER (WHERE source = 'local'), sum(credits_charged), sum(cost_ghs),
    coalesce(sum(response_time_ms) FILTER (WHERE status = 'success'), 0)
"""
# Bounds by time help the index alone: which day an instant is on, its local date says (`rollups_sql.py`).
_STATEMENT = f"""
WITH mark AS MATERIALIZED (
    SELECT coalesce(max(rolled_until) FILTER (WHERE timezone = %(zone)s), '-infinity') AS rolled_until
      FROM subscriptions_usagewatermark WHERE business_id = %(business)s
), stale AS MATERIALIZED (
    SELECT DISTINCT (created_at AT TIME ZONE %(zone)s)::date AS day FROM subscriptions_staleusage
     WHERE business_id = %(business)s
), uses AS (
    SELECT (created_at AT TIME ZONE %(zone)s)::date AS day, used.*
      FROM subscriptions_aitransaction used
     WHERE business_id = %(business)s AND created_at >= (SELECT rolled_until FROM mark)
       AND created_at >= (%(first)s::date::timestamp AT TIME ZONE %(zone)s) - interval '3 hours'
       AND created_at < ((%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s) + interval '3 hours'
       AND (created_at AT TIME ZONE %(zone)s)::date NOT IN (SELECT day FROM stale)
     UNION ALL
    SELECT stale.day, used.* FROM stale JOIN subscriptions_aitransaction used
        ON used.business_id = %(business)s
       AND used.created_at >= (stale.day::timestamp AT TIME ZONE %(zone)s) - interval '3 hours'
       AND used.created_at < ((stale.day + 1)::timestamp AT TIME ZONE %(zone)s) + interval '3 hours'
       AND (used.created_at AT TIME ZONE %(zone)s)::date = stale.day
), part AS (
    SELECT day, feature, {", ".join(SUMS)} FROM subscriptions_dailyfeatureusage
     WHERE business_id = %(business)s AND day BETWEEN %(first)s AND %(last)s
       AND (SELECT rolled_until FROM mark) > '-infinity' AND day NOT IN (SELECT day FROM stale)
     UNION ALL
    SELECT day, feature, {_LIVE} FROM uses WHERE day BETWEEN %(first)s AND %(last)s GROUP BY day, feature
)
SELECT day, feature, {", ".join(f"coalesce(sum({name}), 0)" for name in SUMS)},
       coalesce((SELECT balance FROM subscriptions_businessaicredits WHERE business_id = %(business)s), 0)
  FROM part GROUP BY GROUPING SETS ((day), (feature), ())
 ORDER BY day, sum(requests) DESC, feature
"""  # noqa: S608 — our own text


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Cost in cedis with eight places; the time is the sum of that of successes."""

    requests: int
    successes: int
    cached: int
    local: int
    credits: Decimal
    cost_ghs: Decimal
    success_time_ms: int


@dataclass(frozen=True, kw_only=True)
class Used:
    """Days in their order; features with the most requested first. `balance` is of the same moment."""

    balance: Decimal
    total: Sums
    by_day: dict[date, Sums]
    by_feature: dict[str, Sums]


def used(*, business_id: UUID, first: date, last: date, timezone: str) -> Used:
    """All uses of the local days `first` to `last`, both included. One query."""
    parameters: dict[str, Any] = {"business": business_id, "first": first, "last": last, "zone": timezone}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, parameters)
        rows = cursor.fetchall()
    by_day, by_feature, total = {}, {}, None
    for day, feature, *values, _ in rows:
        sums = _sums(dict(zip(SUMS, values, strict=True)))
        if day is not None:
            by_day[day] = sums
        elif feature is not None:
            by_feature[feature] = sums
        else:
            total = sums
    assert total is not None  # the empty grouping set is there without rows, too
    return Used(balance=rows[0][-1], total=total, by_day=by_day, by_feature=by_feature)


def _sums(values: dict[str, Any]) -> Sums:
    exact = {"credits": values["credits"], "cost_ghs": values["cost_ghs"]}
    return Sums(**{**{name: int(value) for name, value in values.items()}, **exact})
