"""Credits out of what a business has now, without a hold that reserved them."""

from datetime import datetime
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from config.core import money
from subscriptions.models import BusinessAICredits, CreditGrant

_IS_PAID = ExpressionWrapper(Q(unit_value_ghs__gt=0), output_field=BooleanField())


def burn(account: BusinessAICredits, wanted: Decimal, now: datetime) -> list[tuple[CreditGrant, Decimal]]:
    """Takes up to `wanted` from the live grants in burn order, but nothing that open holds have reserved.

    Returns what it took of which. The caller has locked the account, and writes the entry and the account.
    """
    live = list(
        CreditGrant.objects.select_for_update(no_key=True, of=("self",))
        .filter(business_id=account.pk, remaining__gt=0, frozen_at=None)
        .exclude(expires_at__lte=now)
        .order_by(F("expires_at").asc(nulls_last=True), _IS_PAID, "created_at", "pk")
    )
    left = min(wanted, sum((part.remaining for part in live), money.ZERO) - account.held)
    taken = []
    for part in live:
        amount = min(part.remaining, left)
        if amount > 0:
            CreditGrant.objects.filter(pk=part.pk).update(remaining=F("remaining") - amount)
            taken.append((part, amount))
            left -= amount
    return taken
