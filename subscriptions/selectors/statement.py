"""The ledger of a period, as a business reads it.

The entries of a business are in one order: that of their ids, their times and their balances. So a moment is
a place in that order, found by halving, and a period is all between two places.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from config.core import money
from subscriptions.models import CreditEntry

# The id of the first entry at or after each of two moments, or one more than the last.
_PLACES = """
WITH RECURSIVE search AS (
    SELECT moment, which,
           (SELECT min(id) FROM subscriptions_creditentry WHERE business_id = %(business)s) AS low,
           (SELECT max(id) + 1 FROM subscriptions_creditentry WHERE business_id = %(business)s) AS high
      FROM (VALUES (1, %(start)s), (2, %(end)s)) AS asked (which, moment)
     UNION ALL
    SELECT moment, which,
           CASE WHEN probe.id < high AND probe.created_at < moment THEN probe.id + 1 ELSE low END,
           CASE WHEN probe.id < high AND probe.created_at < moment THEN high ELSE (low + high) / 2 END
      FROM search CROSS JOIN LATERAL (
           SELECT id, created_at FROM subscriptions_creditentry
            WHERE business_id = %(business)s AND id >= (low + high) / 2
            ORDER BY business_id, id LIMIT 1) probe
     WHERE low < high
)
SELECT high, coalesce((SELECT balance_after FROM subscriptions_creditentry
                        WHERE business_id = %(business)s AND id < high
                        ORDER BY business_id DESC, id DESC LIMIT 1), 0)
  FROM search WHERE low >= high ORDER BY which
"""

# Up to each place: the totals of the last full step before it (`services/entry_totals.py`), and the rest.
_TOTALS = """
WITH place AS (
    SELECT sign, id, coalesce((SELECT max(entry_id) FROM subscriptions_entrytotal
                                WHERE business_id = %(business)s AND entry_id < place.id), 0) AS step
      FROM (VALUES (-1, %(start)s), (1, %(end)s)) AS place (sign, id)
), part AS (
    SELECT sign, kind, entries, amount, debt_change FROM place
      JOIN subscriptions_entrytotal total ON total.business_id = %(business)s AND total.entry_id = place.step
     UNION ALL
    SELECT sign, kind, 1, amount, debt_change FROM place
      JOIN subscriptions_creditentry entry
        ON entry.business_id = %(business)s AND entry.id > place.step AND entry.id < place.id
)
SELECT kind, sum(sign * entries), sum(sign * amount), sum(sign * debt_change) FROM part
 GROUP BY kind HAVING sum(sign * entries) > 0 ORDER BY kind
"""


@dataclass(frozen=True, kw_only=True)
class Total:
    kind: str
    entries: int
    amount: Decimal
    debt_change: Decimal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Local days `first` to `last`, both included. Opening balance + the amounts = closing balance."""

    business_id: UUID
    first: date
    last: date
    timezone: str
    opening_balance: Decimal
    closing_balance: Decimal
    first_id: int
    end_id: int

    def entries(self) -> QuerySet[CreditEntry]:
        """Oldest first."""
        return CreditEntry.objects.filter(
            business_id=self.business_id, pk__gte=self.first_id, pk__lt=self.end_id
        ).order_by("pk")


def statement(*, business_id: UUID, first: date, last: date, timezone: str) -> Statement:
    """One query, however many entries there are."""
    start, end = midnight(first, timezone), midnight(last + timedelta(days=1), timezone)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"business": business_id, "start": start, "end": end})
        places = cursor.fetchall() or [(0, Decimal(0))] * 2
    (first_id, opening), (end_id, closing) = places
    return Statement(
        business_id=business_id,
        first=first,
        last=last,
        timezone=timezone,
        opening_balance=money.credits(opening),
        closing_balance=money.credits(closing),
        first_id=first_id,
        end_id=end_id,
    )


def totals(*, of: Statement) -> list[Total]:
    """What each kind of entry moved in the period. One query, of at most two steps of entries."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"business": of.business_id, "start": of.first_id, "end": of.end_id})
        return [
            Total(kind=kind, entries=int(entries), amount=amount, debt_change=debt)
            for kind, entries, amount, debt in cursor.fetchall()
        ]


def midnight(day: date, timezone: str) -> datetime:
    """The first moment of a local day, also where clocks are changed at midnight."""
    return datetime.combine(day, time.min, ZoneInfo(timezone))
