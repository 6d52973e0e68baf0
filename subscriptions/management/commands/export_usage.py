"""manage.py export_usage: the AI uses of a business as CSV, with what they cost and earned."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import selectors as accounts
from config.core import csv_text, progress
from subscriptions import statement_csv
from subscriptions.selectors import uses


class Command(BaseCommand):
    help = (
        "Writes every AI use of a business from one day to another as CSV, oldest first, with provider cost "
        "and revenue. Reads only. Exit code 0: written; 1: the file could not be written; 2: wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--business", required=True, metavar="ID")
        parser.add_argument("--from", dest="first", required=True, help="first day, e.g. 2026-11-01")
        parser.add_argument("--to", dest="last", required=True, help="last day, included")
        parser.add_argument("--out", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        business = _business(options["business"])
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        today = timezone.now().astimezone(ZoneInfo(business.timezone)).date()
        if first > last:
            raise CommandError(f"--from {first} is after --to {last}", returncode=2)
        if last > today:
            raise CommandError(f"--to {last} is in the future; today is {today}", returncode=2)
        wanted = uses.Filter(first=first, last=last)
        found = uses.uses(business_id=business.pk, wanted=wanted, timezone=business.timezone)
        shown = progress.bar(uses.oldest_first(found), total=found.count(), out=self.stderr)
        rows = statement_csv.use_rows(shown, timezone=business.timezone, now=timezone.now(), costs=True)
        if options["out"] is None:
            for line in csv_text.written(rows):
                self.stdout.write(line, ending="")
            return
        count = _write(Path(options["out"]), csv_text.written(rows)) - 1
        self.stdout.write(f"{count:,} uses were written to {options['out']}.")


def _write(path: Path, lines: Iterator[str]) -> int:
    """Under another name until it is complete: half an export is never taken for one. Returns the lines."""
    part, count = path.with_name(f"{path.name}.part"), 0
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            for line in lines:
                file.write(line)
                count += 1
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error
    return count


def _business(text: str) -> Any:
    try:
        found = accounts.business(business_id=UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"'{text}' is not the id of a business", returncode=2)
    return found


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option}: '{text}' is not a day, e.g. 2026-11-21", returncode=2) from None
