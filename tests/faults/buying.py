"""One order at a time, with the five ways by which the product learns that it was paid."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from payments import tasks
from payments.errors import GatewayUnavailable
from payments.models import Payment, WebhookEvent
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
        return Payment.objects.values_list("status", flat=True).get(reference=self.reference)


def credits_given() -> Decimal:
    """All paid credits there are, whoever has them."""
    paid = CreditGrant.objects.filter(source="purchase")
    return sum(paid.values_list("credits", flat=True), Decimal(0))


_PAST = """
UPDATE payments_payment
   SET created_at = created_at - %(by)s, sent_at = sent_at - %(by)s, settled_at = settled_at - %(by)s,
       prompt_expires_at = prompt_expires_at - %(by)s, next_check_at = next_check_at - %(by)s;
UPDATE payments_webhookevent
   SET received_at = received_at - %(by)s, processed_at = processed_at - %(by)s,
       next_attempt_at = next_attempt_at - %(by)s;
UPDATE payments_refund
   SET created_at = created_at - %(by)s, sent_at = sent_at - %(by)s, finished_at = finished_at - %(by)s,
       next_check_at = next_check_at - %(by)s
"""
_NEXT_DUE = """
SELECT least((SELECT min(next_check_at) FROM payments_payment),
             (SELECT min(next_check_at) FROM payments_refund),
             (SELECT min(next_attempt_at) FROM payments_webhookevent WHERE processed_at IS NULL))
"""


def let_time_pass(how_much: timedelta) -> None:
    """Moves what has happened into the past, since the views ask the real clock."""
    with connection.cursor() as cursor:
        cursor.execute(_PAST, {"by": how_much})  # type: ignore[dict-item]  # the driver knows intervals
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
    order.sandbox.webhook(order.reference, event)


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
    payment = order.payment
    if payment.next_check_at is None:
        return "not asked"
    let_time_pass(payment.next_check_at - timezone.now())
    claimed = schedule.claim_due(now=timezone.now())
    assert payment.pk in claimed
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
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DUE)
        (due,) = cursor.fetchone()
    return None if due is None else max(due - timezone.now(), timedelta())
