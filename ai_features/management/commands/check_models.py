"""manage.py check_models: prices, last days and reachability of the models in use, and what calls earn."""

import argparse
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ai_features.services import margin_table, model_check
from config.core.errors import DomainError


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time, e.g. 2026-12-01T00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Checks every model that a route names: is its price known, when does it end, does its provider have "
        "it. Stores an alert for what is wrong, or ends within 30 days, once. "
        "Exit code 0: all can be used; 1: not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=_moment, help="as if it were this moment, ISO 8601, UTC by default"
        )
        parser.add_argument(
            "--reach", action="store_true", help="also ask each provider for its models (one free call)"
        )
        parser.add_argument(
            "--margins",
            action="store_true",
            help="show instead what each feature earns; exit code 1 when the margin floor refuses one",
        )
        parser.add_argument("--dry-run", action="store_true", help="store no alerts")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["as_of"] or timezone.now()
        if options["margins"]:
            self._margins(now)
            return
        models = model_check.check(now=now, reach=options["reach"])
        self._table(models)
        if not options["dry_run"]:
            new = model_check.tell(models, now=now)
            self.stdout.write(f"{new} new alerts.")
        wrong = sum(model.state == "error" for model in models)
        if wrong or not models:
            raise CommandError(f"{wrong} of {len(models)} models can't be used; see above.")

    def _table(self, models: list[model_check.Checked]) -> None:
        self.stdout.write(f"{'state':<8} {'model':<28} {'routes':<16} {'USD per million':<22} ends")
        for model in models:
            price = "none"
            if model.price is not None:
                prices = (model.price.input_usd, model.price.cached_input_usd, model.price.output_usd)
                price = " / ".join(f"{usd.normalize():f}" for usd in prices)
            ends = str(model.shutdown_on or "-")
            line = f"{model.state:<8} {model.slug:<28} {','.join(model.routes):<16} {price:<22} {ends}"
            self.stdout.write(f"{line}  {model.problem}" if model.problem else line)

    def _margins(self, now: datetime) -> None:
        try:
            table = margin_table.lines(now=now)
            for line in margin_table.markdown(table, now=now):
                self.stdout.write(line)
        except DomainError as error:
            raise CommandError(error.detail) from error
        refused = [f"{feature} on {source} credits" for feature, source in margin_table.refused(table)]
        if refused:
            raise CommandError(f"No model leaves the margin floor for: {', '.join(refused)}.")
