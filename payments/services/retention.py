"""Messages of the gateways are forgotten after thirteen months: disputes come up to a year later.

What was never processed stays: it may be somebody's money.
"""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.conf import settings

from config.core.retention import Kind
from payments.models import WebhookEvent


def kinds(*, now: datetime) -> list[Kind]:
    oldest = now - relativedelta(months=settings.WEBHOOK_RETENTION_MONTHS)
    return [
        Kind(
            name="messages of gateways",
            rows=lambda: WebhookEvent.objects.filter(processed_at__isnull=False, received_at__lt=oldest),
        )
    ]
