"""Credits taken by hand: a correction, for which no money goes back."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from subscriptions.errors import NotEnoughToTake
from subscriptions.models import CreditEntry
from subscriptions.services import locks

from . import burning, entries


@transaction.atomic
def deduct(
    *, business_id: UUID, credits: Decimal, key: str, actor_id: int, note: str, now: datetime
) -> Decimal:
    """Takes credits in burn order, once per `key`; returns those taken now.

    All or none: what is frozen or held stays, and no debt is made. Locks account and grants. Raises
    NotEnoughToTake.
    """
    account = locks.lock_account(business_id=business_id)
    if CreditEntry.objects.filter(key=key).exists():
        return Decimal(0)
    taken = burning.burn(account, credits, now)
    found = entries.total(taken)
    if found < credits:
        raise NotEnoughToTake(
            f"Only {found:,.2f} credits can be taken: the rest is spent, disputed, or in use right now.",
            available=found,
        )
    account.balance -= found
    parts = [(grant, -amount) for grant, amount in taken]
    entries.write(account, "withdrawal", key, parts, actor_id=actor_id, note=note, now=now)
    account.save()
    return found
