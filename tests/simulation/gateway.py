"""The payment company's look-alike, and its news: told at once, late, twice or never."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from config.core.errors import DomainError
from payments.models import WebhookEvent
from payments.services import webhooks
from tests.faults.gateway import Gateway
from tests.sandboxes import PaystackSandbox

News = list[dict[str, Any]]


class Till:
    """The sandbox, by HTTP for the product and by its buttons for payers and banks."""

    def __init__(self, sandbox: PaystackSandbox) -> None:
        self.sandbox = sandbox

    def pay(self, reference: str, *, way: str, outcome: str, on_time: bool = True) -> None:
        """The payer's move: on the page, or at the phone's prompt, which can be answered late."""
        if outcome == "never":
            return
        if way == "phone":
            self.sandbox.phone(reference, outcome if on_time or outcome != "approve" else "late")
        elif way in ("page", "new_card"):
            self.sandbox.pay(reference, outcome, "card" if way == "new_card" else "mobile_money")

    def dispute(self, reference: str, pesewas: int | None) -> str | None:
        """Of all that was paid, or a part. None when there is no money to be had back."""
        return Gateway().open_dispute(reference, **({} if pesewas is None else {"amount": pesewas}))

    def news(self) -> News:
        """What it has posted since it was asked last."""
        fresh = self.sandbox.deliveries()
        self.sandbox.reset()
        return fresh


def receive(news: News, now: datetime) -> None:
    """The web process keeps them; acting on them is the worker's part."""
    for one in news:
        webhooks.receive(
            gateway_name="paystack", body=one["body"].encode(), signature=one["signature"], now=now
        )


def act(now: datetime) -> None:
    """The worker acts on what is in the inbox."""
    for event_id in (
        WebhookEvent.objects.filter(processed_at=None).order_by("pk").values_list("pk", flat=True)
    ):
        with suppress(DomainError):  # a lock or a refusal: the event is due again
            webhooks.process(event_id=event_id, now=now)
