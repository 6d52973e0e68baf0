"""Corrections by hand: a grant, or credits taken away. Never an edit, and always with who and why."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts import selectors as accounts
from config.core import money
from config.core.errors import NotFound
from subscriptions.errors import AdjustmentRefused, AdjustmentRepeated
from subscriptions.models import CreditEntry, CreditGrant
from subscriptions.selectors import account

from . import ledger, locks

MAX_CREDITS = Decimal(100_000)
MAX_REASON = 200
MAX_KEY = 60


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """`repeated`: this was done before, and nothing was done now. `debt_paid`: by the grant, out of it."""

    credits: Decimal
    debt_paid: Decimal
    available: Decimal
    repeated: bool


@transaction.atomic
def adjust(
    *,
    business_id: UUID,
    credits: Decimal,
    reason: str,
    actor_id: int,
    now: datetime,
    key: str = "",
    expires_at: datetime | None = None,
) -> Adjusted:
    """Gives credits (or, below zero, takes them), once per business and `key`.

    Given credits are worth no money and pay a debt first. Taken ones leave in burn order, all or none: never
    what is frozen or held, and never into debt. Without a `key` it is made of the other values, so the same
    correction happens once. Locks account, then grants. Raises NotFound, AdjustmentRefused for values that
    make no sense, AdjustmentRepeated when `key` was used for another correction, NotEnoughToTake.
    """
    reason = reason.strip()
    check(business_id=business_id, credits=credits, reason=reason, key=key, expires_at=expires_at, now=now)
    locks.lock_account(business_id=business_id)
    cause = _cause(business_id, key or _digest(credits, reason, actor_id, expires_at))
    repeated = _was_done(cause, credits, reason, actor_id, expires_at)
    if not repeated and credits > 0:
        ledger.grant(
            business_id=business_id,
            credits=credits,
            source="adjustment",
            key=cause,
            unit_value_ghs=money.ZERO,
            expires_at=expires_at,
            actor_id=actor_id,
            note=reason,
            now=now,
        )
    elif not repeated:
        ledger.deduct(
            business_id=business_id, credits=-credits, key=cause, actor_id=actor_id, note=reason, now=now
        )
    return Adjusted(
        credits=credits,
        debt_paid=_debt_paid(cause),
        available=account.available(business_id=business_id, now=now),
        repeated=repeated,
    )


def check(
    *,
    business_id: UUID,
    credits: Decimal,
    reason: str,
    key: str,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Raises what `adjust` would raise for these values, whatever the business has. Writes nothing."""
    if not credits.is_finite() or credits == 0 or credits != money.credits_down(credits):
        raise AdjustmentRefused(
            "Credits are a number other than 0, with at most two decimals.", field="credits"
        )
    if abs(credits) > MAX_CREDITS:
        raise AdjustmentRefused(f"At most {MAX_CREDITS:,} credits can be corrected at once.", field="credits")
    if not reason or len(reason) > MAX_REASON:
        raise AdjustmentRefused(f"Give a reason of at most {MAX_REASON} characters.", field="reason")
    if len(key) > MAX_KEY or not (key.isascii() and (key == "" or key.isprintable())):
        raise AdjustmentRefused(f"A key has at most {MAX_KEY} printable characters.", field="key")
    if expires_at is not None and (credits < 0 or expires_at <= now):
        raise AdjustmentRefused(
            "Only given credits expire, and in the future. Leave the expiry out.", field="expires_at"
        )
    if not accounts.business_exists(business_id=business_id):
        raise NotFound("There is no business with this id.")


def _cause(business_id: UUID, key: str) -> str:
    return f"adjustment:{business_id}:{key}"


def _digest(credits: Decimal, reason: str, actor_id: int, expires_at: datetime | None) -> str:
    ends = "" if expires_at is None else f"{expires_at.timestamp()}"
    text = "\n".join([f"{credits:.2f}", str(actor_id), ends, reason])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _was_done(cause: str, credits: Decimal, reason: str, actor_id: int, expires_at: datetime | None) -> bool:
    """Whether this very correction was made. Raises AdjustmentRepeated for another one under the same key."""
    found = CreditEntry.objects.filter(key=cause).first()
    if found is None:
        return False
    ends = CreditGrant.objects.filter(key=cause).values_list("expires_at", flat=True).first()
    if (found.amount, found.note, found.actor_id, ends) != (credits, reason, actor_id, expires_at):
        raise AdjustmentRepeated
    return True


def _debt_paid(cause: str) -> Decimal:
    """By a correction that gave credits, in the moment that it did."""
    given = CreditGrant.objects.filter(key=cause).values_list("pk", flat=True).first()
    paid = CreditEntry.objects.filter(key=f"grant:{given}:debt").values_list("amount", flat=True).first()
    return -paid if paid else money.ZERO
