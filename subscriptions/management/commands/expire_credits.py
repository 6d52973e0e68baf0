"""manage.py expire_credits: takes expired credits off the books."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from subscriptions.services import sweeps


class Command(BaseCommand):
    help = "Takes expired credits off the books. Safe to repeat; runs every five minutes by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", help="as if it were this moment, ISO 8601, UTC by default; not later than now"
        )
        parser.add_argument("--dry-run", action="store_true", help="count them, expire none")

    def handle(self, *args: Any, **options: Any) -> None:
        now = _moment(options["as_of"])
        grants, credits = sweeps.expire_credits(now=now, dry_run=options["dry_run"])
        verb = "would expire" if options["dry_run"] else "expired"
        self.stdout.write(f"{credits} credits of {grants} grants {verb}.")


def _moment(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"'{text}' is not a time, e.g. 2026-12-01T00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > timezone.now():
        raise CommandError("--as-of lies in the future: credits that are still good would be lost")
    return moment
