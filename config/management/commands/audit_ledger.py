"""manage.py audit_ledger: lets the books prove themselves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.audit import INVARIANTS
from config.core.invariants import MAX_ROWS, violations


class Command(BaseCommand):
    help = "Checks every invariant of the books and names what breaks one. Exit code 0: all hold; 1: not."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for invariant in INVARIANTS:
            found = violations([invariant])
            self.stdout.write(f"{'BROKEN' if found else 'ok':<7} {invariant.name}")
            for violation in found:
                broken += 1
                for row in violation.named_rows():
                    self.stdout.write(f"          {row}")
                if len(violation.rows) == MAX_ROWS:
                    self.stdout.write("          perhaps more: these are the first")
        if broken:
            raise CommandError(f"{broken} of {len(INVARIANTS)} invariants are broken; the rows are above.")
        self.stdout.write(f"All {len(INVARIANTS)} invariants hold.")
