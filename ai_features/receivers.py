"""What the billing announces and this app acts on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from subscriptions.signals import lease_ended

from .services import settling


@receiver(lease_ended)
def on_lease_ended(request_id: UUID, now: datetime, **_: Any) -> bool:
    """An answer that is stored is charged before its credits go back, while they are still reserved."""
    return settling.finish_request(request_id=request_id, now=now)
