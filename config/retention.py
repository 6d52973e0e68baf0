"""All that is forgotten when it is old, bottom app first."""

from datetime import datetime

from accounts.services import retention as accounts
from ai_features.services import retention as ai_features
from config.core import idempotency
from config.core.retention import Kind
from payments.services import retention as payments
from support_chat.services import retention as support_chat


def kinds(*, now: datetime) -> list[Kind]:
    """What there is to forget at `now`, in the order in which it is done."""
    return [
        *idempotency.expired(now=now),
        *accounts.kinds(now=now),
        *payments.kinds(now=now),
        *ai_features.kinds(now=now),
        *support_chat.kinds(now=now),
    ]
