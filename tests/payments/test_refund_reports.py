"""What the gateway says of refunds: any state, any order, any number of times, ours or made elsewhere."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from payments import signals
from payments.errors import NotRefundable, RefundInProgress, RefundTooLarge, UnclaimedPayment
from payments.models import Dispute, Payment, Refund
from payments.providers.base import RefundReport
from payments.services import refund_reports, refunds
from payments.types import DisputeStatus, PaymentStatus, RefundStatus
from tests.mails import send_alerts

from .conftest import NOON, shop_name

STATES = {state.value: state for state in RefundStatus}
OPEN_STATES = ["PENDING", "PROCESSING", "NEEDS_ATTENTION"]


def ask(payment: Payment, amount: str = "50.00", **values: Any) -> Refund:
    return refunds.open_refund(
        payment_id=payment.pk,
        amount_ghs=Decimal(amount),
        reason="Ordered twice",
        requested_by=values.pop("requested_by", 7),
        now=values.pop("now", timezone.now()),
    )


def report(state: str, refund: Refund | None = None, **values: Any) -> RefundReport:
    told = {"id": "901", "amount_ghs": Decimal("50.00"), "note": str(refund.pk) if refund else ""}
    return RefundReport(status=STATES[state], **{**told, **values})


def tell(payment: Payment, told: RefundReport, **values: Any) -> Refund | None:
    return refund_reports.apply(payment_id=payment.pk, report=told, now=timezone.now(), **values)


def test_a_full_refund_is_kept_processed_and_announced_once(
    paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    refund = ask(paid)
    assert (refund.status, refund.attempts, refund.sent_at) == ("REQUESTED", 0, None)
    for state in ("PENDING", "PROCESSING", "PROCESSED", "PROCESSED"):
        tell(paid, report(state, refund))
    refund.refresh_from_db()
    paid.refresh_from_db()
    assert (refund.status, refund.gateway_refund_id, refund.next_check_at) == ("PROCESSED", "901", None)
    assert [line[1] for line in refund.history] == ["REQUESTED", "PENDING", "PROCESSING", "PROCESSED"]
    assert (paid.status, paid.refunded_ghs) == ("REFUNDED", Decimal("50.00"))
    assert taken_back == [("refund", "PROCESSED")]
    assert shop_name(paid) == "Ama's shop +50.00 -50.00"
    assert list(paid.actions.values_list("actor_id", "action", "reason")) == [(7, "refund", "Ordered twice")]


@pytest.mark.parametrize("order", list(itertools.permutations([*OPEN_STATES, "PROCESSED"])))
def test_every_order_of_states_ends_processed_once(paid: Payment, order: tuple[str, ...]) -> None:
    refund = ask(paid)
    for state in (*order, *order):
        tell(paid, report(state, refund))
    refund.refresh_from_db()
    assert refund.status == RefundStatus.PROCESSED
    assert shop_name(paid) == "Ama's shop +50.00 -50.00"


@pytest.mark.parametrize("order", list(itertools.permutations([*OPEN_STATES, "FAILED"])))
def test_every_order_of_states_ends_failed_once(
    paid: Payment, taken_back: list[tuple[str, str]], order: tuple[str, ...]
) -> None:
    refund = ask(paid)
    for state in (*order, *order):
        tell(paid, report(state, refund))
    refund.refresh_from_db()
    paid.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    assert taken_back == [("refund", "FAILED")]
    assert (paid.status, paid.refunded_ghs) == ("SUCCESSFUL", 0)


@pytest.mark.parametrize(
    ("first", "then", "shown"),
    [
        ("PENDING", "PROCESSING", "PROCESSING"),
        ("PROCESSING", "PENDING", "PROCESSING"),
        ("PROCESSING", "NEEDS_ATTENTION", "NEEDS_ATTENTION"),
        ("NEEDS_ATTENTION", "PROCESSING", "PROCESSING"),
        ("NEEDS_ATTENTION", "PENDING", "PENDING"),
    ],
)
def test_open_states_go_on(paid: Payment, first: str, then: str, shown: str) -> None:
    refund = ask(paid)
    tell(paid, report(first, refund))
    tell(paid, report(then, refund))
    refund.refresh_from_db()
    assert refund.status == shown
    assert refund.next_check_at is not None


@pytest.mark.parametrize(("ended", "then"), [("PROCESSED", "FAILED"), ("FAILED", "PROCESSED")])
def test_ended_is_ended_but_a_person_hears_of_a_change_of_mind(
    paid: Payment,
    taken_back: list[tuple[str, str]],
    ended: str,
    then: str,
    settings: Settings,
) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    refund = ask(paid)
    tell(paid, report(ended, refund))
    with capture_logs() as logs:
        tell(paid, report(then, refund))
    refund.refresh_from_db()
    assert refund.status == ended
    assert taken_back == [("refund", ended)]
    (line,) = [line for line in logs if line["event"] == "refund_contradicted"]
    assert (line["ours"], line["gateway"]) == (ended, then)
    send_alerts()
    assert [message.to for message in mail.outbox] == [["ops@sika.test"]]


def test_two_parts_make_the_whole(paid: Payment) -> None:
    first = ask(paid, "20.00")
    tell(paid, report("PROCESSED", first, id="1", amount_ghs=Decimal(20)))
    paid.refresh_from_db()
    assert (paid.status, paid.refunded_ghs) == ("SUCCESSFUL", Decimal(20))
    with pytest.raises(RefundTooLarge) as refused:
        ask(paid, "30.01")
    assert refused.value.data == {"refundable": Decimal("30.00")}
    second = ask(paid, "30.00")
    tell(paid, report("PROCESSED", second, id="2", amount_ghs=Decimal(30)))
    paid.refresh_from_db()
    assert (paid.status, paid.refunded_ghs) == ("REFUNDED", Decimal(50))
    with pytest.raises(NotRefundable):
        ask(paid, "0.01")
    assert shop_name(paid) == "Ama's shop +50.00 -20.00 -30.00"


def test_only_one_is_open(paid: Payment) -> None:
    first = ask(paid, "20.00")
    with pytest.raises(RefundInProgress):
        ask(paid, "20.00")
    tell(paid, report("FAILED", first))
    ask(paid, "20.00")
    assert Refund.objects.count() == 2


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_amounts_are_whole_pesewas(paid: Payment, amount: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        ask(paid, amount)
    assert not Refund.objects.exists()


def test_what_was_not_paid_is_not_refunded(started: Payment) -> None:
    with pytest.raises(NotRefundable):
        ask(started)


def test_no_refund_beside_an_open_or_lost_dispute(paid: Payment) -> None:
    dispute = Dispute.objects.create(
        payment=paid,
        gateway_dispute_id="1",
        amount_ghs=Decimal(30),
        due_at=NOON,
        opened_at=NOON,
        next_check_at=NOON,
    )
    with pytest.raises(NotRefundable, match="Answer the dispute"):
        ask(paid, "1.00")
    Dispute.objects.filter(pk=dispute.pk).update(
        status=DisputeStatus.LOST, closed_at=NOON, next_check_at=None
    )
    with pytest.raises(RefundTooLarge):
        ask(paid, "20.01")
    assert ask(paid, "20.00").status == RefundStatus.REQUESTED


@pytest.mark.django_db(transaction=True)
def test_unclaimed_money_going_back_undoes_itself(paid: Payment) -> None:
    refund = ask(paid)
    Payment.objects.filter(pk=paid.pk).update(purpose="nobody_sells_this")
    with pytest.raises(UnclaimedPayment, match=paid.reference):
        tell(paid, report("PROCESSED", refund))
    refund.refresh_from_db()
    paid.refresh_from_db()
    assert (refund.status, paid.refunded_ghs, paid.status) == ("REQUESTED", 0, "SUCCESSFUL")


@pytest.mark.django_db(transaction=True)
def test_a_failing_listener_undoes_the_refund(paid: Payment) -> None:
    def fail(**kwargs: object) -> None:
        raise ZeroDivisionError

    refund = ask(paid)
    signals.payment_refunded.connect(fail, weak=False)
    try:
        with pytest.raises(ZeroDivisionError):
            tell(paid, report("PROCESSED", refund))
    finally:
        signals.payment_refunded.disconnect(fail)
    refund.refresh_from_db()
    assert refund.status == RefundStatus.REQUESTED
    assert shop_name(paid) == "Ama's shop +50.00"
    tell(paid, report("PROCESSED", refund))
    assert shop_name(paid) == "Ama's shop +50.00 -50.00"


@pytest.mark.django_db(transaction=True)
def test_unapplied_money_goes_back_without_anybodys_claim(paid: Payment) -> None:
    refund = ask(paid)
    Payment.objects.filter(pk=paid.pk).update(purpose="nobody_sells_this", unapplied=True)
    tell(paid, report("PROCESSED", refund))
    paid.refresh_from_db()
    assert paid.status == PaymentStatus.REFUNDED


def eight_at_once(payment: Payment, told: RefundReport) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> None:
        try:
            barrier.wait(10)
            tell(payment, told)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))


@pytest.mark.django_db(transaction=True)
def test_eight_reports_at_once_take_back_once(paid: Payment, taken_back: list[tuple[str, str]]) -> None:
    eight_at_once(paid, report("PROCESSED", ask(paid)))
    assert taken_back == [("refund", "PROCESSED")]
    assert shop_name(paid) == "Ama's shop +50.00 -50.00"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_eight_reports_take_back_eight_times(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is real, and the lock wins it."""
    refund = ask(paid)
    barrier = threading.Barrier(8)

    def unlocked(**_: object) -> Payment:
        payment = Payment.objects.get(pk=paid.pk)
        barrier.wait(10)
        return payment

    real = refund_reports._ours

    def together(*args: Any) -> Any:
        found = real(*args)
        barrier.wait(10)
        return found

    monkeypatch.setattr(refund_reports.locks, "payment", unlocked)
    monkeypatch.setattr(refund_reports, "_ours", together)
    eight_at_once(paid, report("PROCESSED", refund))
    assert shop_name(paid) == "Ama's shop +50.00" + " -50.00" * 8


