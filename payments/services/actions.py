"""The trace that a person's decision leaves on a payment."""

from datetime import datetime

from payments.errors import ReasonRequired
from payments.models import PaymentAction


def record(*, payment_id: int, by: int, action: str, reason: str, now: datetime) -> PaymentAction:
    """Belongs into the transaction of what it explains. Raises ReasonRequired."""
    if not reason.strip() or len(reason) > 300:
        raise ReasonRequired
    return PaymentAction.objects.create(
        payment_id=payment_id, actor_id=by, action=action, reason=reason.strip(), created_at=now
    )
