"""manage.py import_users FILE.csv: existing POS users with their businesses and free licences."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from subscriptions.services import imports

_EVERY = 500


class Command(BaseCommand):
    help = (
        "Gives existing POS users an account, their business and free licences. The file has the columns"
        " email, name, phone, business, role; each business needs the row of its owner. Nobody gets a"
        " password: they sign in by asking for a new one. Importing a file again changes nothing."
        " Exit code 0: all is in; 1: some rows are not, each is named with what to do; 2: wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check every row, write nothing")
        parser.add_argument(
            "--encoding", default="utf-8", choices=["utf-8", "latin-1", "windows-1252"], help="of the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = imports.read(options["file"].read_bytes(), encoding=options["encoding"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.", returncode=2) from None
        except imports.UnreadableFile as error:
            raise CommandError(f"{options['file']}: {error.detail} Nothing was imported.") from None
        new_users, new_members, failed = 0, 0, 0
        dry_run = options["dry_run"]
        for done, one in enumerate(imports.import_rows(rows=rows, now=timezone.now(), dry_run=dry_run), 1):
            new_users += one.is_new_user
            new_members += one.is_new_member
            failed += bool(one.problem)
            if one.problem or one.note:
                self.stdout.write(f"row {one.row.number}: {one.problem or one.note}")
            if done % _EVERY == 0:
                self.stderr.write(f"{done} of {len(rows)} rows")
        would = "would be " if dry_run else ""
        self.stdout.write(
            f"{len(rows)} rows: {new_users} users and {new_members} memberships {would}new, {failed} failed."
        )
        if failed:
            raise CommandError(f"{failed} of {len(rows)} rows were not imported. Correct them, import again.")
