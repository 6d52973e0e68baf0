"""manage.py roll_up_usage: sums up AI uses by day, for usage-stats and the analytics."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import selectors as accounts
from config.core import progress
from config.core.moments import moment
from subscriptions.services import rollups


class Command(BaseCommand):
    help = (
        "Sums up AI uses by day. Safe to repeat and to run beside itself; runs every ten minutes by itself. "
        "Exit code 0: done; 1: --verify found sums that are wrong, or a business could not be done; "
        "2: wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", help="as if it were this moment, ISO 8601, UTC by default")
        parser.add_argument("--business", help="only this one (its id)")
        parser.add_argument("--dry-run", action="store_true", help="count the businesses, sum nothing")
        parser.add_argument(
            "--rebuild", action="store_true", help="forget the sums and build them from the uses again"
        )
        parser.add_argument(
            "--verify", action="store_true", help="sum nothing: compare every sum with its uses"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, chosen = moment(options["as_of"]), _business(options["business"])
        if options["verify"]:
            self._verify(chosen)
            return
        ids = rollups.due(now=now)
        if options["rebuild"]:
            ids = rollups.everyone()
        if chosen is not None:
            ids = [chosen] if options["rebuild"] or chosen in ids else []
        if options["dry_run"]:
            self.stdout.write(f"{_count(ids)} would be summed up.")
            return
        summed, failed = 0, []
        for business_id in progress.bar(ids, total=len(ids), out=self.stdout):
            if options["rebuild"]:
                rollups.forget(business_id=business_id)
            done = rollups.try_roll_up(business_id=business_id, now=now)
            summed += done or 0
            failed += [business_id] if done is None else []
        self.stdout.write(f"{summed:,} uses of {_count(ids)} were summed up.")
        if failed:
            raise CommandError(f"{_count(failed)} could not be done; run it again: {_named(failed)}")

    def _verify(self, chosen: UUID | None) -> None:
        ids = rollups.everyone() if chosen is None else [chosen]
        wrong = []
        for business_id in progress.bar(ids, total=len(ids), out=self.stdout):
            days = rollups.differences(business_id=business_id)
            wrong += [business_id] if days else []
            for day in days:
                self.stdout.write(f"{business_id} {day}: the sums are not those of the uses")
        if wrong:
            raise CommandError(
                f"The sums of {_count(wrong)} are wrong. --rebuild builds them from the uses again."
            )
        self.stdout.write(f"The sums of {_count(ids)} equal their uses.")


def _count(ids: list[UUID]) -> str:
    return f"{len(ids):,} {'business' if len(ids) == 1 else 'businesses'}"


def _named(ids: list[UUID]) -> str:
    return ", ".join(map(str, ids[:10]))


def _business(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        found = accounts.business(business_id=UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"'{text}' is not the id of a business", returncode=2)
    return found.pk
