"""What is unused of the add-on at the end of a paid month, when the next one is paid."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from subscriptions.models import CreditGrant
from subscriptions.services import locks

from . import entries
from .grants import has_older_holds


@transaction.atomic(savepoint=False)
def roll_over(
    *,
    business_id: UUID,
    grant_ids: Sequence[int],
    ended_at: datetime,
    expires_at: datetime,
    cap: Decimal,
    key: str,
    now: datetime,
) -> Decimal | None:
    """Keeps up to `cap` credits of grants that expired at `ended_at` until `expires_at`, writes off the rest.

    `grant_ids` come oldest first, and the oldest are trimmed first. Returns what was kept. None while a call
    still runs that was placed before the end: what it leaves is not known yet, so nothing changes and the
    caller asks again later. A frozen grant counts like any other and stays frozen. One of which something was
    taken back lives on in any case: should its refund fail, what comes back can be used. Debts are paid from
    what is kept. A second time finds nothing left to roll over. Locks account and grants.
    """
    account = locks.lock_account(business_id=business_id)
    if has_older_holds(business_id, ended_at):
        return None
    ended = CreditGrant.objects.select_for_update(no_key=True, of=("self",)).filter(
        Q(remaining__gt=0) | Q(taken_back__gt=0), pk__in=grant_ids, expires_at=ended_at
    )
    found = {grant.pk: grant for grant in ended.order_by("pk")}
    room, kept, cut = cap, [], []
    for grant in (found[pk] for pk in reversed(grant_ids) if pk in found):
        stays = min(grant.remaining, room)
        room -= stays
        if grant.remaining > stays:
            cut.append((grant, stays - grant.remaining))
            grant.remaining = stays
        if stays or grant.taken_back:
            kept.append((grant, stays))
            grant.expires_at = expires_at
    CreditGrant.objects.bulk_update(found.values(), ["remaining", "expires_at"])
    if cut:
        account.balance += entries.total(cut)
        entries.write(account, "expiry", key, cut[::-1], now=now)
    usable = [(grant, amount) for grant, amount in reversed(kept) if not grant.frozen]
    entries.pay_debt(account, usable, f"{key}:debt", now)
    account.save()
    return cap - room
