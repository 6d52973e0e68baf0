"""What happens to a grant's credits when the money for it goes back, may go back, or stays after all."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, Sum

from config.core import money
from config.core.errors import Busy
from subscriptions.models import BusinessAICredits, CreditEntry, CreditGrant, CreditHold, CreditSlice
from subscriptions.services import locks

from . import arming, entries

_SPENDING = ("capture", "reversal", "debt_payment")


@transaction.atomic
def withdraw(
    *, grant_id: int, credits: Decimal, key: str, now: datetime, actor_id: int | None = None, note: str = ""
) -> None:
    """Takes unspent credits of a grant off the books, once per `key`, because their money goes back.

    Locks account and grant. Raises Busy when running calls need them.
    """
    account, grant = _lock(grant_id)
    if not CreditEntry.objects.filter(key=key).exists():
        _take(account, grant, credits, money.ZERO, key, now, actor_id, note)


@transaction.atomic
def set_taken_back(*, grant_id: int, credits: Decimal, key: str, now: datetime) -> None:
    """Has `credits` of a grant taken back, no more and no less, once per `key`: their money is not ours.

    More than before: what remains goes first, then what has expired counts (it is gone already), then what
    was spent becomes debt and leaves `total_used`, as nobody has paid for it. Fewer: they come back into the
    grant and pay debts first. Locks account and grant. Raises Busy when running calls need what remains; the
    caller tries again, by then they have spent it or not.
    """
    account, grant = _lock(grant_id)
    missing = credits - grant.taken_back
    if CreditEntry.objects.filter(key=key).exists():
        return
    if missing < 0:
        _give_back(account, grant, -missing, key, now)
    elif missing > 0:
        taken = min(grant.remaining, missing)
        spent, owed = _spent_and_owed(grant)
        debt = max(spent - (grant.credits - credits) - owed, money.ZERO)
        if taken + debt > 0:
            _take(account, grant, taken, debt, key, now)


@transaction.atomic
def set_frozen(*, grant_id: int, frozen: bool, now: datetime) -> None:
    """Makes what is left of a grant unusable for every hold from now on, or usable again.

    Holds placed before may still burn it. Locks account and grant.
    """
    account, grant = _lock(grant_id)
    if grant.frozen == frozen:
        return
    grant.frozen_at = _after_every_hold(account, now) if frozen else None
    grant.save(update_fields=["frozen_at"])
    account.freeze_count += 1
    account.save(update_fields=["freeze_count"])
    arming.rearm(account, now=now)


def _after_every_hold(account: BusinessAICredits, now: datetime) -> datetime:
    # Whoever asked for the time first need not have come first to the account's lock.
    holds = CreditHold.objects.filter(business_id=account.pk, state="open")
    newest = holds.order_by("-created_at").values_list("created_at", flat=True).first()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def _lock(grant_id: int) -> tuple[BusinessAICredits, CreditGrant]:
    business_id = CreditGrant.objects.values_list("business_id", flat=True).get(pk=grant_id)
    account = locks.lock_account(business_id=business_id)
    return account, CreditGrant.objects.select_for_update(no_key=True, of=("self",)).get(pk=grant_id)


def _free(account: BusinessAICredits, grant: CreditGrant, now: datetime) -> Decimal:
    """What the running calls can do without, when they can't have what is dead in other grants."""
    dead = Q(expires_at__lte=now) | Q(frozen_at__isnull=False)
    others = CreditGrant.objects.filter(dead, business_id=account.pk, remaining__gt=0).exclude(pk=grant.pk)
    unusable = others.aggregate(total=Sum("remaining"))["total"] or money.ZERO
    return max(account.balance - account.held - unusable, money.ZERO)


def _spent_and_owed(grant: CreditGrant) -> tuple[Decimal, Decimal]:
    """What was used of a grant, and how much of what was taken back of it was turned into debt."""
    sums = CreditSlice.objects.filter(grant=grant).aggregate(
        used=Sum("amount", filter=Q(entry__kind__in=_SPENDING)),
        withdrawn=Sum("amount", filter=Q(entry__grant_id=F("grant_id"))),
    )
    return -(sums["used"] or money.ZERO), grant.taken_back + (sums["withdrawn"] or money.ZERO)


def _take(
    account: BusinessAICredits,
    grant: CreditGrant,
    taken: Decimal,
    debt: Decimal,
    key: str,
    now: datetime,
    actor_id: int | None = None,
    note: str = "",
) -> None:
    if taken > _free(account, grant, now):
        raise Busy("Calls that are running need these credits. Nothing was changed; try again in a moment.")
    account.balance -= taken
    account.debt += debt
    account.total_used -= debt
    account.save()
    grant.remaining -= taken
    grant.taken_back += taken + debt
    grant.save(update_fields=["remaining", "taken_back"])
    entries.write(
        account,
        "withdrawal",
        key,
        [(grant, -taken)] if taken else [],
        debt_change=debt,
        grant_id=grant.pk,
        actor_id=actor_id,
        note=note,
        now=now,
    )


def _give_back(
    account: BusinessAICredits, grant: CreditGrant, credits: Decimal, key: str, now: datetime
) -> None:
    account.balance += credits
    grant.remaining += credits
    grant.taken_back -= credits
    grant.save(update_fields=["remaining", "taken_back"])
    entries.write(account, "return", key, [(grant, credits)], grant_id=grant.pk, now=now)
    entries.pay_debt(account, [(grant, credits)], f"{key}:debt", now)
    account.save()
    arming.rearm(account, now=now)
