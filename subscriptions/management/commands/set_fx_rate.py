"""manage.py set_fx_rate USD 15.80 (or --fetch): cedis for one dollar, from now on or from a given moment."""

import argparse
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.core.errors import DomainError
from subscriptions.models import FxRate
from subscriptions.services import fx, fx_source


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time, e.g. 2026-12-01T00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Sets how many cedis one unit of a currency costs, or fetches it from FX_SOURCE_URL. Adds a dated "
        "row; what was booked keeps its rate. "
        "Exit code 0 when set, 1 when refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("currency", nargs="?", type=str.upper, help="e.g. USD")
        parser.add_argument("ghs", nargs="?", type=_number, help="cedis for one unit, e.g. 15.80")
        parser.add_argument(
            "--fetch", action="store_true", help="take the rate of USD from FX_SOURCE_URL, from now on"
        )
        parser.add_argument(
            "--from", dest="start", type=_moment, help="ISO 8601, UTC by default; default: now"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the change, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now, dry_run = timezone.now(), options["dry_run"]
        currency, ghs, start = options["currency"], options["ghs"], options["start"] or now
        if options["fetch"]:
            if ghs is not None or options["start"] or currency not in (None, fx_source.CURRENCY):
                raise CommandError("--fetch finds the rate of USD, from now on: give no rate and no --from")
            currency = fx_source.CURRENCY
        elif ghs is None:
            raise CommandError("give a currency and its rate, e.g. USD 15.80, or --fetch")
        before = FxRate.find(currency, start)
        try:
            if options["fetch"]:
                ghs = fx_source.refresh(now=now, dry_run=dry_run).normalize()
            else:
                fx.check(currency=currency, ghs=ghs)
                if not dry_run:
                    fx.set_rate(currency=currency, ghs=ghs, effective_from=start, source="set_fx_rate")
        except DomainError as error:
            raise CommandError(error.detail) from error
        old = f"{before.ghs.normalize():f}" if before else "none"
        verb = "would be" if dry_run else "is"
        self.stdout.write(f"1 {currency} {verb} {ghs:f} GHS from {start:%Y-%m-%d %H:%M} UTC (before: {old}).")
