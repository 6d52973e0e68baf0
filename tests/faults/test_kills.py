"""The process is killed between any two steps of a payment; what runs by itself then finishes the work.

The kills are real: a process of its own, SIGKILL, real commits. It is stopped at its point by a gateway that
does not answer yet, or by a row that the database does not let it write yet; the product knows of neither.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.models import Payment, WebhookEvent
from payments.services import refunds
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop, deliveries

from . import report
from .buying import PHONE, Order, let_time_pass, run_sweeps
from .cells import times_credited
from .killing import AtCall, AtEnd, AtRow, Point, Victims

TABLE = "Killed (SIGKILL) between two steps of a payment, then swept"
TIMES = 2
PAYMENT, PURCHASE = "payments_payment", "subscriptions_aicreditpurchase"
EVENT, REFUND = "payments_webhookevent", "payments_refund"
DAY = timedelta(hours=24)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def _victims(django_db_setup: None, django_db_blocker: Any) -> Iterator[Victims]:
    with django_db_blocker.unblock():
        victims = Victims()
    yield victims
    victims.close()


@pytest.fixture
def victims(_victims: Victims, shop: Shop, sandbox: PaystackSandbox) -> Victims:
    assert shop.post("trial/").status_code == 201
    return _victims


def enter(record_property: report.Record, where: str, *, paid: int, credited: int) -> None:
    report.cell(record_property, TABLE, where, "1 killed", f"{TIMES} times")
    report.cell(record_property, TABLE, where, "2 paid", str(paid))
    report.cell(record_property, TABLE, where, "3 credited", str(credited))
    report.cell(record_property, TABLE, where, "4 lost", str(max(paid - credited, 0)))
    report.cell(record_property, TABLE, where, "5 doubled", str(max(credited - paid, 0)))


def sent(sandbox: PaystackSandbox, path: str) -> int:
    """How often the gateway was told to do it."""
    return sum(one["method"] == "POST" and one["path"] == path for one in sandbox.requests())


@pytest.mark.parametrize("landed", [False, True])
def test_opening_a_page(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, landed: bool, record_property: report.Record
) -> None:
    for _ in range(TIMES):
        point = AtCall("/transaction/initialize", landed)
        victims.kill_at(point, "buy", membership_id=shop.membership.pk, payment_method="MOMO")
    opened = list(Payment.objects.order_by("pk"))
    assert [(one.status, one.payment_url) for one in opened] == [("PENDING", "")] * TIMES
    if landed:
        for one in opened:
            sandbox.pay(one.reference)
    run_sweeps()
    let_time_pass(DAY)
    run_sweeps(timedelta(minutes=5))
    paid = TIMES if landed else 0
    status = "SUCCESSFUL" if landed else "FAILED"
    assert [one.status for one in Payment.objects.order_by("pk")] == [status] * TIMES
    assert (times_credited(), sent(sandbox, "/transaction/initialize")) == (paid, paid)
    where = "opening: page opened, not recorded" if landed else "opening: row there, page not opened"
    enter(record_property, where, paid=paid, credited=times_credited())


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


@pytest.mark.parametrize("where", SETTLING)
def test_settling(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, where: str, record_property: report.Record
) -> None:
    sandbox.script(lose_webhooks=True)
    committed = isinstance(SETTLING[where], AtEnd)
    for number in range(TIMES):
        order = Order(shop, sandbox)
        order.pay()
        victims.kill_at(
            SETTLING[where], "verify", business_id=str(shop.business_id), reference=order.reference
        )
        assert order.status == ("SUCCESSFUL" if committed else "PENDING")
        assert times_credited() == number + committed
        run_sweeps(timedelta(minutes=10))
        assert (order.status, times_credited()) == ("SUCCESSFUL", number + 1)
    enter(record_property, f"settling: {where}", paid=TIMES, credited=times_credited())


PROCESSING: dict[str, tuple[Point, int]] = {
    "stored, not processed": (AtEnd(), 0),
    "before the gateway is asked": (AtCall("/transaction/verify", method="GET", landed=False), 0),
    "settled, not committed": (AtRow(PURCHASE, "UPDATE", at_commit=True), 0),
    "settled, event still open": (AtRow(EVENT, "UPDATE", "NEW.processed_at IS NOT NULL"), 1),
    "event closed, not answered": (AtEnd(), 1),
}


@pytest.mark.parametrize("where", PROCESSING)
def test_processing_a_webhook(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, where: str, record_property: report.Record
) -> None:
    point, done = PROCESSING[where]
    for number in range(TIMES):
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
        assert times_credited() == number + done
        run_sweeps(timedelta(minutes=10))
        event = WebhookEvent.objects.get(reference=order.reference)
        assert (order.status, event.outcome, times_credited()) == ("SUCCESSFUL", "applied", number + 1)
    enter(record_property, f"webhook: {where}", paid=TIMES, credited=times_credited())


CLAIM = "OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL"
RECORD = "NEW.next_action = 'approve_on_phone'"
CHARGING: dict[str, tuple[Point, int]] = {
    "ordered, not claimed": (AtRow(PAYMENT, "UPDATE", CLAIM), 0),
    "claimed, not sent": (AtCall("/charge", landed=False), 0),
    "sent, answer not read": (AtCall("/charge", landed=True), 1),
    "answer read, not recorded": (AtRow(PAYMENT, "UPDATE", RECORD), 1),
    "recorded, not answered": (AtEnd(), 1),
}


@pytest.mark.parametrize("where", CHARGING)
def test_charging_a_phone(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, where: str, record_property: report.Record
) -> None:
    """The prompt is on the phone at most once, and what the payer approves is credited."""
    point, prompts = CHARGING[where]
    sandbox.script(lose_webhooks=True)
    how = {"payment_method": "MOMO", "phone": PHONE, "network": "mtn"}
    for number in range(TIMES):
        victims.kill_at(point, "buy", membership_id=shop.membership.pk, **how)
        payment = Payment.objects.latest("pk")
        assert payment.status == "PENDING"
        if prompts:
            assert sandbox.phone(payment.reference) == "success"
        run_sweeps(timedelta(minutes=10))
        payment.refresh_from_db()
        assert payment.status == ("SUCCESSFUL" if prompts else "FAILED")
        assert (payment.prompt_open, times_credited()) == (False, (number + 1) * prompts)
    assert sent(sandbox, "/charge") == TIMES * prompts
    enter(record_property, f"phone: {where}", paid=TIMES * prompts, credited=times_credited())


CODES: dict[str, Point] = {
    "code claimed, not sent": AtCall("/charge/submit_otp", landed=False),
    "code sent, answer not read": AtCall("/charge/submit_otp", landed=True),
    "answer read, not recorded": AtRow(PAYMENT, "UPDATE", RECORD),
}


@pytest.mark.parametrize("where", CODES)
def test_entering_a_code(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, where: str, record_property: report.Record
) -> None:
    """A code that never arrived is asked for again; one that did is not sent twice."""
    sandbox.script(lose_webhooks=True)
    arrived = where != "code claimed, not sent"
    for number in range(TIMES):
        reference = shop.order("VALUE", phone=PHONE, network="vod")
        victims.kill_at(CODES[where], "enter_code", reference=reference, otp="123456")
        assert sent(sandbox, "/charge/submit_otp") == number + arrived
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
        assert (payment.status, times_credited()) == ("SUCCESSFUL", number + 1)
    assert sent(sandbox, "/charge/submit_otp") == TIMES
    enter(record_property, f"code: {where}", paid=TIMES, credited=times_credited())


REFUNDING: dict[str, tuple[Point, int]] = {
    "ordered, not claimed": (AtRow(REFUND, "UPDATE", "OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL"), 0),
    "claimed, gateway not asked": (AtCall("/refund", method="GET", landed=False), 0),
    "claimed, not sent": (AtCall("/refund", landed=False), 0),
    "sent, answer not read": (AtCall("/refund", landed=True), 1),
    "answer read, not recorded": (AtRow(REFUND, "UPDATE", "NEW.gateway_refund_id <> ''"), 1),
    "recorded, not answered": (AtEnd(), 1),
}


@pytest.mark.parametrize("where", REFUNDING)
def test_refunding(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, where: str, record_property: report.Record
) -> None:
    """The second payment of an order goes back, once."""
    point, landed = REFUNDING[where]
    for number in range(TIMES):
        first = Order(shop, sandbox)
        second = first.another_attempt()
        for order in (first, second):
            order.pay()
            assert shop.verify(order.reference).status_code == 200
        assert second.payment.unapplied
        refund = refunds.open_refund(
            payment_id=second.payment.pk,
            amount_ghs=second.payment.amount_ghs,
            reason="Paid twice",
            requested_by=shop.membership.user_id,
            now=timezone.now(),
        )
        victims.kill_at(point, "refund", refund_id=str(refund.pk))
        assert sent(sandbox, "/refund") == number + landed
        run_sweeps(timedelta(minutes=20))
        refund.refresh_from_db()
        assert (refund.status, second.status, first.status) == ("PROCESSED", "REFUNDED", "SUCCESSFUL")
        assert (second.payment.refunded_ghs, times_credited()) == (80, number + 1)
    assert sent(sandbox, "/refund") == TIMES
    enter(record_property, f"refund: {where}", paid=TIMES, credited=TIMES)
