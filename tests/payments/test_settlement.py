"""The credit rule: what must agree, what happens once, what is undone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import Business
from config.core.errors import NotFound
from payments.errors import GatewayUnavailable, UnclaimedPayment
from payments.models import Payment
from payments.services import payments, schedule, settlement
from payments.types import PaymentStatus
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment


def verify(payment: Payment) -> Payment:
    return settlement.verify(reference=payment.reference, now=timezone.now())


def shop_name(payment: Payment) -> str:
    return Business.objects.get(pk=payment.business_id).name


def test_approved_payment_is_settled_and_credited(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    settled = verify(started)
    assert settled.status == PaymentStatus.SUCCESSFUL
    assert (settled.paid_ghs, settled.fees_ghs) == (Decimal("50.00"), Decimal("0.98"))
    assert (settled.channel, settled.gateway_domain) == ("mobile_money", "test")
    assert settled.gateway_response == "Approved"
    assert settled.gateway_transaction_id.isdigit()
    assert settled.settled_at is not None
    assert settled.next_check_at is None
    assert shop_name(started) == "Ama's shop +50.00"


def test_verifying_twice_credits_once(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    first, second = verify(started), verify(started)
    assert (first.status, second.status) == ("SUCCESSFUL", "SUCCESSFUL")
    assert second.settled_at == first.settled_at
    assert credited == [started.reference]
    assert shop_name(started) == "Ama's shop +50.00"


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_credit_once(sandbox: PaystackSandbox, started: Payment, credited: list[str]) -> None:
    sandbox.pay(started.reference)
    barrier = threading.Barrier(8)

    def one(_: int) -> str:
        try:
            barrier.wait(10)
            return verify(started).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(8)))
    assert statuses == ["SUCCESSFUL"] * 8
    assert credited == [started.reference]
    assert shop_name(started) == "Ama's shop +50.00"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_eight_at_once_credit_more_than_once(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race above is real, and it is the lock that wins it."""
    sandbox.pay(started.reference)
    barrier = threading.Barrier(8)

    def unlocked(*, payment_id: int) -> Payment:
        payment = Payment.objects.get(pk=payment_id)
        barrier.wait(10)
        return payment

    monkeypatch.setattr(settlement.locks, "payment", unlocked)

    def one(_: int) -> None:
        try:
            verify(started)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert shop_name(started) == "Ama's shop" + " +50.00" * 8


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        ({"amount": 100, "requested_amount": 100}, "amount: expected 50.00, gateway says 1.00"),
        ({"amount": 5001}, "amount: expected 50.00, gateway says 50.01"),
        ({"amount": "5000.5"}, "amount: expected 50.00, gateway says nothing readable"),
        ({"amount": None}, "amount: expected 50.00, gateway says nothing readable"),
        ({"amount": 5000.0}, "amount: expected 50.00, gateway says nothing readable"),
        ({"amount": True}, "amount: expected 50.00, gateway says nothing readable"),
        ({"amount": 10**30}, "amount: expected 50.00, gateway says nothing readable"),
        ({"requested_amount": 4900}, "requested amount: expected 50.00, gateway says 49.00"),
        ({"requested_amount": "x"}, "requested amount: expected 50.00, gateway says nothing readable"),
        ({"currency": "NGN"}, "currency: expected GHS, gateway says NGN"),
        ({"currency": None}, "currency: expected GHS, gateway says nothing readable"),
        ({"domain": "live"}, "domain: expected test, gateway says live"),
        ({"reference": "sika-other"}, "gateway says sika-other"),
        (
            {"currency": "USD", "amount": 1},
            "currency: expected GHS, gateway says USD; amount: expected 50.00",
        ),
    ],
)
def test_a_success_that_does_not_match_waits_for_a_person(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], tamper: dict[str, Any], reason: str
) -> None:
    sandbox.pay(started.reference)
    sandbox.script(tamper=tamper)
    reviewed = verify(started)
    assert reviewed.status == PaymentStatus.REVIEW
    assert reason in reviewed.review_reason
    assert (reviewed.settled_at, reviewed.next_check_at) == (None, None)
    sandbox.script(tamper={})
    assert verify(started).status == PaymentStatus.REVIEW
    assert credited == []
    assert shop_name(started) == "Ama's shop"


@pytest.mark.parametrize(
    "tamper", [{"amount": "5000"}, {"requested_amount": None}, {"metadata": "", "surprise": [1]}]
)
def test_other_documented_shapes_are_read(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], tamper: dict[str, Any]
) -> None:
    sandbox.pay(started.reference)
    sandbox.script(tamper=tamper)
    assert verify(started).status == PaymentStatus.SUCCESSFUL


@pytest.mark.parametrize(
    "status", ["abandoned", "ongoing", "pending", "processing", "queued", "new-one", None, []]
)
def test_what_is_not_final_stays_open(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], status: object
) -> None:
    sandbox.script(tamper={"status": status})
    assert verify(started).status == PaymentStatus.PENDING
    assert credited == []


def test_money_given_back_before_it_was_credited_waits_for_a_person(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.script(tamper={"status": "reversed"})
    assert verify(started).status == PaymentStatus.REVIEW
    assert credited == []


@pytest.mark.parametrize("outcome", ["decline", "timeout"])
def test_late_success_after_a_failure_is_honoured(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], outcome: str
) -> None:
    sandbox.pay(started.reference, outcome)
    assert verify(started).status == PaymentStatus.FAILED
    assert credited == []
    sandbox.pay(started.reference, "approve")
    assert verify(started).status == PaymentStatus.SUCCESSFUL
    assert credited == [started.reference]


