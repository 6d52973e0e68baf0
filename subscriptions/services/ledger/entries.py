"""One line of the ledger with the slices that add up to it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from config.core import money
from subscriptions.models import BusinessAICredits, CreditEntry, CreditGrant, CreditSlice


def total(slices: Iterable[tuple[CreditGrant, Decimal]]) -> Decimal:
    return sum((amount for _, amount in slices), money.ZERO)


def write(
    account: BusinessAICredits,
    kind: str,
    key: str,
    slices: list[tuple[CreditGrant, Decimal]],
    *,
    now: datetime,
    debt_change: Decimal = money.ZERO,
    hold_id: int | None = None,
    actor_id: int | None = None,
    note: str = "",
) -> None:
    """Writes the entry; `account.balance` is the balance after it. The caller holds the account's lock."""
    entry = CreditEntry.objects.create(
        business_id=account.pk,
        kind=kind,
        amount=total(slices),
        debt_change=debt_change,
        balance_after=account.balance,
        key=key,
        hold_id=hold_id,
        actor_id=actor_id,
        note=note,
        created_at=now,
    )
    CreditSlice.objects.bulk_create(
        [CreditSlice(entry=entry, grant=part, amount=amount) for part, amount in slices]
    )
