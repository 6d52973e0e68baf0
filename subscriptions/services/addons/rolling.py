"""Unused credits of the add-on kept for another month."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction

from config.core import money
from subscriptions.models import AddonPeriod, AIMonthlyAddon
from subscriptions.services import ledger, locks

_log = structlog.get_logger("sika.addons")


def roll_over(*, period: AddonPeriod, addon: AIMonthlyAddon, now: datetime) -> Decimal | None:
    """What the paid `period` keeps of the months before it; None while that can't be told.

    Month by month, oldest first. The caller has locked the add-on and the account; locks grants.
    """
    if period.number == 0:
        return money.ZERO
    assert period.starts_at is not None and period.ends_at is not None
    earlier = addon.periods.filter(number__lt=period.number, grant__isnull=False).order_by("number")
    rows = list(earlier.values_list("grant_id", "rolled_over"))
    if any(kept is None for _, kept in rows):
        return None
    return ledger.roll_over(
        business_id=addon.business_id,
        grant_ids=[grant_id for grant_id, _ in rows if grant_id is not None],
        ended_at=period.starts_at,
        expires_at=period.ends_at,
        cap=addon.rollover_cap,
        key=f"addon:{addon.pk}:period:{period.number}:rollover",
        now=now,
    )


def finish_roll_overs(*, now: datetime) -> int:
    """Those that waited for running calls; returns how many are done. One that is locked is left."""
    waiting = AddonPeriod.objects.filter(grant__isnull=False, rolled_over__isnull=True)
    done = 0
    for pk, addon_id in list(waiting.order_by("addon", "number").values_list("pk", "addon_id")):
        try:
            done += _finish(pk, addon_id, now)
        except DatabaseError:
            _log.exception("left_for_the_next_run", row=pk)
    return done


@transaction.atomic
def _finish(period_id: int, addon_id: UUID, now: datetime) -> bool:
    addon = locks.lock_addon(addon_id=addon_id)
    period = AddonPeriod.objects.get(pk=period_id)
    if period.rolled_over is None:
        locks.lock_account(business_id=addon.business_id)
        period.rolled_over = roll_over(period=period, addon=addon, now=now)
        period.save(update_fields=["rolled_over"])
    return period.rolled_over is not None
