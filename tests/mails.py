"""The alerts that wait are sent, as the worker sends them."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from subscriptions.services import deliveries


def send_alerts() -> list[tuple[str, str]]:
    """Sends everything that is due, also what a test's own clock has made due later; every mail there is."""
    later = timezone.now() + timedelta(days=36500)
    for delivery_id in deliveries.due(now=later):
        assert deliveries.deliver(delivery_id=delivery_id, now=later) in ("sent", "skipped")
    return [(str(message.subject), str(message.body)) for message in mail.outbox]
