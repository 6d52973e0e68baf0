"""Who was refused by a quota. Operators are told when it is more than a few: then the quota is too small."""

from datetime import UTC, datetime
from uuid import UUID

from subscriptions.models import QuotaRefusal

# What a person can do nothing about but wait or upgrade. Too few credits is not one: that is a sale.
QUOTAS = frozenset({"daily_limit", "monthly_limit", "budget_exceeded"})


def note(*, business_id: UUID, user_id: int, code: str, now: datetime) -> None:
    """Once per person, day (UTC) and quota; again changes nothing."""
    row = QuotaRefusal(business_id=business_id, user_id=user_id, code=code, day=now.astimezone(UTC).date())
    QuotaRefusal.objects.bulk_create([row], ignore_conflicts=True)
