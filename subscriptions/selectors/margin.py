"""What the credits of a call will bring in, before it is made."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from config.core import money
from subscriptions.errors import NotOnSale

from . import catalogue

# The part of the queue of live grants that this call will burn. What open holds have reserved lies before it:
# together they take held + credits whatever the order they end in, so this is what the call adds.
_SLICES = """
WITH queue AS (
    SELECT source, unit_value_ghs, remaining,
           sum(remaining) OVER (ORDER BY expires_at NULLS LAST, unit_value_ghs > 0, created_at, id)
             - remaining AS before
      FROM subscriptions_creditgrant
     WHERE business_id = %(business)s AND remaining > 0 AND frozen_at IS NULL
       AND (expires_at IS NULL OR expires_at > %(now)s)
), wanted AS (
    SELECT held AS first, held + %(credits)s AS last
      FROM subscriptions_businessaicredits WHERE business_id = %(business)s
)
SELECT source, unit_value_ghs, least(before + remaining, last) - greatest(before, first)
  FROM queue, wanted WHERE before < last AND before + remaining > first
"""

_FREE = {"monthly_free": "monthly"}


def expected_revenue(*, business_id: UUID, credits: Decimal, now: datetime) -> Decimal | None:
    """Cedis that `credits` of this business are worth when they are burnt next, in burn order. One query.

    Paid credits count at their unit value (their bonus is in it), free ones at list price × subsidy share.
    None when the live credits that nobody holds do not cover the call: the hold will say so.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SLICES, {"business": business_id, "credits": credits, "now": now})
        slices = cursor.fetchall()
    if sum((amount for _, _, amount in slices), money.ZERO) < credits:
        return None
    return sum(
        (
            amount * (unit_value or free_credit_ghs(source=source, now=now))
            for source, unit_value, amount in slices
        ),
        money.ZERO,
    )


def free_credit_ghs(*, source: str, now: datetime) -> Decimal:
    """Cedis a free credit counts for: list price × subsidy share.

    Credits that staff gave by hand count as those of the trial. 0 when nothing says what they are worth.
    """
    try:
        free = catalogue.free_credits(slug=_FREE.get(source, "trial"), now=now)
    except NotOnSale:
        return money.ZERO
    return catalogue.list_price_ghs(now=now) * free.subsidy_share
