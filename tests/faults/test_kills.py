"""The process is killed between any two steps of a payment; what runs by itself then finishes the work.

The kills are real: a process of its own, SIGKILL, real commits. It is stopped at its point by a gateway that
does not answer yet, or by a row that the database does not let it write yet; the product knows of neither.
Each point has an order of its own, of the same shop.
"""

from datetime import timedelta

import pytest

from payments.models import Payment, WebhookEvent
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop, deliveries

from . import report
from .buying import PHONE, Order, let_time_pass, run_sweeps
from .cells import times_credited
from .killing import AtCall, AtEnd, AtRow, Point, Victims, enter, sent

PAYMENT, PURCHASE, EVENT = "payments_payment", "subscriptions_aicreditpurchase", "payments_webhookevent"
DAY = timedelta(hours=24)

pytestmark = pytest.mark.django_db(transaction=True)


def test_opening_a_page(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    for landed in (False, True):
        point = AtCall("/transaction/initialize", landed)
        victims.kill_at(point, "buy", membership_id=shop.membership.pk, payment_method="MOMO")
    lost, opened = Payment.objects.order_by("pk")
    assert [(one.status, one.payment_url) for one in (lost, opened)] == [("PENDING", "")] * 2
    sandbox.pay(opened.reference)
    run_sweeps()
    let_time_pass(DAY)
    run_sweeps(timedelta(minutes=5))
    assert [one.status for one in Payment.objects.order_by("pk")] == ["FAILED", "SUCCESSFUL"]
    assert (times_credited(), sent(sandbox, "/transaction/initialize")) == (1, 1)
    enter(record_property, "opening: row there, page not opened", paid=0, credited=0)
    enter(record_property, "opening: page opened, not recorded", paid=1, credited=1)


SETTLING: dict[str, Point] = {
    "before the gateway is asked": AtCall("/transaction/verify", method="GET", landed=False),
    "gateway said paid, not read": AtCall("/transaction/verify", method="GET", landed=True),
    "marking the payment": AtRow(PAYMENT, "UPDATE", "NEW.status = 'SUCCESSFUL'"),
    "granting": AtRow("subscriptions_creditgrant", "INSERT"),
    "writing the entry": AtRow("subscriptions_creditentry", "INSERT"),
    "marking the order": AtRow(PURCHASE, "UPDATE"),
    "all written, not committed": AtRow(PURCHASE, "UPDATE", at_commit=True),
    "committed, not answered": AtEnd(),
}


def test_settling(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    sandbox.script(lose_webhooks=True)
    for number, (where, point) in enumerate(SETTLING.items()):
        committed = isinstance(point, AtEnd)
        order = Order(shop, sandbox)
        order.pay()
        victims.kill_at(point, "verify", business_id=str(shop.business_id), reference=order.reference)
        assert (where, order.status) == (where, "SUCCESSFUL" if committed else "PENDING")
        assert times_credited() == number + committed
        run_sweeps(timedelta(minutes=10))
        assert (where, order.status, times_credited()) == (where, "SUCCESSFUL", number + 1)
        enter(record_property, f"settling: {where}", paid=1, credited=times_credited() - number)


PROCESSING: dict[str, tuple[Point, int]] = {
    "stored, not processed": (AtEnd(), 0),
    "before the gateway is asked": (AtCall("/transaction/verify", method="GET", landed=False), 0),
    "settled, not committed": (AtRow(PURCHASE, "UPDATE", at_commit=True), 0),
    "settled, event still open": (AtRow(EVENT, "UPDATE", "NEW.processed_at IS NOT NULL"), 1),
    "event closed, not answered": (AtEnd(), 1),
}


def test_processing_a_webhook(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    for number, (where, (point, done)) in enumerate(PROCESSING.items()):
        order = Order(shop, sandbox)
        order.pay()
        (delivery,) = sandbox.deliveries(order.reference)
        told = {"body": delivery["body"], "signature": delivery["signature"]}
        if where == "stored, not processed":
            assert victims.kill_at(point, "receive", **told) == "200"
        else:
            assert deliveries(sandbox, order.reference)[0]() == 200
            event = WebhookEvent.objects.get(reference=order.reference)
            victims.kill_at(point, "process", event_id=event.pk)
        assert (where, times_credited()) == (where, number + done)
        run_sweeps(timedelta(minutes=10))
        event = WebhookEvent.objects.get(reference=order.reference)
        found = where, order.status, event.outcome, times_credited()
        assert found == (where, "SUCCESSFUL", "applied", number + 1)
        enter(record_property, f"webhook: {where}", paid=1, credited=times_credited() - number)


CLAIM = "OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL"
RECORD = "NEW.next_action = 'approve_on_phone'"
CHARGING: dict[str, tuple[Point, int]] = {
    "ordered, not claimed": (AtRow(PAYMENT, "UPDATE", CLAIM), 0),
    "claimed, not sent": (AtCall("/charge", landed=False), 0),
    "sent, answer not read": (AtCall("/charge", landed=True), 1),
    "answer read, not recorded": (AtRow(PAYMENT, "UPDATE", RECORD), 1),
    "recorded, not answered": (AtEnd(), 1),
}


def test_charging_a_phone(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    """The prompt is on the phone at most once, and what the payer approves is credited."""
    sandbox.script(lose_webhooks=True)
    how = {"payment_method": "MOMO", "phone": PHONE, "network": "mtn"}
    expected = 0
    for where, (point, prompts) in CHARGING.items():
        victims.kill_at(point, "buy", membership_id=shop.membership.pk, **how)
        payment = Payment.objects.latest("pk")
        assert (where, payment.status) == (where, "PENDING")
        if prompts:
            assert sandbox.phone(payment.reference) == "success"
        run_sweeps(timedelta(minutes=10))
        payment.refresh_from_db()
        expected += prompts
        assert (where, payment.status) == (where, "SUCCESSFUL" if prompts else "FAILED")
        assert (payment.prompt_open, times_credited()) == (False, expected)
        assert sent(sandbox, "/charge") == expected
        enter(record_property, f"phone: {where}", paid=prompts, credited=prompts)


CODES: dict[str, Point] = {
    "code claimed, not sent": AtCall("/charge/submit_otp", landed=False),
    "code sent, answer not read": AtCall("/charge/submit_otp", landed=True),
    "answer read, not recorded": AtRow(PAYMENT, "UPDATE", RECORD),
}


def test_entering_a_code(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    """A code that never arrived is asked for again; one that did is not sent twice."""
    sandbox.script(lose_webhooks=True)
    for number, (where, point) in enumerate(CODES.items()):
        arrived = where != "code claimed, not sent"
        reference = shop.order("VALUE", phone=PHONE, network="vod")
        victims.kill_at(point, "enter_code", reference=reference, otp="123456")
        assert (where, sent(sandbox, "/charge/submit_otp")) == (where, number + arrived)
        let_time_pass(timedelta(seconds=20))
        run_sweeps(timedelta(seconds=1))
        payment = Payment.objects.get(reference=reference)
        if not arrived:
            assert (payment.status, payment.next_action) == ("PENDING", "enter_otp")
            reply = shop.client.post(f"/api/payments/{reference}/otp/", {"otp": "123456"})
            assert reply.status_code == 200
        assert sandbox.phone(reference) == "success"
        run_sweeps(timedelta(minutes=10))
        payment.refresh_from_db()
        assert (where, payment.status, times_credited()) == (where, "SUCCESSFUL", number + 1)
        assert sent(sandbox, "/charge/submit_otp") == number + 1
        enter(record_property, f"code: {where}", paid=1, credited=times_credited() - number)
