"""manage.py renew_storefront_plans: does what is due of every storefront plan."""

from collections import Counter
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from config.core.errors import DomainError
from config.core.moments import moment
from payments.errors import UnclaimedPayment
from subscriptions.services import storefronts

TELL_EVERY = 500
SAID = {
    "charge": "charges of saved cards",
    "remind": "owners asked",
    "lapse": "lapsed",
    "cancel": "ended as cancelled",
    "wait": "waiting for a payment that runs",
}

_log = structlog.get_logger("sika.storefronts")


class Command(BaseCommand):
    help = (
        "Renews the storefront plans that are due: charges saved cards, asks the other owners, reminds them,"
        " and ends what was not paid in time. An outage is caught up with month by month. Safe to repeat;"
        " runs every five minutes by itself. Exit code 0: done; 1: some could not be, see the log; 2: wrong"
        " arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of",
            help="as if it were this moment, ISO 8601, UTC by default; charges what would be due by then",
        )
        parser.add_argument("--dry-run", action="store_true", help="count them, do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = moment(options["as_of"])
        due = storefronts.due(now=now)
        if options["dry_run"]:
            self.stdout.write(f"{len(due):,} storefront plans are due.")
            return
        done: Counter[str] = Counter()
        failed = 0
        for count, plan_id in enumerate(due, start=1):
            try:
                done.update(storefronts.advance(plan_id=plan_id, now=now))
            except (DomainError, DatabaseError, UnclaimedPayment) as error:
                _log.exception(
                    "storefront_plan_not_renewed", plan_id=str(plan_id), error=type(error).__name__
                )
                failed += 1
            if count % TELL_EVERY == 0:
                self.stdout.write(f"{count:,} of {len(due):,} storefront plans ...")
        self.stdout.write(f"{len(due):,} storefront plans were due.")
        for what, words in SAID.items():
            self.stdout.write(f"  {words}: {done[what]:,}")
        if failed:
            raise CommandError(
                f"{failed:,} could not be renewed; the log says why. They are tried again.", returncode=1
            )
