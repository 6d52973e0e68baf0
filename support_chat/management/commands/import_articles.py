"""manage.py import_articles: loads the help articles and answers that ship with the product."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from support_chat.knowledge_files import UnreadableKnowledge
from support_chat.services import knowledge_import

_MARK = {"added": "+", "changed": "~", "withdrawn": "-", "kept": "=", "indexed": "i"}


class Command(BaseCommand):
    help = (
        "Loads the help articles and answers of support_chat/knowledge: shows what changes, safe to repeat. "
        "What was changed in the admin stays until its file changes. Exit code 0: they are in; 1: a file is "
        "not sound, each problem is named and nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show the changes, write nothing")
        parser.add_argument(
            "--overwrite", action="store_true", help="also put back what was changed in the admin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        try:
            changes = knowledge_import.run(
                now=timezone.now(), dry_run=dry_run, overwrite=options["overwrite"]
            )
        except UnreadableKnowledge as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] >= 1:
            for change in changes:
                self.stdout.write(_line(change))
        done = sum(change.kind != "kept" for change in changes)
        self.stdout.write(f"{done} articles and answers {'would change' if dry_run else 'changed'}.")


def _line(change: knowledge_import.Change) -> str:
    head = f"{_MARK[change.kind]} {change.what} {change.slug}"
    if change.kind == "kept":
        return f"{head}: {', '.join(change.fields)} as changed in the admin (--overwrite puts it back)"
    if change.kind == "indexed":
        return f"{head}: to be found by the words of this version"
    return f"{head}: {', '.join(change.fields)}" if change.fields else head