@pytest.mark.django_db(transaction=True)
def test_eight_adopt_one_refund_of_the_dashboard_once(
    paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    eight_at_once(paid, report("PROCESSED", note="by the shopkeeper"))
    refund = Refund.objects.get()
    assert (refund.requested_by, refund.reason) == (None, "Made at the gateway.")
    assert taken_back == [("refund", "PROCESSED")]


@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_open_one(paid: Payment) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> str:
        try:
            barrier.wait(10)
            return ask(paid, "10.00").status
        except RefundInProgress:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == ["REQUESTED"] + ["refused"] * 7
    assert Refund.objects.count() == 1


# --- made elsewhere -------------------------------------------------------------------------------------


def test_an_open_refund_of_the_dashboard_blocks_a_second_one(
    paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    tell(paid, report("PENDING", note="by the shopkeeper"))
    assert taken_back == []
    with pytest.raises(RefundInProgress):
        ask(paid)
    tell(paid, report("PROCESSED", note="by the shopkeeper"))
    assert taken_back == [("refund", "PROCESSED")]
    paid.refresh_from_db()
    assert paid.status == PaymentStatus.REFUNDED


def test_a_refund_of_the_dashboard_beside_ours_is_taken_when_it_is_done(paid: Payment) -> None:
    ours = ask(paid, "20.00")
    other: dict[str, Any] = {"id": "902", "amount_ghs": Decimal("30.00"), "note": "by the shopkeeper"}
    tell(paid, report("PENDING", **other))
    assert Refund.objects.count() == 1
    tell(paid, report("PROCESSED", **other))
    tell(paid, report("PROCESSED", ours, amount_ghs=Decimal(20)))
    paid.refresh_from_db()
    assert (paid.status, Refund.objects.count()) == ("REFUNDED", 2)
    assert shop_name(paid) == "Ama's shop +50.00 -30.00 -20.00"


@pytest.mark.parametrize(
    "values",
    [
        {"status": RefundStatus.FAILED},  # nothing moved
        {"dispute_id": "5"},  # a lost dispute's
        {"amount_ghs": None},
        {"id": ""},
    ],
)
def test_what_is_not_adopted(paid: Payment, values: dict[str, Any]) -> None:
    told = {"id": "9", "status": RefundStatus.PROCESSED, "amount_ghs": Decimal(50), **values}
    assert tell(paid, RefundReport(**told)) is None
    assert not Refund.objects.exists()


def test_without_a_note_one_of_the_same_amount_is_ours_once_ours_was_sent(paid: Payment) -> None:
    ours = ask(paid, "20.00")
    told = report("PENDING", amount_ghs=Decimal(20))
    assert tell(paid, told) is None
    Refund.objects.filter(pk=ours.pk).update(attempts=1, sent_at=timezone.now())
    assert tell(paid, report("PENDING", amount_ghs=Decimal(30))) is None
    found = tell(paid, told)
    assert found is not None and found.pk == ours.pk
    assert Refund.objects.get().gateway_refund_id == "901"


@pytest.mark.parametrize("amount", ["49.99", "50.01"])
def test_another_amount_than_asked_waits_for_a_person(
    paid: Payment, taken_back: list[tuple[str, str]], amount: str
) -> None:
    refund = ask(paid)
    with capture_logs() as logs:
        for _ in range(2):
            tell(paid, report("PROCESSED", refund, amount_ghs=Decimal(amount)))
    refund.refresh_from_db()
    assert refund.status == RefundStatus.NEEDS_ATTENTION
    assert f"The gateway says {amount} cedis went back; 50.00 were asked" in refund.gateway_message
    assert taken_back == []
    assert [line["event"] for line in logs] == ["refund_needs_attention"]


def test_more_than_was_paid_waits_for_a_person(paid: Payment) -> None:
    tell(paid, report("PROCESSED", amount_ghs=Decimal("50.01"), note="by the shopkeeper"))
    assert Refund.objects.get().status == RefundStatus.NEEDS_ATTENTION
    paid.refresh_from_db()
    assert (paid.status, paid.refunded_ghs) == ("SUCCESSFUL", 0)


def test_asked_often_at_first_then_daily() -> None:
    def after(hours: float) -> float:
        now = NOON + timedelta(hours=hours)
        return (refund_reports.next_check(since=NOON, now=now) - NOON).total_seconds() / 60

    assert [after(hours) for hours in (0, 1 / 60, 0.5, 1, 6, 100)] == [1, 10, 60, 360, 1800, 7440]
