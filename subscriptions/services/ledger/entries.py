"""One line of the ledger with the slices that add up to it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import F

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
    grant_id: int | None = None,
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
        grant_id=grant_id,
        actor_id=actor_id,
        note=note,
        created_at=now,
    )
    CreditSlice.objects.bulk_create(
        [CreditSlice(entry=entry, grant=part, amount=amount) for part, amount in slices]
    )


def pay_debt(
    account: BusinessAICredits, parts: Iterable[tuple[CreditGrant, Decimal]], key: str, now: datetime
) -> Decimal:
    """Pays what is owed from credits that have just come in: at most the amount of each part, in order.

    Returns the credits paid. The caller has locked the account and the grants, and saves the account.
    """
    paid: list[tuple[CreditGrant, Decimal]] = []
    owed = account.debt
    for part, amount in parts:
        share = min(owed, amount)
        if share > 0:
            owed -= share
            paid.append((part, -share))
            CreditGrant.objects.filter(pk=part.pk).update(remaining=F("remaining") - share)
    if not paid:
        return money.ZERO
    change = total(paid)
    account.balance += change
    account.debt += change
    account.total_used -= change
    write(account, "debt_payment", key, paid, debt_change=change, now=now)
    return -change
