"""What is unused of the add-on at the end of a paid month, when the next one is paid."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from subscriptions.models import CreditGrant
from subscriptions.services import locks

from . import entries, sql


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
    what is kept. A second time finds nothing left to roll over.

    The caller has locked the account; locks grants.
    """
    is_running, kept, debt = sql.ROLL_OVER.row(
        {
            "business": business_id,
            "grants": list(grant_ids),
            "ended_at": ended_at,
            "expires_at": expires_at,
            "cap": cap,
            "key": key,
            "now": now,
        }
    )
    if is_running:
        return None
    if debt > 0 and kept > 0:
        account = locks.lock_account(business_id=business_id)
        usable = CreditGrant.objects.filter(
            pk__in=grant_ids, expires_at=expires_at, remaining__gt=0, frozen_at=None
        )
        parts = [
            (grant, grant.remaining) for grant in sorted(usable, key=lambda one: grant_ids.index(one.pk))
        ]
        entries.pay_debt(account, parts, f"{key}:debt", now)
        account.save()
    return Decimal(kept)
