"""Running totals of the ledger, one every thousand entries, so that a statement never adds up its period."""

from uuid import UUID

from django.db import connection

STEP = 1000

# The same entry ends a step whoever asks, so two processes write the same rows, and one of them does nothing.
_NEXT = """
SELECT coalesce((SELECT max(entry_id) FROM subscriptions_entrytotal WHERE business_id = %(business)s), 0),
       (SELECT id FROM subscriptions_creditentry WHERE business_id = %(business)s
           AND id > coalesce((SELECT max(entry_id) FROM subscriptions_entrytotal
                               WHERE business_id = %(business)s), 0)
         ORDER BY business_id, id OFFSET %(step)s - 1 LIMIT 1)
"""
_ADD = """
INSERT INTO subscriptions_entrytotal (business_id, entry_id, kind, entries, amount, debt_change)
SELECT %(business)s, %(end)s, kind, sum(entries), sum(amount), sum(debt_change)
  FROM (SELECT kind, entries, amount, debt_change FROM subscriptions_entrytotal
         WHERE business_id = %(business)s AND entry_id = %(start)s
         UNION ALL
        SELECT kind, 1, amount, debt_change FROM subscriptions_creditentry
         WHERE business_id = %(business)s AND id > %(start)s AND id <= %(end)s) part
 GROUP BY kind
ON CONFLICT DO NOTHING
"""


def extend(*, business_id: UUID, step: int = STEP) -> int:
    """Adds the steps that are complete; returns how many. Each is a transaction of its own; locks nothing."""
    steps = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT, {"business": business_id, "step": step})
            start, end = cursor.fetchone()
            if end is None:
                return steps
            cursor.execute(_ADD, {"business": business_id, "start": start, "end": end})
            steps += 1
