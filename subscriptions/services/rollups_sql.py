"""The statements of `rollups.py`. A day is always `(created_at AT TIME ZONE zone)::date`, and nothing else.

Where a clock is put back at midnight, an instant says which day it is on, but a day does not say where it
starts: bounds by time are wider than the day and only help the index.
"""

KEYS = ("business_id", "day", "feature", "model", "source", "status", "user_id")
SUMS = {
    "requests": "count(*)",
    "credits": "sum(credits_charged)",
    "revenue_ghs": "sum(revenue_ghs)",
    "cost_usd": "sum(cost_usd)",
    "cost_ghs": "sum(cost_ghs)",
    "response_time_ms": "sum(response_time_ms)",
    "input_tokens": "sum(input_tokens)",
    "cached_tokens": "sum(cached_tokens)",
    "output_tokens": "sum(output_tokens)",
    "reasoning_tokens": "sum(reasoning_tokens)",
    "attempts": "sum(attempts)",
}
FEATURE_KEYS = ("business_id", "day", "feature")
FEATURE_SUMS = {
    "requests": "sum(requests)",
    "successes": "coalesce(sum(requests) FILTER (WHERE status = 'success'), 0)",
    "cached": "coalesce(sum(requests) FILTER (WHERE source = 'cached'), 0)",
    "local": "coalesce(sum(requests) FILTER (WHERE source = 'local'), 0)",
    "credits": "sum(credits)",
    "cost_ghs": "sum(cost_ghs)",
    "success_time_ms": "coalesce(sum(response_time_ms) FILTER (WHERE status = 'success'), 0)",
}


def _names(*lists: object) -> str:
    return ", ".join(name for names in lists for name in names)  # type: ignore[attr-defined]


