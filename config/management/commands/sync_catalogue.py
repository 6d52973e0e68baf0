"""manage.py sync_catalogue: loads prices and limits from the catalogue file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.catalogue.sync import FOLDER, CatalogueError, sync
from config.core.dated import Change

_MARK = {"added": "+", "changed": "~", "withdrawn": "-"}


class Command(BaseCommand):
    help = "Loads the catalogue file: shows what changes, adds dated rows, edits none. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="default: config/catalogue/<SIKA_MARKET>.toml")
        parser.add_argument("--dry-run", action="store_true", help="show the changes, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"] or FOLDER / f"{settings.MARKET}.toml"
        try:
            changes = sync(path=path, now=timezone.now(), dry_run=options["dry_run"])
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] >= 1:
            for change in changes:
                self.stdout.write(_line(change))
        verb = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{path.name}: {len(changes)} entries {verb}.")


def _line(change: Change) -> str:
    head = f"{_MARK[change.kind]} {change.section}.{change.key}"
    if change.kind == "withdrawn":
        return head
    pairs = (
        f"{name} {new}" if old is None else f"{name} {old} → {new}"
        for name, (old, new) in change.fields.items()
    )
    return f"{head} (from {change.effective_from:%Y-%m-%d %H:%M}): {', '.join(pairs)}"
