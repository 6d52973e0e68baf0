"""Debts by age in the usual four bands. What is not due yet counts as 0-30."""

BANDS = ("0-30", "31-60", "61-90", "90+")
_UP_TO = (30, 60, 90)


def band(days_overdue: int) -> str:
    """Day 30 is still 0-30, day 91 the first of 90+."""
    return next(
        (name for name, limit in zip(BANDS, _UP_TO, strict=False) if days_overdue <= limit), BANDS[-1]
    )
