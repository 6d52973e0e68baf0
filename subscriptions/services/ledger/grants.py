"""Credits in, credits expired, credits given back."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from config.core import money
from subscriptions.models import CreditEntry, CreditGrant, CreditHold, CreditSlice
from subscriptions.selectors import addons
from subscriptions.services import locks

from . import arming, entries


@transaction.atomic(savepoint=False)
def grant(
    *,
    business_id: UUID,
    credits: Decimal,
    source: str,
    key: str,
    unit_value_ghs: Decimal,
    now: datetime,
    expires_at: datetime | None = None,
    actor_id: int | None = None,
    note: str = "",
) -> CreditGrant:
    """Adds a bucket of credits once per `key` and pays any debt from it. Locks the account."""
    account = locks.lock_account(business_id=business_id)
    made, created = CreditGrant.objects.get_or_create(
        key=key,
        defaults={
            "business_id": business_id,
            "source": source,
            "credits": credits,
            "remaining": credits,
            "unit_value_ghs": unit_value_ghs,
            "expires_at": expires_at,
            "created_at": now,
        },
    )
    if not created:
        return made
    account.balance += credits
    if unit_value_ghs > 0:
        account.total_purchased += credits
    entries.write(account, "grant", key, [(made, credits)], now=now, actor_id=actor_id, note=note)
    made.remaining -= entries.pay_debt(account, [(made, credits)], f"grant:{made.pk}:debt", now)
    account.save()
    arming.rearm(account, now=now)
    return made


@transaction.atomic
def expire(*, grant_id: int, now: datetime) -> Decimal:
    """Takes what is left of an expired grant off the books; returns those credits. Locks account and grant.

    Leaves it for a later run while a hold placed before the expiry is open, which may still burn it, and
    while its add-on may still roll it over.
    """
    business_id = CreditGrant.objects.values_list("business_id", flat=True).get(pk=grant_id)
    account = locks.lock_account(business_id=business_id)
    dead = CreditGrant.objects.select_for_update(no_key=True, of=("self",)).get(pk=grant_id)
    if dead.remaining == 0 or dead.expires_at is None or dead.expires_at > now:
        return money.ZERO
    if _has_older_holds(business_id, dead.expires_at):
        return money.ZERO
    if CreditGrant.objects.filter(addons.may_roll_over(), pk=grant_id).exists():
        return money.ZERO
    taken = dead.remaining
    account.balance -= taken
    # A reversal can put credits back into an expired grant, so it may expire more than once.
    times = CreditSlice.objects.filter(grant=dead, entry__kind="expiry").count()
    entries.write(account, "expiry", f"grant:{grant_id}:expiry:{times + 1}", [(dead, -taken)], now=now)
    dead.remaining = money.ZERO
    dead.save(update_fields=["remaining"])
    account.save()
    return taken


def _has_older_holds(business_id: UUID, moment: datetime) -> bool:
    """Whether a call still runs that may burn what expired at `moment`."""
    return CreditHold.objects.filter(business_id=business_id, state="open", created_at__lt=moment).exists()


@transaction.atomic
def reverse(*, hold_id: int, now: datetime, actor_id: int | None = None, note: str = "") -> Decimal:
    """Gives a captured charge back into the very grants it came from, once; returns the credits given back.

    A debt is paid from those that have not expired. Locks hold, account and grants.
    """
    spent = locks.lock_hold(hold_id=hold_id)
    account = locks.lock_account(business_id=spent.business_id)
    key = f"hold:{hold_id}:reversal"
    if CreditEntry.objects.filter(key=key).exists():
        return money.ZERO
    taken = CreditSlice.objects.filter(entry__hold_id=hold_id, entry__kind="capture").select_related("grant")
    back = [(part.grant, -part.amount) for part in taken.order_by("grant_id")]
    if not back:
        return money.ZERO
    credits = entries.total(back)
    account.balance += credits
    account.total_used -= credits
    entries.write(account, "reversal", key, back, now=now, hold_id=hold_id, actor_id=actor_id, note=note)
    for part, amount in back:
        CreditGrant.objects.filter(pk=part.pk).update(remaining=F("remaining") + amount)
    good = [(part, amount) for part, amount in back if part.expires_at is None or part.expires_at > now]
    entries.pay_debt(account, good, f"{key}:debt", now)
    account.save()
    arming.rearm(account, now=now)
    return credits
