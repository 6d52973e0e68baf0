"""What a person has to know: stored once per cause, in the transaction that caused it, then sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from subscriptions import tasks
from subscriptions.models import Alert, AlertDelivery


@transaction.atomic
def raise_alert(
    *,
    business_id: UUID | None,
    kind: str,
    key: str,
    severity: str,
    title: str,
    text: str,
    link: str = "",
    data: Mapping[str, Any] | None = None,
    now: datetime,
) -> Alert | None:
    """Stores an alert and makes its deliveries due, once per `key`; None when it is there already.

    `business_id` None is for the operators. Joins the caller's transaction: what is undone, is not told.
    """
    alert, created = Alert.objects.get_or_create(
        key=key,
        defaults={
            "business_id": business_id,
            "kind": kind,
            "severity": severity,
            "title": title,
            "text": text,
            "link": link,
            "data": dict(data or {}),
            "created_at": now,
        },
    )
    if not created:
        return None
    made = AlertDelivery.objects.bulk_create(
        [AlertDelivery(alert=alert, channel=channel, due_at=now) for channel in AlertDelivery.Channel.values]
    )
    # Robust: when the queue is away, the sweep sends them.
    transaction.on_commit(lambda: [tasks.deliver_alert.delay(one.pk) for one in made], robust=True)
    return alert
