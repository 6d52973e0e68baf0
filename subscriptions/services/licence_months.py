"""In which order the paid months of one licence are used. Computing alone; nothing here asks the database.

The highest plan goes first: what is left of a lower one waits, and goes on when the higher is over. Months of
the same plan follow each other in the order they were paid, counted from the first one's start: 31 Jan,
28 Feb, 31 Mar.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from subscriptions.models import LicenceMonth

_NOTHING = timedelta(0)
_LAST = datetime.max.replace(tzinfo=UTC)


def lay_out(
    months: Sequence[LicenceMonth], *, price_usd: Callable[[LicenceMonth], Decimal], now: datetime
) -> datetime:
    """Gives the months that are not over their place from `now` on, without gap; returns where the last ends.

    One that runs and is still the highest stays as it is. The rest of one that was begun keeps its length to
    the microsecond, a month that was not begun is a calendar month from wherever it starts. Twice is once.
    """

    def order(month: LicenceMonth) -> tuple[Decimal, str]:
        return (price_usd(month), month.plan)

    def turn(month: LicenceMonth) -> tuple[bool, bool, datetime, datetime | None]:
        return not _runs(month, now), not _is_begun(month, now), month.starts_at or _LAST, month.paid_at

    queue = sorted(sorted(months, key=turn), key=order, reverse=True)
    cursor, before = now, None
    for month in queue:
        if month is queue[0] and _runs(month, now):
            pass  # goes on
        elif _is_begun(month, now):
            _move_rest(month, cursor, now)
        else:
            _place(month, cursor, before)
        assert month.ends_at is not None
        cursor, before = month.ends_at, month
    return cursor


def give_back(month: LicenceMonth, *, after: datetime) -> None:
    """Makes a month that was taken back wait for its place, behind `after`, with what was left of it."""
    assert month.starts_at is not None and month.taken_back_at is not None
    left = month.rest(now=month.taken_back_at)
    if left:
        month.used += max(month.taken_back_at - month.starts_at, _NOTHING)
    if left and month.used:
        month.anchor_at, month.starts_at, month.ends_at = after, after, after + left
    elif left:  # not begun: a month from wherever it starts
        month.anchor_at = month.starts_at = month.ends_at = None
    month.taken_back_at = None


def _runs(month: LicenceMonth, now: datetime) -> bool:
    return month.starts_at is not None and month.starts_at <= now


def _is_begun(month: LicenceMonth, now: datetime) -> bool:
    return month.used > _NOTHING or _runs(month, now)


def _move_rest(month: LicenceMonth, to: datetime, now: datetime) -> None:
    assert month.starts_at is not None
    left = month.rest(now=now)
    month.used += max(now - month.starts_at, _NOTHING)
    month.anchor_at, month.starts_at, month.ends_at = to, to, to + left


def _place(month: LicenceMonth, at: datetime, before: LicenceMonth | None) -> None:
    follows = before is not None and before.plan == month.plan and before.used == _NOTHING
    anchor = before.anchor_at if before is not None and follows else at
    assert anchor is not None
    month.anchor_at, month.starts_at = anchor, at
    month.ends_at = at + relativedelta(months=1, day=anchor.day)
