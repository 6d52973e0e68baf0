from .actions import PaymentAction
from .cards import SavedCard
from .disputes import Dispute
from .payments import REFERENCE, Payment
from .refunds import Refund
from .settlements import Settlement
from .webhooks import WebhookEvent, WebhookOutcome

__all__ = [
    "REFERENCE",
    "Dispute",
    "Payment",
    "PaymentAction",
    "Refund",
    "SavedCard",
    "Settlement",
    "WebhookEvent",
    "WebhookOutcome",
]
