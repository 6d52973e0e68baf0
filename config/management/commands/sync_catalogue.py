"""manage.py sync_catalogue: loads prices and limits from the catalogue file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.catalogue.notes import notes
from config.catalogue.sync import FOLDER, CatalogueError, read, sync
from config.core.dated import Change

_MARK = {"added": "+", "changed": "~", "withdrawn": "-"}


class Command(BaseCommand):
    help = (
        "Loads the catalogue file: shows what changes, adds dated rows, edits none. Safe to repeat. "
        "What was changed in the admin stays until the file changes the same entry. "
        "Exit code 0 when the file is sound, 1 when it is not (nothing is written then)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="default: config/catalogue/<SIKA_MARKET>.toml")
        parser.add_argument("--dry-run", action="store_true", help="show the changes, write nothing")
        parser.add_argument(
            "--overwrite", action="store_true", help="also put back what was changed in the admin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, dry_run, now = options["file"] or _market_file(), options["dry_run"], timezone.now()
        try:
            changes = sync(path=path, now=now, dry_run=dry_run, overwrite=options["overwrite"])
            if options["verbosity"] >= 1:
                self._explain(path, changes, now)
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"{path.name}: {len(changes)} entries {verb}.")

    def _explain(self, path: Path, changes: list[Change], now: Any) -> None:
        for change in changes:
            self.stdout.write(_line(change))
        all_differences = sync(path=path, now=now, dry_run=True, overwrite=True)
        changing = {(change.section, change.key) for change in changes}
        kept = [f"{c.section}.{c.key}" for c in all_differences if (c.section, c.key) not in changing]
        if kept:
            self.stdout.write(
                f"Kept as changed outside the file (--overwrite puts it back): {', '.join(kept)}"
            )
        for note in notes(read(path)[0], now=now):
            self.stdout.write(f"Note: {note}")


def _market_file() -> Path:
    path = FOLDER / f"{settings.MARKET}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
        raise CommandError(f"SIKA_MARKET={settings.MARKET} has no catalogue; there are: {known}")
    return path


def _line(change: Change) -> str:
    head = f"{_MARK[change.kind]} {change.section}.{change.key} (from {change.effective_from:%Y-%m-%d %H:%M})"
    if change.kind == "withdrawn":
        return head
    pairs = (
        f"{name} {_shown(new)}" if change.kind == "added" else f"{name} {_shown(old)} → {_shown(new)}"
        for name, (old, new) in change.fields.items()
        if change.kind == "changed" or new not in (None, "", False, [])
    )
    return f"{head}: {', '.join(pairs)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return "none" if value in (None, "") else str(value)
