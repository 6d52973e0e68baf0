"""When a month of the add-on starts, when its owner is reminded, when it lapses. The one place of that rule.

Moments, not days of somebody's calendar: months are counted in UTC from the anchor, days are 24 hours. A
business's time zone changes how they are shown, never when they are.
"""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

REMIND_ON = (0, 1, 3, 7)  # days after the renewal
GRACE = timedelta(days=8)  # the last reminder leaves one more day


def period_start(anchor_at: datetime, number: int) -> datetime:
    """Start of period `number`, always counted from the anchor: 31 Jan, 28 Feb, 31 Mar."""
    return anchor_at + relativedelta(months=number)


def lapses_at(period_end: datetime) -> datetime:
    """From this moment on, a month that was not paid is not paid any more."""
    return period_end + GRACE


def day_due(period_end: datetime, now: datetime) -> int:
    """The latest of the reminder days that has come. What an outage has skipped is not made up for."""
    return max(day for day in REMIND_ON if period_end + timedelta(days=day) <= now)


def next_look(period_end: datetime, now: datetime) -> datetime:
    """The next reminder after `now`, or the moment it lapses."""
    days = (period_end + timedelta(days=day) for day in REMIND_ON)
    return next((moment for moment in days if moment > now), lapses_at(period_end))
