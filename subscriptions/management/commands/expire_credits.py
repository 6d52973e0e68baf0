"""manage.py expire_credits: takes expired credits off the books."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.core.moments import past_moment
from subscriptions.services import sweeps


class Command(BaseCommand):
    help = "Takes expired credits off the books. Safe to repeat; runs every five minutes by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", help="as if it were this moment, ISO 8601, UTC by default; not later than now"
        )
        parser.add_argument("--dry-run", action="store_true", help="count them, expire none")

    def handle(self, *args: Any, **options: Any) -> None:
        now = past_moment(options["as_of"], else_lost="credits that are still good")
        grants, credits = sweeps.expire_credits(now=now, dry_run=options["dry_run"])
        verb = "would expire" if options["dry_run"] else "expired"
        self.stdout.write(f"{credits} credits of {grants} grants {verb}.")
