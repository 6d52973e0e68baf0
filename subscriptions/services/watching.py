"""What a business has to be told of by itself: stored once per cause, whoever sees it first."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from subscriptions.models import Alert
from subscriptions.selectors import account

from . import alerts, budgets

# One statement decides who tells: of many calls at once only one finds the account armed. What the others
# have changed meanwhile is read again, because the row is.
_CROSS = """
UPDATE subscriptions_businessaicredits account
   SET low_credit_armed = false, low_credit_crossings = low_credit_crossings + 1
 WHERE account.business_id = %(business)s AND account.low_credit_armed
   AND account.balance - account.held - (
       SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
        WHERE business_id = %(business)s AND remaining > 0
          AND (expires_at <= %(now)s OR frozen_at IS NOT NULL)
   ) < account.low_credit_threshold
RETURNING account.low_credit_crossings
"""


def check_business(*, business_id: UUID, now: datetime) -> None:
    """Raises what this business has to know now. Safe to repeat; locks its account, shortly."""
    raise_low_credit(business_id=business_id, now=now)
    budgets.raise_alerts(business_id=business_id, now=now)


@transaction.atomic
def raise_low_credit(*, business_id: UUID, now: datetime) -> Alert | None:
    """Tells that what is available fell below the threshold, once until it has risen to it again.

    Locks the account.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CROSS, {"business": business_id, "now": now})
        crossed = cursor.fetchone()
    if crossed is None:
        return None
    held = account.account(business_id=business_id, now=now)
    runway = account.runway(held=held, now=now)
    return alerts.raise_alert(
        business_id=business_id,
        kind="low_credit",
        key=f"low_credit:{business_id}:{crossed[0]}",
        severity="warning",
        title=f"{held.available} credits left",
        text=f"That lasts {runway['text']}.",
        now=now,
    )
