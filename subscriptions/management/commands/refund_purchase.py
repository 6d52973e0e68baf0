"""manage.py refund_purchase: gives back what is unspent of a purchase, however old it is."""

import argparse
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.core.errors import DomainError
from subscriptions.services import refunds


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not the id of a purchase") from None


class Command(BaseCommand):
    help = (
        "Takes back the unspent credits of a purchase and sends their share of the price back. "
        "Exit code 0 when requested, 1 when refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("purchase_id", type=_id)
        parser.add_argument(
            "--reason", required=True, help="kept with the refund, e.g. 'wrong pack, ticket 81'"
        )
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the staff member who decided it")
        parser.add_argument("--dry-run", action="store_true", help="show credits and amount, refund nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = get_user_model().objects.filter(email__iexact=options["by"], is_staff=True).first()
        if staff is None:
            raise CommandError(f"{options['by']} is not a staff member's e-mail address")
        purchase_id, now = options["purchase_id"], timezone.now()
        try:
            if options["dry_run"]:
                found = refunds.quote_for_purchase(purchase_id=purchase_id, now=now)
                self.stdout.write(
                    f"{found.credits} credits would be taken, GHS {found.amount_ghs} sent back."
                )
                return
            done = refunds.request_for_purchase(
                purchase_id=purchase_id, reason=options["reason"], requested_by=staff.pk, now=now
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(
            f"{done.credits} credits were taken; GHS {done.refund.amount_ghs} is on its way back"
            f" (refund {done.refund.pk})."
        )
