"""manage.py send_alerts: what somebody should have been told, found and sent."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.core.moments import moment
from subscriptions.services import deliveries, operations, watching


class Command(BaseCommand):
    help = (
        "Looks for everything that businesses and operators have to be told of, stores it once per cause, and"
        " sends what is due. Safe to repeat; all of it also happens by itself. Exit code 1: something could"
        " not be sent; it is tried again by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", help="as if it were this moment, ISO 8601, UTC by default")
        parser.add_argument("--dry-run", action="store_true", help="count, store and send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now, dry_run = moment(options["as_of"]), options["dry_run"]
        verb = "would be told" if dry_run else "told"
        for name, look in (
            ("low credit and budgets", watching.sweep),
            ("credits that expire", watching.warn_of_expiry),
            ("unusual spend", watching.warn_of_spending),
            ("operations", operations.watch),
        ):
            self.stdout.write(f"{name}: {look(now=now, dry_run=dry_run)} {verb}")
        if dry_run:
            self.stdout.write(f"deliveries: {len(deliveries.due(now=now, limit=1_000_000)):,} due")
            return
        self._send(now)

    def _send(self, now: datetime) -> None:
        outcomes: list[str] = []
        while batch := deliveries.due(now=now):
            outcomes += [deliveries.deliver(delivery_id=one, now=now) for one in batch]
            self.stderr.write(f"{len(outcomes):,} deliveries so far")
        sent, failed = outcomes.count("sent"), outcomes.count("") + outcomes.count("gave_up")
        self.stdout.write(f"deliveries: {sent:,} sent, {failed:,} failed")
        if failed:
            raise CommandError("The admin's list of alert deliveries says why.")
