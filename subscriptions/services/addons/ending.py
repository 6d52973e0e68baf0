"""How an add-on ends: cancelled, lapsed, or refunded. The paid credits stay until their period ends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from subscriptions.errors import NoAddon
from subscriptions.models import AIMonthlyAddon
from subscriptions.selectors import addons
from subscriptions.services import locks

Status = AIMonthlyAddon.Status


@transaction.atomic
def cancel(*, business_id: UUID, immediate: bool, now: datetime) -> AIMonthlyAddon:
    """Stops renewing. The paid credits stay until the period ends, either way. Raises NoAddon.

    Immediate, or while a month is due, ends the subscription (and its status) now; otherwise it stays active
    until the period's end. What is paid for a due month afterwards is kept for a refund.
    """
    active = locks.lock_active_addons(business_id=business_id)
    if not active or addons.is_over(active[0], now):
        raise NoAddon
    (addon,) = active
    assert addon.period_end is not None
    addon.renews = False
    addon.cancelled_at = addon.cancelled_at or now
    if immediate or addon.period_end <= now:
        close(addon, Status.CANCELLED)
    else:
        addon.save()
    return addon


def end_refunded(*, payment_id: int) -> None:
    """Ends the add-on whose current month this attempt paid for: its money is gone, so it renews no more.

    One that has ended is left as it is, and so is one whose later month is paid. Locks the add-on.
    """
    addon = locks.lock_addon_paid_by(payment_id=payment_id)
    if addon is None or addon.status != Status.ACTIVE:
        return
    if addon.periods.filter(paid_by_id=payment_id, ends_at=addon.period_end).exists():
        close(addon, Status.REFUNDED)


def close(addon: AIMonthlyAddon, status: str) -> None:
    """The caller has locked it."""
    addon.status, addon.renews, addon.next_step_at = status, False, None
    addon.save()
