"""The low-credit alert is told once, and again only after the account has risen to its threshold."""

from datetime import datetime

from django.db import connection

from subscriptions.models import BusinessAICredits

_ARM = """
UPDATE subscriptions_businessaicredits account SET low_credit_armed = true
 WHERE account.business_id = %(business)s AND NOT account.low_credit_armed
   AND greatest(account.balance - account.held - (
       SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
        WHERE business_id = %(business)s AND remaining > 0
          AND (expires_at <= %(now)s OR frozen_at IS NOT NULL)
   ), 0) >= account.low_credit_threshold
"""


def rearm(account: BusinessAICredits, *, now: datetime) -> None:
    """To be called when credits have come in: the caller has saved the account and holds its lock.

    At that very moment, so that two falls between two sweeps are two. Costs nothing while it is armed.
    """
    if not account.low_credit_armed:
        with connection.cursor() as cursor:
            cursor.execute(_ARM, {"business": account.pk, "now": now})
