"""manage.py list_settlements: what the gateways paid out to our bank account."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.core.errors import DomainError
from payments import providers, selectors
from payments.services import settlements

DAYS = 30


class Command(BaseCommand):
    help = (
        "Asks the gateways for their payouts, keeps them, and prints them. Read every night by itself. There "
        "are none in test mode. Exit code 0: printed; 2: wrong arguments; 3: a gateway can't be asked, so "
        "what is printed is what was kept before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help=f"a date, e.g. 2026-11-01; default: {DAYS} days ago")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        since = _day(options["since"]) if options["since"] else now - timedelta(days=DAYS)
        failed = ""
        for gateway in providers.configured_direct():
            try:
                settlements.sync(gateway=gateway, since=since, now=now)
            except DomainError as error:
                failed = f"{gateway} can't be asked: {error.detail} These are the payouts kept before."
        rows = selectors.settlements(since=since.date())
        self._row("day", "gateway", "status", "collected", "fees", "deductions", "paid out")
        for row in rows:
            amounts = (row.total_ghs, row.fees_ghs, row.deductions_ghs, row.paid_out_ghs)
            words = [f"{amount:,.2f}" for amount in amounts]
            self._row(str(row.settled_on), row.gateway, row.status, *words)
        if failed:
            raise CommandError(failed, returncode=3)
        total = sum(row.paid_out_ghs for row in rows)
        self.stdout.write(f"{len(rows):,} payouts since {since:%Y-%m-%d}, GHS {total:,.2f} in all.")

    def _row(self, day: str, gateway: str, status: str, *amounts: str) -> None:
        self.stdout.write(f"{day:<11} {gateway:<9} {status:<11}{''.join(f'{one:>15}' for one in amounts)}")


def _day(text: str) -> datetime:
    try:
        moment = datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError:
        raise CommandError(f"--since: '{text}' is not a date, e.g. 2026-11-01", returncode=2) from None
    if moment > timezone.now():
        raise CommandError("--since lies in the future.", returncode=2)
    return moment