@pytest.mark.parametrize("fault", ["500", "timeout", "garbage", "drop", "401", "400"])
def test_no_answer_changes_nothing(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], fault: str
) -> None:
    sandbox.pay(started.reference)
    sandbox.script(fail_next=fault, fail_calls=3)
    with pytest.raises(GatewayUnavailable):
        verify(started)
    assert Payment.objects.get(pk=started.pk).status == PaymentStatus.PENDING
    assert credited == []
    sandbox.reset()
    assert verify(started).status == PaymentStatus.SUCCESSFUL


def test_one_failing_read_is_repeated(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    sandbox.script(fail_next="500")
    assert verify(started).status == PaymentStatus.SUCCESSFUL


@pytest.mark.django_db(transaction=True)
def test_payment_nobody_claims_raises_and_leaves_everything_as_it_was(
    sandbox: PaystackSandbox, business: Business, credited: list[str]
) -> None:
    payment = open_payment(business, purpose="nobody_sells_this")
    payments.start_checkout(payment_id=payment.pk, now=timezone.now())
    sandbox.pay(payment.reference)
    with pytest.raises(UnclaimedPayment, match=payment.reference):
        verify(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.settled_at, payment.paid_ghs) == ("PENDING", None, None)


@pytest.mark.django_db(transaction=True)
def test_failing_listener_undoes_the_settlement(
    sandbox: PaystackSandbox, started: Payment, credited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**kwargs: object) -> bool:
        raise ZeroDivisionError

    sandbox.pay(started.reference)
    settlement.signals.payment_succeeded.connect(fail, weak=False)
    try:
        with pytest.raises(ZeroDivisionError):
            verify(started)
    finally:
        settlement.signals.payment_succeeded.disconnect(fail)
    started.refresh_from_db()
    assert started.status == PaymentStatus.PENDING
    assert shop_name(started) == "Ama's shop"


@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["sika-unknown", "", "a/b", "\x00", "x" * 51, "sika-' OR 1=1"])
def test_unknown_reference_is_not_found(sandbox: PaystackSandbox, reference: str) -> None:
    with pytest.raises(NotFound):
        settlement.verify(reference=reference, now=NOON)
    assert sandbox.requests() == []


def test_reference_unknown_to_the_gateway_stays_open_for_a_day(
    sandbox: PaystackSandbox, business: Business
) -> None:
    payment = open_payment(business, now=NOON)
    reference = payment.reference
    day = timedelta(hours=24)
    assert settlement.verify(reference=reference, now=NOON + timedelta(hours=2)).status == "PENDING"
    assert settlement.verify(reference=reference, now=NOON + day - timedelta(seconds=1)).status == "PENDING"
    expired = settlement.verify(reference=reference, now=NOON + day)
    assert (expired.status, expired.next_check_at) == ("FAILED", None)
    assert expired.gateway_response == "No payment arrived within 24 hours."


def test_paid_after_it_expired_is_honoured(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    later = timezone.now() + timedelta(hours=30)
    assert settlement.verify(reference=started.reference, now=later).status == "FAILED"
    sandbox.pay(started.reference)
    assert settlement.verify(reference=started.reference, now=later).status == "SUCCESSFUL"


def test_network_inside_a_transaction_is_refused(started: Payment) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a database transaction"):
        verify(started)


@pytest.mark.parametrize(
    ("after", "next_after"),
    [(0, 15), (15, 30), (16, 30), (30, 60), (60, 120), (120, 185), (185, 600), (600, 3600), (3600, 86400)],
)
def test_schedule(after: int, next_after: int) -> None:
    found = schedule.next_check(created_at=NOON, now=NOON + timedelta(seconds=after))
    assert found == NOON + timedelta(seconds=next_after)


def test_schedule_ends_after_a_day() -> None:
    assert schedule.next_check(created_at=NOON, now=NOON + timedelta(hours=24)) is None


def test_due_payments_are_given_out_once_until_their_lease_ends(business: Business) -> None:
    early = open_payment(business, now=NOON)
    open_payment(business, now=NOON + timedelta(seconds=10))
    due = NOON + timedelta(seconds=15)
    assert schedule.claim_due(now=due - timedelta(seconds=1)) == []
    assert schedule.claim_due(now=due) == [early.pk]
    assert schedule.claim_due(now=due) == []
    assert early.pk in schedule.claim_due(now=due + schedule.LEASE)


def test_check_settles_what_the_webhook_never_told(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.script(lose_webhooks=True)
    sandbox.pay(started.reference)
    assert sandbox.deliveries(started.reference) == []
    now = started.created_at + timedelta(seconds=15)
    for payment_id in schedule.claim_due(now=now):
        settlement.check(payment_id=payment_id, now=now)
    assert shop_name(started) == "Ama's shop +50.00"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"amount_ghs": Decimal(0)}, "payment_amount_positive"),
        ({"currency": "NGN"}, "payment_in_cedis"),
        ({"status": "PAID"}, "payment_status_known"),
        ({"status": "SUCCESSFUL"}, "payment_settled_at_iff_settled"),
        ({"settled_at": NOON}, "payment_settled_at_iff_settled"),
        ({"status": "REVIEW"}, "payment_review_has_reason"),
    ],
)
def test_database_refuses(business: Business, values: dict[str, Any], constraint: str) -> None:
    payment = open_payment(business)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**values)


def test_one_gateway_transaction_settles_one_payment(business: Business) -> None:
    first, second = open_payment(business), open_payment(business)
    told = {"gateway_transaction_id": "1", "gateway_domain": "test"}
    Payment.objects.filter(pk=first.pk).update(**told)
    with pytest.raises(IntegrityError, match="payment_gateway_transaction_once"), transaction.atomic():
        Payment.objects.filter(pk=second.pk).update(**told)
