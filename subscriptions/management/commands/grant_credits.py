"""manage.py grant_credits: corrects a business's credits by hand, up or down."""

import argparse
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from config.core.errors import DomainError
from subscriptions.services import adjustments


def _business(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not the id of a business") from None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number, e.g. 25 or -3.50") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time, e.g. 2026-12-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Gives a business credits, or takes some with a number below zero. The same command again changes "
        "nothing; for a second such correction name another --key. Exit code 0 when done, 1 when refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--business", type=_business, required=True, metavar="ID")
        parser.add_argument("--credits", type=_number, required=True, help="e.g. 25, or -3.50 to take some")
        parser.add_argument("--reason", required=True, help="kept for ever, e.g. 'outage, ticket 81'")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the staff member who decided it")
        parser.add_argument("--expires", type=_moment, help="when they end, ISO 8601, UTC by default")
        parser.add_argument("--key", default="", help="names this correction; made of the rest by default")
        parser.add_argument("--dry-run", action="store_true", help="show what would be, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = get_user_model().objects.filter(email__iexact=options["by"], is_staff=True).first()
        if staff is None:
            raise CommandError(f"{options['by']} is not a staff member's e-mail address")
        try:
            with transaction.atomic():
                done = adjustments.adjust(
                    business_id=options["business"],
                    credits=options["credits"],
                    reason=options["reason"],
                    actor_id=staff.pk,
                    key=options["key"],
                    expires_at=options["expires"],
                    now=timezone.now(),
                )
                transaction.set_rollback(options["dry_run"])
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(_told(done, options["dry_run"]))


def _told(done: adjustments.Adjusted, dry_run: bool) -> str:
    if done.repeated:
        return f"Nothing was changed: this was done before. {done.available} credits are available."
    verb = "would be" if dry_run else "were"
    what = f"{abs(done.credits)} credits {verb} {'given' if done.credits > 0 else 'taken'}"
    debt = f", {done.debt_paid} of them to pay a debt" if done.debt_paid else ""
    return f"{what}{debt}. {done.available} credits {'would be' if dry_run else 'are'} available."
