"""What a business has to be told of by itself: stored once per cause, whoever sees it first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from config.core import money
from subscriptions.models import Alert
from subscriptions.selectors import account, suggestion, watch

from . import alerts, budgets, ledger, locks

_SWEEP = 500  # accounts in one run; the next one goes on

# One statement decides who tells: of many calls at once only one finds the account armed. What the others
# have changed meanwhile is read again, because the row is.
_CROSS = """
UPDATE subscriptions_businessaicredits account
   SET low_credit_armed = false, low_credit_crossings = low_credit_crossings + 1
 WHERE account.business_id = %(business)s AND account.low_credit_armed
   AND greatest(account.balance - account.held - (
       SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
        WHERE business_id = %(business)s AND remaining > 0
          AND (expires_at <= %(now)s OR frozen_at IS NOT NULL)
   ), 0) < account.low_credit_threshold
RETURNING account.low_credit_crossings
"""

_log = structlog.get_logger("sika.watching")


def check_business(*, business_id: UUID, now: datetime) -> None:
    """Raises what this business has to know now. Safe to repeat; locks its account, shortly."""
    raise_low_credit(business_id=business_id, now=now)
    budgets.raise_alerts(business_id=business_id, now=now)


@transaction.atomic
def raise_low_credit(*, business_id: UUID, now: datetime) -> Alert | None:
    """Tells that what is available fell below the threshold, once until it has risen to it again.

    Locks the account.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CROSS, {"business": business_id, "now": now})
        crossed = cursor.fetchone()
    if crossed is None:
        return None
    held = account.account(business_id=business_id, now=now)
    runway = account.runway(held=held, now=now)
    pack = suggestion.pack(held=held, now=now)
    left = money.text(held.available)
    text = f"You have {left} credits left: {runway['text']}."
    if held.available <= 0:
        text = "You have no credits left. AI features that cost credits are paused until you buy some."
    if pack is not None:
        text += (
            f"\n\nWe suggest the {pack.name} pack, {money.text(pack.credits)} credits for"
            f" GHS {money.text(pack.price_ghs)}: {pack.why}."
        )
    return alerts.raise_alert(
        business_id=business_id,
        kind="low_credit",
        key=f"low_credit:{business_id}:{crossed[0]}",
        severity="critical" if held.available <= 0 else "warning",
        title="No credits left" if held.available <= 0 else f"{left} credits left",
        text=text,
        link=f"{settings.PUBLIC_URL}/app/credits/buy" + (f"?pack={pack.type}" if pack else ""),
        data={
            "available": left,
            "threshold": money.text(held.low_credit_threshold),
            "runway_days": runway["days"],
            "suggested_pack": pack and {"type": pack.type, "price": money.text(pack.price_ghs)},
        },
        now=now,
    )


def sweep(*, now: datetime, dry_run: bool = False) -> int:
    """Finds what nobody told of: a lost task, an expiry, a freeze; budgets, too. Returns for how many.

    Also arms again what has risen without a grant: by a hold that was released, a lower threshold.
    """
    found = watch.crossed(now=now, limit=_SWEEP)
    fallen = [one.business_id for one in found if one.is_armed]
    over = watch.untold_budgets(now=now)
    if dry_run:
        return len(fallen) + len(over)
    risen = [one.business_id for one in found if not one.is_armed]
    _each(risen, lambda business_id: _rearm(business_id, now))
    told = _each(fallen, lambda business_id: raise_low_credit(business_id=business_id, now=now))
    return told + _each(over, lambda business_id: budgets.raise_alerts(business_id=business_id, now=now))


@transaction.atomic
def _rearm(business_id: UUID, now: datetime) -> None:
    ledger.rearm(locks.lock_account(business_id=business_id), now=now)


def warn_of_expiry(*, now: datetime, dry_run: bool = False) -> int:
    """Warns of credits that expire soon, once per moment of expiry and warning. Returns how many."""
    found = watch.expiring(now=now)
    return len(found) if dry_run else _each(found, lambda one: _warn(one, now))


def _warn(one: watch.Expiring, now: datetime) -> Alert | None:
    left = one.days_left(now)
    when = "within a day" if left <= 1 else f"in {left} days"
    date = one.expires_at.astimezone(ZoneInfo(one.timezone)).strftime("%-d %B %Y, %H:%M")
    credits = f"{money.text(one.credits)} {'' if one.is_paid else 'free '}credits"
    text = f"{credits} expire on {date}. They are spent first, so just go on using them."
    if one.is_addon:
        text += " When the monthly add-on renews, up to its pool of them rolls over."
    return alerts.raise_alert(
        business_id=one.business_id,
        kind="expiry",
        key=one.key,
        severity="warning" if one.days == 1 else "info",
        title=f"{credits} expire {when}",
        text=text,
        link=f"{settings.PUBLIC_URL}/app/credits",
        data={"credits": money.text(one.credits), "expires_at": one.expires_at.isoformat(), "days": one.days},
        now=now,
    )


def warn_of_spending(*, now: datetime, dry_run: bool = False) -> int:
    """Warns businesses that spend unusually much today, once a day. Returns how many."""
    found = watch.unusual_spend(now=now)
    return len(found) if dry_run else _each(found, lambda one: _warn_of_spend(one, now))


def _warn_of_spend(one: watch.Unusual, now: datetime) -> Alert | None:
    spent, median = money.text(one.spent), money.text(one.median)
    return alerts.raise_alert(
        business_id=one.business_id,
        kind="unusual_spend",
        key=one.key,
        severity="warning",
        title=f"{spent} credits spent today, much more than usual",
        text=(
            f"Your business has used {spent} credits today; on a usual day of the last two weeks it uses"
            f" {median}. If that is not you, look who used them, and revoke an API key you don't trust."
        ),
        link=f"{settings.PUBLIC_URL}/app/credits/usage",
        data={"spent": spent, "median": median, "day": str(one.day)},
        now=now,
    )


def _each(rows: Iterable[Any], act: Callable[[Any], Any]) -> int:
    """How many told something. One row that is locked or wrong must not keep the others waiting."""
    count = 0
    for row in rows:
        try:
            count += act(row) is not None
        except DatabaseError:
            _log.exception("left_for_the_next_run", row=str(row))
    return count
