"""What the house pays for replies in a day, and where it stops: quotas limit each person, this limits all."""

from datetime import UTC, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum

from subscriptions.services import alerts
from support_chat.errors import DailyCostReached
from support_chat.models import SupportMessage


def check(*, now: datetime) -> None:
    """Raises DailyCostReached when the replies of this day (UTC) have cost CHAT_DAILY_COST_USD; 0: never.

    Operators are told once a day. Replies that are being written then are finished, so a day may cost as much
    more as they do.
    """
    most: Decimal = settings.CHAT_DAILY_COST_USD
    if most <= 0:
        return
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = SupportMessage.objects.filter(created_at__gte=start, created_at__lte=now)
    spent = today.aggregate(total=Sum("cost_usd"))["total"] or Decimal(0)
    if spent < most:
        return
    alerts.raise_alert(
        business_id=None,
        kind="cost_budget",
        key=f"chat_cost:{start:%Y-%m-%d}",
        severity="warning",
        title=f"The support chat has cost USD {spent:.2f} today and asks no model until tomorrow",
        text=f"CHAT_DAILY_COST_USD allows USD {most:.2f} a day. Until midnight (UTC) the chat answers with"
        " help articles as they are, and hands over to staff. The chat's figures in the admin show each day.",
        now=now,
    )
    raise DailyCostReached
