"""manage.py renew_addons: does what is due of every monthly add-on."""

from collections import Counter
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from config.core.errors import DomainError
from config.core.moments import moment
from payments.errors import UnclaimedPayment
from subscriptions.services import addons

TELL_EVERY = 500
SAID = {
    "charge": "charges of saved cards",
    "remind": "owners asked",
    "lapse": "lapsed",
    "cancel": "ended as cancelled",
    "wait": "waiting for a payment that runs",
}

_log = structlog.get_logger("sika.addons")


class Command(BaseCommand):
    help = (
        "Renews the monthly add-ons that are due: charges saved cards, asks the other owners, reminds them, "
        "and ends what was not paid in time. An outage is caught up with month by month. Safe to repeat; "
        "runs every five minutes by itself. "
        "Exit code 0: done; 1: some could not be, see the log; 2: wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of",
            help="as if it were this moment, ISO 8601, UTC by default; charges what would be due by then",
        )
        parser.add_argument("--dry-run", action="store_true", help="count them, do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = moment(options["as_of"])
        due = addons.due(now=now)
        if options["dry_run"]:
            self.stdout.write(f"{len(due):,} add-ons are due.")
            return
        rolled = addons.finish_roll_overs(now=now)
        done: Counter[str] = Counter()
        failed = 0
        for count, addon_id in enumerate(due, start=1):
            try:
                done.update(addons.advance(addon_id=addon_id, now=now))
            except (DomainError, DatabaseError, UnclaimedPayment) as error:
                _log.exception("addon_not_renewed", addon_id=str(addon_id), error=type(error).__name__)
                failed += 1
            if count % TELL_EVERY == 0:
                self.stdout.write(f"{count:,} of {len(due):,} add-ons ...")
        self.stdout.write(f"{len(due):,} add-ons were due; {rolled:,} roll-overs that had waited are done.")
        for what, words in SAID.items():
            self.stdout.write(f"  {words}: {done[what]:,}")
        if failed:
            raise CommandError(
                f"{failed:,} could not be renewed; the log says why. They are tried again.", returncode=1
            )
