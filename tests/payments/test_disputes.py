"""Disputes: kept, announced once each, warned about in time, never back once decided."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from payments.errors import UnclaimedPayment
from payments.models import Dispute, Payment
from payments.providers.base import DisputeReport
from payments.services import disputes
from subscriptions.models import AlertDelivery
from subscriptions.services import deliveries
from tests.mails import send_alerts

from .conftest import shop_name

WAITING = {"status": "awaiting-merchant-feedback", "resolution": ""}
AT_BANK = {"status": "awaiting-bank-feedback", "resolution": ""}
WON = {"status": "resolved", "resolution": "declined"}
LOST = {"status": "resolved", "resolution": "merchant-accepted"}
AUTO = {"status": "resolved", "resolution": "auto-accepted"}


def report(payment: Payment, state: dict[str, str] = WAITING, **values: Any) -> DisputeReport:
    told = {
        "id": "358950",
        "reference": payment.reference,
        "amount_ghs": Decimal("50.00"),
        "category": "chargeback",
        "message": "Debit without value",
        "due_at": None,
        **state,
    }
    return DisputeReport(**{**told, **values})


def see(payment: Payment, state: dict[str, str] = WAITING, **values: Any) -> Dispute | None:
    now = values.pop("now", timezone.now())
    return disputes.observe(report=report(payment, state, **values), now=now)


def test_a_dispute_is_kept_and_announced(paid: Payment, taken_back: list[tuple[str, str]]) -> None:
    due = timezone.now() + timedelta(hours=40)
    see(paid, due_at=due)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.amount_ghs, dispute.due_at) == ("OPEN", Decimal("50.00"), due)
    assert (dispute.category, dispute.message) == ("chargeback", "Debit without value")
    assert taken_back == [("dispute", "OPEN")]
    assert shop_name(paid) == "Ama's shop +50.00 OPEN"


@pytest.mark.parametrize(
    ("states", "told", "status"),
    [
        ([WAITING, WAITING, WAITING], ["OPEN"], "OPEN"),
        ([WAITING, AT_BANK, AT_BANK], ["OPEN"], "ANSWERED"),
        ([AT_BANK, WAITING], ["OPEN"], "OPEN"),
        ([WAITING, AT_BANK, WON], ["OPEN", "WON"], "WON"),
        ([WAITING, LOST], ["OPEN", "LOST"], "LOST"),
        ([AUTO, WAITING], ["OPEN", "LOST"], "LOST"),
        ([WON], ["OPEN", "WON"], "WON"),
        ([WAITING, {"status": "resolved", "resolution": "new-word"}], ["OPEN"], "OPEN"),
        ([WAITING, {"status": "archived", "resolution": ""}], ["OPEN"], "OPEN"),
        ([WAITING, {"status": "pending", "resolution": "declined"}], ["OPEN"], "OPEN"),
    ],
)
def test_what_states_lead_to(
    paid: Payment,
    taken_back: list[tuple[str, str]],
    states: list[dict[str, str]],
    told: list[str],
    status: str,
) -> None:
    for state in states + states[-1:]:
        see(paid, state)
    dispute = Dispute.objects.get()
    assert dispute.status == status
    assert [state for _, state in taken_back] == told
    assert shop_name(paid) == " ".join(["Ama's shop +50.00", *told])


@pytest.mark.parametrize("order", list(itertools.permutations([WAITING, AT_BANK, LOST])), ids=str)
def test_every_order_of_events_is_lost_once(
    paid: Payment, taken_back: list[tuple[str, str]], order: list[dict[str, str]]
) -> None:
    for state in [*order, *order]:
        see(paid, state)
    assert Dispute.objects.get().status == "LOST"
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]


def test_decided_is_decided_but_a_person_hears_once_of_a_change_of_mind(paid: Payment) -> None:
    see(paid, WON)
    with capture_logs() as logs:
        for _ in range(2):
            see(paid, LOST)
    assert Dispute.objects.get().status == "WON"
    assert [line["event"] for line in logs] == ["dispute_contradicted"]


def test_an_unknown_resolution_is_told_once(paid: Payment) -> None:
    see(paid)
    with capture_logs() as logs:
        for _ in range(2):
            see(paid, {"status": "resolved", "resolution": "split"})
    assert [(line["event"], line["resolution"]) for line in logs] == [("dispute_resolution_unknown", "split")]


@pytest.mark.parametrize("reference", ["sika-of-nobody", "", "x" * 51, "\x00"])
def test_a_dispute_of_nobodys_payment_is_told(paid: Payment, reference: str) -> None:
    with capture_logs() as logs:
        assert see(paid, reference=reference) is None
    assert [line["event"] for line in logs] == ["dispute_of_unknown_payment"]
    assert not Dispute.objects.exists()


def test_two_disputes_of_one_payment_are_two(paid: Payment, taken_back: list[tuple[str, str]]) -> None:
    see(paid, id="1", amount_ghs=Decimal("20.00"))
    see(paid, id="2", amount_ghs=None)
    assert list(Dispute.objects.order_by("pk").values_list("amount_ghs", flat=True)) == [20, 50]
    assert taken_back == [("dispute", "OPEN")] * 2


@pytest.mark.django_db(transaction=True)
def test_an_unclaimed_dispute_undoes_itself(paid: Payment) -> None:
    Payment.objects.filter(pk=paid.pk).update(purpose="nobody_sells_this")
    with pytest.raises(UnclaimedPayment, match=paid.reference):
        see(paid)
    assert not Dispute.objects.exists()
    Payment.objects.filter(pk=paid.pk).update(unapplied=True)
    see(paid)
    assert Dispute.objects.get().status == "OPEN"


def eight_see(paid: Payment, state: dict[str, str]) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> None:
        try:
            barrier.wait(10)
            see(paid, state)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_lose_once(paid: Payment, taken_back: list[tuple[str, str]]) -> None:
    eight_see(paid, LOST)
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]
    assert shop_name(paid) == "Ama's shop +50.00 OPEN LOST"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_eight_lose_more_than_once(
    paid: Payment, taken_back: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    see(paid)
    barrier = threading.Barrier(8)
    real = disputes._status

    def unlocked(**_: object) -> Payment:
        return Payment.objects.get(pk=paid.pk)

    def together(*args: Any) -> Any:
        barrier.wait(10)
        return real(*args)

    monkeypatch.setattr(disputes.locks, "payment", unlocked)
    monkeypatch.setattr(disputes, "_status", together)
    eight_see(paid, LOST)
    assert taken_back.count(("dispute", "LOST")) == 8


# --- the clock ------------------------------------------------------------------------------------------


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """January 2027: the 1st is a Friday."""
    return datetime(2027, 1, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (at(4, 9), at(6, 9)),  # Monday → Wednesday
        (at(6, 23, 59), at(8, 23, 59)),  # Wednesday → Friday
        (at(7, 9), at(11, 9)),  # Thursday → Monday
        (at(8, 18), at(12, 18)),  # Friday evening → Tuesday evening
        (at(9, 10), at(13, 0)),  # Saturday: starts on Monday, 0:00
        (at(10, 23), at(13, 0)),
        (at(7, 0), at(9, 0)),  # all of Thursday and Friday
    ],
)
def test_48_hours_stand_still_on_weekends(opened: datetime, due: datetime) -> None:
    assert disputes.answer_by(opened_at=opened) == due


def test_the_gateways_own_date_counts_where_there_is_one(paid: Payment) -> None:
    see(paid, id="1", created_at=at(8, 18), now=at(8, 19))
    assert Dispute.objects.get().due_at == at(12, 18)
    see(paid, id="1", due_at=at(12, 17), now=at(8, 20))
    assert Dispute.objects.get().due_at == at(12, 17)


def warned(now: datetime) -> list[str]:
    with capture_logs() as logs:
        disputes.warn_due(now=now)
    return [line["event"] for line in logs]


def test_alarms_at_the_start_and_with_24_8_and_2_hours_left_once_each(
    paid: Payment, settings: Settings
) -> None:
    settings.OPS_EMAILS = ["ops@sika.test", "boss@sika.test"]
    due = at(20, 12)
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    with capture_logs() as logs:
        see(paid, due_at=due, now=due - 40 * hour)
    assert [line["event"] for line in logs] == ["dispute_opened"]
    for left in (24 * hour, 8 * hour, 2 * hour):
        assert warned(due - left - minute) == []
        assert warned(due - left) == ["dispute_due_soon"]
        assert warned(due - left) == []
        assert warned(due - left + minute) == []
    assert warned(due - minute) == []
    assert warned(due) == []
    assert [subject for subject, _ in send_alerts()] == [
        f"[Sika] A dispute over 50.00 cedis has to be answered in {left} h 0 min" for left in (40, 24, 8, 2)
    ]
    assert {tuple(message.to) for message in mail.outbox} == {("ops@sika.test", "boss@sika.test")}
    assert f"reference: {paid.reference}" in str(mail.outbox[0].body)


def test_what_passed_unseen_is_one_alarm(paid: Payment) -> None:
    due = at(20, 12)
    see(paid, due_at=due, now=due - timedelta(hours=40))
    assert warned(due - timedelta(hours=1)) == ["dispute_due_soon"]
    assert warned(due - timedelta(minutes=59)) == []


def test_opened_late_the_first_alarm_stands_for_what_passed(paid: Payment) -> None:
    due = at(20, 12)
    see(paid, due_at=due, now=due - timedelta(hours=7))
    assert warned(due - timedelta(hours=6)) == []
    assert warned(due - timedelta(hours=2)) == ["dispute_due_soon"]


def test_reminders_double_nothing(paid: Payment, taken_back: list[tuple[str, str]]) -> None:
    due = at(20, 12)
    with capture_logs() as logs:
        for hours in (40, 36, 32, 28):
            see(paid, due_at=due, now=due - timedelta(hours=hours))
    assert [line["event"] for line in logs] == ["dispute_opened"]
    assert taken_back == [("dispute", "OPEN")]


@pytest.mark.parametrize("state", [AT_BANK, WON, LOST])
def test_no_alarm_once_it_is_answered(paid: Payment, state: dict[str, str]) -> None:
    due = at(20, 12)
    see(paid, due_at=due, now=due - timedelta(hours=40))
    see(paid, state, due_at=due, now=due - timedelta(hours=30))
    assert warned(due - timedelta(hours=1)) == []


@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_warn_once(paid: Payment, settings: Settings) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    due = at(20, 12)
    see(paid, due_at=due, now=due - timedelta(hours=40))
    send_alerts()
    mail.outbox.clear()
    barrier = threading.Barrier(8)

    def one(_: int) -> list[int]:
        try:
            barrier.wait(10)
            return disputes.warn_due(now=due - timedelta(hours=8))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(len(found) for found in pool.map(one, range(8))) == 1
    assert len(send_alerts()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_undoes_nothing(paid: Payment, settings: Settings) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    see(paid)
    (due, _) = deliveries.due(now=timezone.now())
    assert deliveries.deliver(delivery_id=due, now=timezone.now()) == ""
    assert AlertDelivery.objects.get(pk=due).error.startswith("ConnectionRefusedError")
    assert Dispute.objects.get().status == "OPEN"


def test_due_disputes_are_given_out_once_until_their_lease_ends(paid: Payment) -> None:
    see(paid, now=at(4, 9))
    (dispute_id,) = Dispute.objects.values_list("pk", flat=True)
    due = at(4, 10)
    assert disputes.claim_due(now=due - timedelta(seconds=1)) == []
    assert disputes.claim_due(now=due) == [dispute_id]
    assert disputes.claim_due(now=due) == []
    assert disputes.claim_due(now=due + timedelta(minutes=2)) == [dispute_id]
