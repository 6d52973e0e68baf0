"""manage.py rotate_keys: everything encrypted, under the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from payments.services import cards
from subscriptions.services import preferences
from support_chat.services import webhooks

BATCH = 500


class Command(BaseCommand):
    help = (
        "Encrypts saved cards, webhook addresses and webhooks of the chat with the first of"
        " FIELD_ENCRYPTION_KEYS. Run it after a new key was put before the others and every process was"
        " restarted; then the old keys can go. May be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count, last = 0, 0
        while done := cards.reseal(after=last, limit=BATCH):
            count, last = count + len(done), done[-1]
            self.stderr.write(f"{count:,} cards so far")
        self.stdout.write(f"{count:,} cards are encrypted with the newest key.")
        self.stdout.write(f"{webhooks.reseal():,} webhooks of the chat are, too.")
        self.stdout.write(f"{preferences.reseal():,} webhook addresses are, too.")
