"""The process is killed between any two steps of a refund: money goes back once, credits are taken once.

Done as in test_kills: real kills, an order of its own for each point.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from payments import tasks
from payments.models import Payment, Refund
from payments.services import refunds as payment_refunds
from subscriptions.models import AICreditPurchase, CreditEntry, Receipt
from subscriptions.services import refunds
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from . import report
from .buying import PACK_CREDITS, Order, run_sweeps
from .cells import times_credited
from .killing import AtCall, AtEnd, AtRow, Point, Victims, sent

REFUND, ENTRY, PURCHASE = "payments_refund", "subscriptions_creditentry", "subscriptions_aicreditpurchase"
PAYMENT, NOTE = "payments_payment", "subscriptions_receipt"
TABLE = "Killed (SIGKILL) between two steps of a refund, then swept: how often it happened"

pytestmark = pytest.mark.django_db(transaction=True)

# `landed`: how often the gateway has been told by then.
SENDING: dict[str, tuple[Point, int]] = {
    "ordered, not claimed": (AtRow(REFUND, "UPDATE", "OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL"), 0),
    "claimed, gateway not asked": (AtCall("/refund", method="GET", landed=False), 0),
    "claimed, not sent": (AtCall("/refund", landed=False), 0),
    "sent, answer not read": (AtCall("/refund", landed=True), 1),
    "answer read, not recorded": (AtRow(REFUND, "UPDATE", "NEW.gateway_refund_id <> ''"), 1),
    "recorded, not answered": (AtEnd(), 1),
}


def paid(shop: Shop, order: Order) -> Payment:
    order.pay()
    assert shop.verify(order.reference).status_code == 200
    return order.payment


def test_a_second_payment_of_an_order(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    for number, (where, (point, landed)) in enumerate(SENDING.items()):
        first = Order(shop, sandbox)
        second = first.another_attempt()
        paid(shop, first)
        payment = paid(shop, second)
        assert payment.unapplied
        refund = payment_refunds.open_refund(
            payment_id=payment.pk,
            amount_ghs=payment.amount_ghs,
            reason="Paid twice",
            requested_by=shop.membership.user_id,
            now=timezone.now(),
        )
        victims.kill_at(point, "refund", refund_id=str(refund.pk))
        assert (where, sent(sandbox, "/refund")) == (where, number + landed)
        run_sweeps(timedelta(minutes=20))
        refund.refresh_from_db()
        found = where, refund.status, second.status, first.status
        assert found == (where, "PROCESSED", "REFUNDED", "SUCCESSFUL")
        assert (second.payment.refunded_ghs, times_credited()) == (80, number + 1)
        assert sent(sandbox, "/refund") == number + 1
        enter(record_property, f"paid twice: {where}", payment, sent(sandbox, "/refund") - number)


ASKING: dict[str, Point] = {
    "asked, nothing written": AtRow(REFUND, "INSERT"),
    "asked, credits not taken": AtRow(ENTRY, "INSERT"),
    "asked, not committed": AtRow(ENTRY, "INSERT", at_commit=True),
    "committed, not answered": AtEnd(),
}
ENDING: dict[str, Point] = {
    "gateway said processed, not read": AtCall("/refund", method="GET", landed=True),
    "marking the refund": AtRow(REFUND, "UPDATE", "NEW.status = 'PROCESSED'"),
    "marking the payment": AtRow(PAYMENT, "UPDATE", "NEW.status = 'REFUNDED'"),
    "marking the order": AtRow(PURCHASE, "UPDATE", "NEW.status = 'REFUNDED'"),
    "writing the credit note": AtRow(NOTE, "INSERT"),
    "all written, not committed": AtRow(NOTE, "INSERT", at_commit=True),
    "ended, not answered": AtEnd(),
}
SOLD: dict[str, tuple[str, Point]] = {
    **{where: ("ask_back", point) for where, point in ASKING.items()},
    **{where: ("refund", point) for where, (point, _) in SENDING.items()},
    **{where: ("check_refund", point) for where, point in ENDING.items()},
}


def ask_back(payment: Payment, by: int) -> Refund:
    asked = refunds.request(payment_id=payment.pk, reason="Wrong pack", requested_by=by, now=timezone.now())
    return Refund.objects.get(pk=asked.refund.pk)


def state(payment: Payment) -> tuple[object, ...]:
    """Of the refund, of the payment with what went back, of the order."""
    payment.refresh_from_db()
    order = AICreditPurchase.objects.get(payment=payment)
    return payment.refunds.get().status, payment.status, payment.refunded_ghs, order.status


def times_taken(payment: Payment) -> int:
    """How often all credits that it paid for were taken."""
    grants = AICreditPurchase.objects.filter(paid_by=payment).values("grant")
    entries = CreditEntry.objects.filter(kind="withdrawal", grant__in=grants)
    assert {entry.amount for entry in entries} <= {Decimal(-PACK_CREDITS)}
    return entries.count()


def notes(payment: Payment) -> int:
    return Receipt.objects.filter(kind="CN", corrects__payment=payment).count()


def enter(record_property: report.Record, where: str, payment: Payment, sent_back: int) -> None:
    report.cell(record_property, TABLE, where, "1 sent back", str(sent_back))
    report.cell(record_property, TABLE, where, "2 credits taken", str(times_taken(payment)))
    report.cell(record_property, TABLE, where, "3 credit notes", str(notes(payment)))


def test_a_purchase_that_was_sold(
    victims: Victims, shop: Shop, sandbox: PaystackSandbox, record_property: report.Record
) -> None:
    had = shop.balance
    for number, (where, (step, point)) in enumerate(SOLD.items()):
        payment = paid(shop, Order(shop, sandbox))
        assert shop.balance == had + PACK_CREDITS
        by = shop.membership.user_id
        if step == "ask_back":
            victims.kill_at(point, step, payment_id=payment.pk, requested_by=by)
            happened = isinstance(point, AtEnd)
            assert (where, shop.balance) == (where, had if happened else had + PACK_CREDITS)
            assert payment.refunds.count() == happened
        else:
            happened = True
            refund = ask_back(payment, by)
            if step == "check_refund":
                tasks.send_refund(str(refund.pk))
            victims.kill_at(point, step, refund_id=str(refund.pk))
        if not happened:  # whoever asked asks again
            ask_back(payment, by)
        run_sweeps(timedelta(minutes=20))
        assert state(payment) == ("PROCESSED", "REFUNDED", 80, "REFUNDED"), where
        assert (where, shop.balance, times_taken(payment), notes(payment)) == (where, had, 1, 1)
        assert sent(sandbox, "/refund") == number + 1
        enter(record_property, f"sold: {where}", payment, sent(sandbox, "/refund") - number)