def _values(sums: dict[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in sums.items())


# S608 below: the text is all ours.
DUE = """
SELECT business.id FROM accounts_business business
  LEFT JOIN subscriptions_usagewatermark mark ON mark.business_id = business.id
 WHERE mark.timezone <> business.timezone
    OR EXISTS (SELECT FROM subscriptions_staleusage WHERE business_id = business.id)
    OR EXISTS (SELECT FROM subscriptions_aitransaction
                WHERE business_id = business.id AND created_at < %(until)s
                  AND created_at >= coalesce(mark.rolled_until, '-infinity'))
 ORDER BY mark.rolled_until NULLS FIRST, business.id
"""

OPEN = """
INSERT INTO subscriptions_usagewatermark (business_id, timezone)
SELECT id, timezone FROM accounts_business WHERE id = %(business)s ON CONFLICT DO NOTHING
"""

LOCK = """
SELECT mark.timezone, business.timezone, mark.rolled_until, mark.closing_until
  FROM subscriptions_usagewatermark mark JOIN accounts_business business ON business.id = mark.business_id
 WHERE mark.business_id = %(business)s FOR NO KEY UPDATE OF mark SKIP LOCKED
"""

CLOSE = """
UPDATE subscriptions_usagewatermark SET closing_until = greatest(closing_until, %(until)s)
 WHERE business_id = %(business)s
"""

FORGET = (
    "DELETE FROM subscriptions_dailyusage WHERE business_id = %(business)s",
    "DELETE FROM subscriptions_dailyfeatureusage WHERE business_id = %(business)s",
    """
UPDATE subscriptions_usagewatermark mark SET rolled_until = NULL, timezone = business.timezone
  FROM accounts_business business WHERE mark.business_id = %(business)s AND business.id = mark.business_id
    """,
)

FIRST_USE = "SELECT min(created_at) FROM subscriptions_aitransaction WHERE business_id = %(business)s"

# Before the uses are read: one logged between this and `ADD` keeps its mark, and its day is done again.
TAKE_STALE = """
WITH taken AS (
    DELETE FROM subscriptions_staleusage WHERE business_id = %(business)s AND created_at < %(until)s
    RETURNING created_at
)
SELECT DISTINCT (created_at AT TIME ZONE %(zone)s)::date FROM taken
"""

CLEAR_STALE_DAYS = """
DELETE FROM subscriptions_dailyusage WHERE business_id = %(business)s AND day = ANY(%(stale)s::date[])
"""

_USES_OF_DAY = """
  JOIN subscriptions_aitransaction used ON used.business_id = %(business)s
   AND used.created_at >= (listed.day::timestamp AT TIME ZONE %(zone)s) - interval '3 hours'
   AND used.created_at < ((listed.day + 1)::timestamp AT TIME ZONE %(zone)s) + interval '3 hours'
   AND (used.created_at AT TIME ZONE %(zone)s)::date = listed.day
"""

ADD = f"""
WITH uses AS (
    SELECT used.*, (used.created_at AT TIME ZONE %(zone)s)::date AS day FROM subscriptions_aitransaction used
     WHERE used.business_id = %(business)s AND used.created_at >= %(start)s AND used.created_at < %(until)s
       AND (used.created_at AT TIME ZONE %(zone)s)::date <> ALL (%(stale)s::date[])
     UNION ALL
    SELECT used.*, listed.day FROM unnest(%(stale)s::date[]) AS listed (day) {_USES_OF_DAY}
       AND used.created_at < %(until)s
), sums AS (
    SELECT {_names(KEYS)}, {_values(SUMS)} FROM uses GROUP BY {_names(KEYS)}
), added AS (
    INSERT INTO subscriptions_dailyusage AS mine ({_names(KEYS, SUMS)}) SELECT {_names(KEYS, SUMS)} FROM sums
    ON CONFLICT ({_names(KEYS)}) DO UPDATE
       SET {", ".join(f"{name} = mine.{name} + excluded.{name}" for name in SUMS)}
)
SELECT coalesce(sum(requests), 0) FROM sums
"""  # noqa: S608

_TOUCHED = """
 WHERE business_id = %(business)s
   AND (day = ANY(%(stale)s::date[]) OR day BETWEEN (%(start)s AT TIME ZONE %(zone)s)::date
                                                AND (%(until)s AT TIME ZONE %(zone)s)::date)
"""
CLEAR_FEATURES = f"DELETE FROM subscriptions_dailyfeatureusage {_TOUCHED}"  # noqa: S608
SUM_FEATURES = f"""
INSERT INTO subscriptions_dailyfeatureusage ({_names(FEATURE_KEYS, FEATURE_SUMS)})
SELECT {_names(FEATURE_KEYS)}, {_values(FEATURE_SUMS)} FROM subscriptions_dailyusage {_TOUCHED}
 GROUP BY {_names(FEATURE_KEYS)}
"""  # noqa: S608

REACHED = """
UPDATE subscriptions_usagewatermark SET rolled_until = %(until)s WHERE business_id = %(business)s
"""

# `first` and `recent` say how far back: a day, and a bound for the index.
DIFFERENCES_OF = f"""
    SELECT day FROM (
        SELECT day, {_names(KEYS[2:], SUMS)} FROM subscriptions_dailyusage
         WHERE business_id = mark.business_id AND day >= {{first}}
         UNION ALL
        SELECT day, {_names(KEYS[2:])}, {_names(f"-{name}" for name in SUMS)} FROM (
            SELECT (created_at AT TIME ZONE mark.timezone)::date AS day, {_names(KEYS[2:])}, {_values(SUMS)}
              FROM subscriptions_aitransaction
             WHERE business_id = mark.business_id AND created_at < mark.rolled_until AND {{recent}}
             GROUP BY 1, {_names(KEYS[2:])}) used WHERE day >= {{first}}
        ) both_sides
     GROUP BY {_names(KEYS[1:])} HAVING {" OR ".join(f"sum({name}) <> 0" for name in SUMS)}
     UNION
    SELECT day FROM (
        SELECT day, feature, {_names(FEATURE_SUMS)} FROM subscriptions_dailyfeatureusage
         WHERE business_id = mark.business_id AND day >= {{first}}
         UNION ALL
        SELECT day, feature, {_names(f"-{name}" for name in FEATURE_SUMS)} FROM (
            SELECT day, feature, {_values(FEATURE_SUMS)} FROM subscriptions_dailyusage
             WHERE business_id = mark.business_id AND day >= {{first}} GROUP BY day, feature) fine
        ) both_grains
     GROUP BY day, feature HAVING {" OR ".join(f"sum({name}) <> 0" for name in FEATURE_SUMS)}
"""  # noqa: S608


def _differences(first: str, recent: str) -> str:
    return f"""
SELECT wrong.day, mark.business_id FROM subscriptions_usagewatermark mark
 CROSS JOIN LATERAL ({DIFFERENCES_OF.format(first=first, recent=recent)}) wrong
 WHERE mark.rolled_until IS NOT NULL
   AND NOT EXISTS (SELECT FROM subscriptions_staleusage stale WHERE stale.business_id = mark.business_id
                      AND (stale.created_at AT TIME ZONE mark.timezone)::date = wrong.day)
"""  # noqa: S608


DIFFERENCES = _differences("'-infinity'", "true") + " AND mark.business_id = %(business)s ORDER BY 1"
# Those of the last two days that were summed, of every business.
RECENT_DIFFERENCES = _differences(
    "(mark.rolled_until AT TIME ZONE mark.timezone)::date - 1",
    "created_at >= mark.rolled_until - interval '51 hours'",
)
