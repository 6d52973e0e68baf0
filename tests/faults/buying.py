"""One order at a time, with the five ways by which the product learns that it was paid."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests
from django.core.cache import cache
from django.db.models import F, Min
from django.test import Client
from django.utils import timezone

from payments import tasks
from payments.errors import GatewayUnavailable
from payments.models import Payment, Refund, WebhookEvent
from payments.services import refunds, schedule, webhooks
from subscriptions.models import CreditGrant
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop, deliveries

PHONE = "0551234987"
PACK_CREDITS = 100  # of a VALUE pack
PACK_PESEWAS = 8000


class Order:
    """A VALUE pack that a shop has ordered: on the gateway's page, or by a prompt on a phone."""

    def __init__(self, shop: Shop, sandbox: PaystackSandbox, *, direct: bool = False) -> None:
        self.shop, self.sandbox, self.direct = shop, sandbox, direct
        how = {"phone": PHONE, "network": "mtn"} if direct else {}
        self.reference = shop.order("VALUE", **how)

    def another_attempt(self) -> "Order":
        """The same order paid in the same way once more, while the first attempt is still open."""
        if self.direct:
            Payment.objects.filter(reference=self.reference).update(prompt_open=False)
        how = {"phone": PHONE, "network": "mtn"} if self.direct else {"method": "PAYSTACK"}
        reply = self.shop.client.post(f"/api/payments/{self.reference}/retry/", how)
        assert reply.status_code == 201, reply.content
        again = Order.__new__(Order)
        again.shop, again.sandbox, again.direct = self.shop, self.sandbox, self.direct
        again.reference = str(reply.json()["reference"])
        return again

    def pay(self, outcome: str = "approve") -> None:
        if self.direct:
            self.sandbox.phone(self.reference, "late" if outcome == "approve" else outcome)
        else:
            self.sandbox.pay(self.reference, outcome)

    @property
    def payment(self) -> Payment:
        return Payment.objects.get(reference=self.reference)

    @property
    def status(self) -> str:
        return str(self.payment.status)


def credits_given() -> Decimal:
    """All paid credits there are, whoever has them."""
    return sum((grant.credits for grant in CreditGrant.objects.filter(source="purchase")), Decimal(0))


def let_time_pass(how_much: timedelta) -> None:
    """Moves what has happened into the past, since the views ask the real clock."""
    Payment.objects.update(
        created_at=F("created_at") - how_much,
        sent_at=F("sent_at") - how_much,
        prompt_expires_at=F("prompt_expires_at") - how_much,
        next_check_at=F("next_check_at") - how_much,
        settled_at=F("settled_at") - how_much,
    )
    WebhookEvent.objects.update(
        received_at=F("received_at") - how_much,
        processed_at=F("processed_at") - how_much,
        next_attempt_at=F("next_attempt_at") - how_much,
    )
    Refund.objects.update(
        created_at=F("created_at") - how_much,
        sent_at=F("sent_at") - how_much,
        next_check_at=F("next_check_at") - how_much,
        finished_at=F("finished_at") - how_much,
    )
    cache.clear()


@dataclass(frozen=True)
class Path:
    """`look` makes the product ask about the order in this way; it returns what it answered, in a word."""

    name: str
    look: Callable[[Order], str]
    direct: bool = False


def by_webhook(order: Order) -> str:
    """Every delivery the gateway made, in its order; a signed one if it made none. Then the inbox is worked.

    It says what became of the last one.
    """
    if not order.sandbox.deliveries(order.reference):
        announce(order)
    for deliver in deliveries(order.sandbox, order.reference):
        assert deliver() == 200
    return work_inbox(order)


def announce(order: Order, event: str = "charge.success") -> None:
    """Has the gateway send a signed event, whatever the transaction's state is."""
    body = {"copies": 1, "event": event}
    url = f"{order.sandbox.url}/_sandbox/webhook/{order.reference}"
    assert requests.post(url, json=body, timeout=5).status_code == 200


def work_inbox(order: Order) -> str:
    said = "nothing"
    for event in WebhookEvent.objects.filter(reference=order.reference).order_by("pk"):
        try:
            tasks.process_webhook(event.pk)
        except GatewayUnavailable:
            said = "GatewayUnavailable"
        else:
            event.refresh_from_db()
            said = event.outcome or "unconfirmed so far"
    return said


def by_verify_endpoint(order: Order) -> str:
    return verify_answer(order.shop, order.reference)


def verify_answer(shop: Shop, reference: str) -> str:
    reply = shop.verify(reference)
    body = reply.json()
    word = body.get("code") or body.get("status") or f"{body['credits_added']} credits"
    return f"{reply.status_code} {word}"


def by_callback(order: Order) -> str:
    return callback_answer(order.reference)


def callback_answer(reference: str) -> str:
    """Where the browser lands, signed in nowhere."""
    reply = Client().get("/payments/return/", {"trxref": reference, "reference": reference})
    assert reply.status_code == 200
    found = re.search(r'data-outcome="(\w+)"', reply.content.decode())
    assert found is not None
    return found[1]


def by_poll(order: Order) -> str:
    let_time_pass(timedelta(seconds=11))
    return poll_answer(order.reference)


def poll_answer(reference: str) -> str:
    """What the page asks every few seconds while the payer waits."""
    reply: Any = Client().get(f"/payments/{reference}/state/")
    body = reply.json()
    return str(body.get("outcome") or f"{reply.status_code} {body['code']}")


def by_sweep(order: Order) -> str:
    """The next time that anything is due."""
    due = order.payment.next_check_at
    if due is None:
        return "not asked"
    let_time_pass(due - timezone.now())
    claimed = schedule.claim_due(now=timezone.now())
    assert order.payment.pk in claimed
    for payment_id in claimed:
        try:
            tasks.check_payment(payment_id)
        except GatewayUnavailable:
            return "GatewayUnavailable"
    return "asked"


PATHS = [
    Path("1 webhook", by_webhook),
    Path("2 verify", by_verify_endpoint),
    Path("3 callback", by_callback),
    Path("4 poll", by_poll, direct=True),
    Path("5 sweep", by_sweep),
]


def run_sweeps(how_long: timedelta = timedelta(hours=1)) -> None:
    """Everything that happens by itself in that time, with a gateway that answers."""
    left = how_long
    while (wait := _until_due()) is not None and wait <= left:
        let_time_pass(wait)
        left -= wait
        now = timezone.now()
        for payment_id in schedule.claim_due(now=now):
            tasks.check_payment(payment_id)
        for event_id in webhooks.claim_due(now=now):
            tasks.process_webhook(event_id)
        for refund_id in refunds.claim_due(now=now):
            tasks.check_refund(str(refund_id))
    let_time_pass(left)


def _until_due() -> timedelta | None:
    """How long until a sweep finds something to do."""
    due = [
        Payment.objects.aggregate(first=Min("next_check_at"))["first"],
        Refund.objects.aggregate(first=Min("next_check_at"))["first"],
        WebhookEvent.objects.filter(processed_at=None).aggregate(first=Min("next_attempt_at"))["first"],
    ]
    moments = [moment for moment in due if moment is not None]
    return max(min(moments) - timezone.now(), timedelta()) if moments else None
