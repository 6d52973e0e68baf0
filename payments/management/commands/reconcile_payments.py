"""manage.py reconcile_payments: our payments against the gateway's list, both ways."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments import providers
from payments.services import reconciliation
from payments.services.findings import Findings, Total

DAYS = 3
TELL_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Compares our payments with what the gateway lists, settles those of ours that were paid, "
        "follows refunds and disputes that nobody told us of, and reports whatever else differs with what to "
        "do about it. Safe to repeat; runs every night by itself. "
        "Exit code 0: all agrees; 1: differences remain; 2: wrong arguments; 3: a gateway failed midway."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help=f"ISO 8601, UTC by default; default: {DAYS} days before the end")
        parser.add_argument("--until", help="ISO 8601, not included; default: now")
        parser.add_argument("--gateway", help="paystack or stripe; default: each that has its keys here")
        parser.add_argument("--dry-run", action="store_true", help="report, write nothing")
        parser.add_argument("--as-of", help="as if it were this moment, ISO 8601; not later than now")

    def handle(self, *args: Any, **options: Any) -> None:
        now = _moment("--as-of", options["as_of"]) or timezone.now()
        until = _moment("--until", options["until"]) or now
        since = _moment("--since", options["since"]) or until - timedelta(days=DAYS)
        if not since < until <= now <= timezone.now():
            raise CommandError(
                "It must be --since before --until, and neither --until nor --as-of later than now.",
                returncode=2,
            )
        runs = [
            reconciliation.run(
                gateway=gateway,
                since=since,
                until=until,
                dry_run=options["dry_run"],
                now=now,
                tell=self._tell,
            )
            for gateway in _gateways(options["gateway"])
        ]
        for findings in runs:
            self._print(findings)
        self._conclude(runs)

    def _tell(self, findings: Findings) -> None:
        if findings.listed % TELL_EVERY == 0:
            self.stdout.write(f"{findings.gateway}: {findings.listed:,} transactions compared ...")

    def _print(self, findings: Findings) -> None:
        title = f"{findings.gateway}, {_when(findings.since)} to {_when(findings.until)}"
        self.stdout.write(f"\n{title}{', dry run' if findings.dry_run else ''}")
        self._row("", "payments", "GHS")
        for name, total in (
            ("paid at the gateway", findings.theirs),
            ("paid in our books", findings.ours),
            ("  of these settled now", findings.settled),
        ):
            self._total(name, total)
        if findings.followed:
            self.stdout.write(
                f"\nFOLLOWED ({len(findings.followed)}): Nobody told us of these; the credits follow them."
            )
        for reference, what in findings.followed:
            self.stdout.write(f"  {reference:<40} {what}")
        groups = defaultdict(list)
        for difference in findings.differences:
            groups[difference.kind].append(difference)
        for kind, differences in groups.items():
            self.stdout.write(f"\n{kind.name.replace('_', ' ')} ({len(differences)}): {kind.value}")
            for one in differences:
                self.stdout.write(f"  {one.reference:<40} ours: {one.ours}; theirs: {one.theirs}")
        if findings.difference_count > len(findings.differences):
            self.stdout.write(f"Only the first {len(findings.differences):,} differences are shown.")

    def _row(self, name: str, count: str, amount: str) -> None:
        self.stdout.write(f"  {name:<24} {count:>10} {amount:>16}")

    def _total(self, name: str, total: Total) -> None:
        self._row(name, f"{total.count:,}", f"{total.amount_ghs:,.2f}")

    def _conclude(self, runs: list[Findings]) -> None:
        count = sum(findings.difference_count for findings in runs)
        stopped = next((findings for findings in runs if findings.stopped_by), None)
        self.stdout.write("")
        if stopped is not None:
            raise CommandError(
                f"{stopped.gateway} stopped answering: {stopped.stopped_by} Everything before "
                f"{_when(stopped.reached)} was compared, and what was settled stays settled. Run it again "
                f"with --since {stopped.reached:%Y-%m-%dT%H:%M:%SZ}.",
                returncode=3,
            )
        if count:
            words = "1 difference remains" if count == 1 else f"{count:,} differences remain"
            raise CommandError(f"{words}; what to do is said above.", returncode=1)
        listed = sum(findings.listed for findings in runs)
        self.stdout.write(f"Both sides agree: {listed:,} transactions compared, no difference remains.")


def _gateways(name: str | None) -> list[str]:
    offered = providers.configured()
    if name is None:
        return offered
    if name not in offered:
        raise CommandError(
            f"'{name}' is not a gateway with keys here; there is {' and '.join(offered) or 'none'}.",
            returncode=2,
        )
    return [name]


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{option}: '{text}' is not a time, e.g. 2026-12-01T00:00Z", returncode=2
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
