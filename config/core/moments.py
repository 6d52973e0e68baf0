"""Times that a person types after a command's `--as-of`."""

from datetime import UTC, datetime

from django.core.management import CommandError
from django.utils import timezone


def moment(text: str | None) -> datetime:
    """ISO 8601, in UTC unless it says otherwise; None is now. Raises CommandError, exit code 2."""
    if text is None:
        return timezone.now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"'{text}' is not a time, e.g. 2026-12-01T00:00Z", returncode=2) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def past_moment(text: str | None, *, else_lost: str) -> datetime:
    """As `moment`; for what can't be undone, refuses the future and says what of it would be lost."""
    found = moment(text)
    if found > timezone.now():
        raise CommandError(f"--as-of lies in the future: {else_lost} would be lost", returncode=2)
    return found
