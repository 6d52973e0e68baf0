"""What nobody ended is ended here. The database is the queue of record; every run is safe to repeat."""

from datetime import datetime
from decimal import Decimal

from subscriptions.models import CreditGrant, CreditHold

from . import ledger


def release_stale_holds(*, now: datetime, dry_run: bool = False) -> int:
    """Gives back every open hold whose lease has ended, each logged as abandoned; returns how many.

    Whoever wakes up later may still capture such a hold (late). Locks one hold and its account at a time.
    """
    stale = list(
        CreditHold.objects.filter(state="open", expires_at__lte=now)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if dry_run:
        return len(stale)
    return sum(ledger.release(hold_id=pk, error_code="abandoned", now=now, expired=True) for pk in stale)


def expire_credits(*, now: datetime, dry_run: bool = False) -> tuple[int, Decimal]:
    """Takes expired credits off the books; returns how many grants and credits.

    They were unusable from their expiry on; this only tidies. Locks one account at a time.
    """
    dead = CreditGrant.objects.filter(remaining__gt=0, expires_at__lte=now).order_by("pk")
    if dry_run:
        rest = list(dead.values_list("remaining", flat=True))
        return len(rest), sum(rest, Decimal(0))
    taken = [ledger.expire(grant_id=pk, now=now) for pk in dead.values_list("pk", flat=True)]
    return sum(1 for credits in taken if credits), sum(taken, Decimal(0))
