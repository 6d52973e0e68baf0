from .payments import REFERENCE, Payment
from .webhooks import WebhookEvent, WebhookOutcome

__all__ = ["REFERENCE", "Payment", "WebhookEvent", "WebhookOutcome"]
