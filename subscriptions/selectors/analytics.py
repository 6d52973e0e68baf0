"""What the platform earns and spends on AI: sums over all businesses, exact at any size.

Days that are summed up are read from `DailyUsage`; uses since then, and those of a day that something was
added to late, from their own rows. One statement, so one moment. A day is the business's own.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from config.core import money

_TOP = 10
_SUMS = {
    "queries": "requests",
    "successes": "requests * (status = 'success')::int",
    "paid": "requests * (status = 'success' AND source = 'ai')::int",
    "local": "requests * (source = 'local')::int",
    "cached": "requests * (source = 'cached')::int",
    "credits": "credits",
    "revenue_ghs": "revenue_ghs",
    "cost_usd": "cost_usd",
    "cost_ghs": "cost_ghs",
}
_GROUPS = ("day", "feature", "model", "business_id", "user_id")
_KEYS = "business_id, day, feature, model, source, status, user_id"
_OF_SUM = f"{_KEYS}, requests, credits, revenue_ghs, cost_usd, cost_ghs"
_OF_USE = f"{_KEYS}, 1, credits_charged, revenue_ghs, cost_usd, cost_ghs"

# `first` and `last` are days; `since` is before the first day began anywhere.
_USES = f"""
WITH place AS (
    SELECT business.id AS business_id, coalesce(mark.timezone, business.timezone) AS zone,
           greatest(mark.rolled_until, %(since)s) AS live_from
      FROM accounts_business business
      LEFT JOIN subscriptions_usagewatermark mark ON mark.business_id = business.id
), stale AS MATERIALIZED (
    SELECT DISTINCT gone.business_id, place.zone, (gone.created_at AT TIME ZONE place.zone)::date AS day
      FROM subscriptions_staleusage gone JOIN place USING (business_id)
), live AS (
    SELECT used.*, (used.created_at AT TIME ZONE place.zone)::date AS day
      FROM place JOIN LATERAL (
           SELECT * FROM subscriptions_aitransaction used
            WHERE used.business_id = place.business_id AND used.created_at >= place.live_from
            OFFSET 0  -- each business by its index: flattened, this becomes a scan of all uses
      ) used ON true
), late AS (
    SELECT used.*, stale.day
      FROM stale JOIN subscriptions_aitransaction used ON used.business_id = stale.business_id
       AND used.created_at >= stale.day::timestamptz - interval '2 days'
       AND used.created_at < stale.day::timestamptz + interval '3 days'
       AND (used.created_at AT TIME ZONE stale.zone)::date = stale.day
), uses ({_OF_SUM}) AS (
    SELECT {_OF_SUM} FROM subscriptions_dailyusage summed WHERE NOT EXISTS (
           SELECT FROM stale WHERE stale.business_id = summed.business_id AND stale.day = summed.day)
     UNION ALL
    SELECT {_OF_USE} FROM live WHERE NOT EXISTS (
           SELECT FROM stale WHERE stale.business_id = live.business_id AND stale.day = live.day)
     UNION ALL
    SELECT {_OF_USE} FROM late
)
SELECT {", ".join(_GROUPS)}, grouping({", ".join(_GROUPS)}) AS level,
       {", ".join(f"coalesce(sum({value}), 0) AS {name}" for name, value in _SUMS.items())}
  FROM uses
 WHERE day BETWEEN %(first)s AND %(last)s AND (%(user)s::bigint IS NULL OR user_id = %(user)s)
 GROUP BY GROUPING SETS ((), {", ".join(f"({name})" for name in _GROUPS)})
"""  # noqa: S608 — the text is all ours

# Which grouping a row belongs to: the bit of a name is 0 where rows are grouped by it.
_LEVELS = {31: "totals", 15: "day", 23: "feature", 27: "model", 29: "business_id", 30: "user_id"}

Row = dict[str, Any]


def analytics(*, days: int, now: datetime, user_id: int | None = None) -> Row:
    """The last `days` calendar days, today included, of everybody or of one user.

    Money is exact; ratios are rounded half up to two places, or None where there is nothing to divide by.
    """
    last = now.date()
    first = last - timedelta(days=days - 1)
    groups = _read(first, last, user_id)
    totals = groups["totals"][0] if groups["totals"] else dict.fromkeys(_SUMS, Decimal(0))
    users = sorted(groups["user_id"], key=lambda row: (-row["cost_usd"], row["user_id"] or 0))[:_TOP]
    return {
        "period_days": days,
        "totals": _judged(totals),
        "by_day": [_judged(row) for row in sorted(groups["day"], key=lambda row: row["day"])],
        "by_feature": [_judged(row) for row in _dearest(groups["feature"], "feature")],
        "by_model": [_judged(row) for row in _dearest(groups["model"], "model") if row["model"]],
        "by_business": _with_names([_judged(row) for row in _dearest(groups["business_id"], "business_id")]),
        "top_users": _with_emails([_judged(row) for row in users if row["user_id"] is not None]),
    }


def ratio(part: Decimal | int, whole: Decimal | int, *, times: int = 1) -> Decimal | None:
    """`times` x part ÷ whole with two places, half up; None without a whole."""
    if not whole:
        return None
    return (times * Decimal(part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _read(first: date, last: date, user_id: int | None) -> dict[str, list[Row]]:
    # A day begins 14 hours before UTC's at the earliest, and ends 12 hours after it at the latest.
    since = datetime.combine(first, datetime.min.time(), UTC) - timedelta(hours=15)
    groups: dict[str, list[Row]] = {name: [] for name in _LEVELS.values()}
    parameters: dict[str, Any] = {
        "first": first,
        "last": last + timedelta(days=1),
        "since": since,
        "user": user_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_USES, parameters)
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            level = _LEVELS[row["level"]]
            kept = {level} | set(_SUMS)
            groups[level].append({name: value for name, value in row.items() if name in kept})
    return groups


def _judged(row: Row) -> Row:
    """What the sums mean: margin = 100 x (1 - cost ÷ revenue), roi = 100 x (revenue - cost) ÷ cost."""
    revenue, cost = row["revenue_ghs"], row["cost_ghs"]
    return {
        **row,
        "revenue_ghs": money.ghs(revenue),
        "cost_ghs": money.ghs(cost),
        "margin_ghs": money.ghs(revenue - cost),
        "margin": ratio(revenue - cost, revenue, times=100),
        "roi": ratio(revenue - cost, cost, times=100),
        "cost_per_query": money.usd(row["cost_usd"] / row["queries"]) if row["queries"] else None,
        "queries_per_usd": ratio(row["queries"], row["cost_usd"]),
        "local_ratio": ratio(row["local"], row["queries"], times=100),
    }


def _dearest(rows: list[Row], name: str) -> list[Row]:
    return sorted(rows, key=lambda row: (-row["cost_usd"], str(row[name])))


def _with_names(rows: list[Row]) -> list[Row]:
    with connection.cursor() as cursor:
        ids = [row["business_id"] for row in rows[:_TOP]]
        cursor.execute("SELECT id, name FROM accounts_business WHERE id = ANY(%s)", [ids])
        names = dict(cursor.fetchall())
    return [{**row, "name": names[row["business_id"]]} for row in rows[:_TOP]]


def _with_emails(rows: list[Row]) -> list[Row]:
    emails = dict(
        get_user_model().objects.filter(pk__in=[row["user_id"] for row in rows]).values_list("pk", "email")
    )
    return [{**row, "email": emails.get(row["user_id"], "")} for row in rows]
