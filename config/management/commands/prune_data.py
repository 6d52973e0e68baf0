"""manage.py prune_data: forgets what is older than it may be."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import retention
from config.core import progress
from config.core.moments import past_moment
from config.core.retention import Kind, batches


class Command(BaseCommand):
    help = (
        "Forgets what the AI was asked and answered (90 days), messages of gateways (13 months), "
        "conversations (24 months after their last message; of guests 90 days) with their files, uploads "
        "that were never sent (a day), webhook deliveries (30 days), expired keys and sign-ins. The books "
        "stay. Safe to repeat and to run beside itself; runs every night by itself. Exit code 0: done; 1: "
        "some were in use and are left, run it again; 2: wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", help="as if it were this moment, ISO 8601, UTC by default; not later than now"
        )
        parser.add_argument("--dry-run", action="store_true", help="count them, forget none")

    def handle(self, *args: Any, **options: Any) -> None:
        now, left = past_moment(options["as_of"], else_lost="what may still be read"), 0
        for kind in retention.kinds(now=now):
            there = kind.rows().count()
            if options["dry_run"]:
                self.stdout.write(f"{there:,} {kind.name} would be forgotten.")
                continue
            gone = sum(1 for _ in progress.bar(_each(kind), total=there, out=self.stdout))
            self.stdout.write(f"{gone:,} {kind.name} were forgotten.")
            left += kind.rows().count()
        if left:
            raise CommandError(f"{left:,} were in use and are still there; run it again.")


def _each(kind: Kind) -> Iterator[int]:
    for batch in batches(kind=kind):
        yield from range(batch)
