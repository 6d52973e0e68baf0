"""What a business has to be told of: the queries that find it. Each looks at all businesses at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from subscriptions.services.ledger.sql import BUDGET_MARK

PAID_DAYS = (1, 7, 30)
FREE_DAYS = (7,)
UNUSUAL_CREDITS = Decimal(5)
UNUSUAL_TIMES = 3

# One look at every account, at the few grants that are dead and not swept yet; no index that the hot path
# would have to keep.
_CROSSED = """
WITH dead AS (
    SELECT business_id, sum(remaining) AS credits FROM subscriptions_creditgrant
     WHERE remaining > 0 AND (expires_at <= %(now)s OR frozen_at IS NOT NULL) GROUP BY business_id
)
SELECT account.business_id, account.low_credit_armed
  FROM subscriptions_businessaicredits account LEFT JOIN dead USING (business_id)
 WHERE account.low_credit_armed = (greatest(account.balance - account.held - coalesce(dead.credits, 0), 0)
                                   < account.low_credit_threshold)
 LIMIT %(limit)s
"""

_EXPIRING = """
WITH soon AS (
    SELECT business_id, expires_at, sum(remaining) AS credits, bool_or(unit_value_ghs > 0) AS is_paid,
           bool_or(source = 'addon') AS is_addon
      FROM subscriptions_creditgrant
     WHERE remaining > 0 AND frozen_at IS NULL AND expires_at > %(now)s
       AND expires_at <= %(now)s + interval '30 days'
     GROUP BY business_id, expires_at
), staged AS (
    -- The last stage that has come: one that was missed is not told together with the next.
    SELECT soon.*, (SELECT min(days)
                      FROM unnest(CASE WHEN is_paid THEN %(paid)s::int[] ELSE %(free)s::int[] END) AS days
                     WHERE expires_at <= %(now)s + make_interval(days => days)) AS days
      FROM soon
), named AS (
    SELECT staged.*, format('expiry:%%s:%%s:%%s', business_id,
                            to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'), days) AS key
      FROM staged WHERE days IS NOT NULL
)
SELECT named.business_id, business.timezone, key, credits, is_paid, is_addon, expires_at, days
  FROM named JOIN accounts_business business ON business.id = named.business_id
 WHERE NOT EXISTS (SELECT FROM subscriptions_alert alert WHERE alert.key = named.key)
 ORDER BY named.business_id, expires_at
"""

_BUDGETS = """
SELECT DISTINCT budget.business_id
  FROM subscriptions_budgetcounter counter JOIN subscriptions_budget budget ON budget.id = counter.budget_id
 WHERE counter.month >= (%(now)s - interval '40 days')::date AND counter.alerted_percent < {mark}
""".format(mark=BUDGET_MARK.format(row="counter"))

# The median of the days since the first use of the last 14; days without a use count as 0.
_UNUSUAL = """
WITH today AS (
    SELECT use.business_id, business.timezone, (%(now)s AT TIME ZONE business.timezone)::date AS day,
           sum(use.credits_charged) AS spent
      FROM subscriptions_aitransaction use JOIN accounts_business business ON business.id = use.business_id
     WHERE use.created_at > %(now)s - interval '26 hours' AND use.created_at <= %(now)s
       AND use.credits_charged > 0
       AND (use.created_at AT TIME ZONE business.timezone)::date
           = (%(now)s AT TIME ZONE business.timezone)::date
     GROUP BY 1, 2, 3 HAVING sum(use.credits_charged) > %(least)s
), fresh AS (
    SELECT *, format('unusual_spend:%%s:%%s', business_id, day) AS key FROM today
     WHERE NOT EXISTS (SELECT FROM subscriptions_alert alert
                        WHERE alert.key = format('unusual_spend:%%s:%%s', today.business_id, today.day))
), daily AS (
    SELECT fresh.business_id, (use.created_at AT TIME ZONE fresh.timezone)::date AS day,
           sum(use.credits_charged) AS spent
      FROM fresh JOIN subscriptions_aitransaction use
        ON use.business_id = fresh.business_id AND use.credits_charged > 0
       AND use.created_at >= (fresh.day - 14)::timestamp AT TIME ZONE fresh.timezone
       AND use.created_at < fresh.day::timestamp AT TIME ZONE fresh.timezone
     GROUP BY 1, 2
), usual AS (
    SELECT first.business_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(daily.spent, 0)::float8) AS median
      FROM (SELECT fresh.business_id, fresh.day AS today, min(daily.day) AS day
              FROM fresh JOIN daily USING (business_id) GROUP BY 1, 2) first
     CROSS JOIN LATERAL generate_series(first.day, first.today - 1, interval '1 day') AS calendar (day)
      LEFT JOIN daily ON daily.business_id = first.business_id AND daily.day = calendar.day::date
     GROUP BY 1
)
SELECT fresh.business_id, fresh.key, fresh.day, fresh.spent, round(usual.median::numeric, 2) AS median
  FROM fresh JOIN usual USING (business_id)
 WHERE fresh.spent > %(times)s * round(usual.median::numeric, 3)
 ORDER BY fresh.business_id
"""


@dataclass(frozen=True)
class Crossed:
    """Armed: it has fallen below its threshold. Not armed: it has risen to it again."""

    business_id: UUID
    is_armed: bool


@dataclass(frozen=True)
class Expiring:
    """Everything of a business that expires at one moment; `days` is the warning that is due."""

    business_id: UUID
    timezone: str
    key: str
    credits: Decimal
    is_paid: bool
    is_addon: bool
    expires_at: datetime
    days: int

    def days_left(self, now: datetime) -> int:
        return -((now - self.expires_at) // timedelta(days=1))


@dataclass(frozen=True)
class Unusual:
    business_id: UUID
    key: str
    day: Any
    spent: Decimal
    median: Decimal


def crossed(*, now: datetime, limit: int) -> list[Crossed]:
    """Accounts on the other side of their threshold than they were when it was looked at last."""
    return [Crossed(*row) for row in _rows(_CROSSED, now=now, limit=limit)]


def untold_budgets(*, now: datetime) -> list[UUID]:
    """Businesses with a budget of this month or the last that has come past a mark nobody told of."""
    return [business_id for (business_id,) in _rows(_BUDGETS, now=now)]


def expiring(*, now: datetime) -> list[Expiring]:
    """Credits to warn of: paid ones 30, 7 and 1 days before they expire, free ones 7 days before."""
    return [Expiring(*row) for row in _rows(_EXPIRING, now=now, paid=list(PAID_DAYS), free=list(FREE_DAYS))]


def unusual_spend(*, now: datetime) -> list[Unusual]:
    """Businesses that have spent more than 5 credits today, and more than 3 times the median day.

    Today and days are the business's. One that has never used anything before today has no usual day.
    """
    return [Unusual(*row) for row in _rows(_UNUSUAL, now=now, least=UNUSUAL_CREDITS, times=UNUSUAL_TIMES)]


def _rows(statement: str, **parameters: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor.fetchall()
