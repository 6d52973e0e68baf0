"""manage.py release_stale_holds: gives back what calls that died had reserved."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from subscriptions.services import sweeps


class Command(BaseCommand):
    help = "Releases every open hold whose lease has ended. Safe to repeat; runs every minute by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count them, release none")

    def handle(self, *args: Any, **options: Any) -> None:
        count = sweeps.release_stale_holds(now=timezone.now(), dry_run=options["dry_run"])
        self.stdout.write(f"{count} holds {'would be' if options['dry_run'] else 'were'} released.")
