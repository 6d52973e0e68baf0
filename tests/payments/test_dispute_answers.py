"""Answers to disputes: every step can be lost, and the answer is given once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from payments.errors import DisputeClosed, EvidenceRequired, PaymentRejected, RefundTooLarge
from payments.models import Dispute, Payment
from payments.providers.base import DisputeReport, Evidence
from payments.services import dispute_answers, disputes
from payments.types import DisputeAnswer

from .conftest import NOON, shop_name
from .desk import Desk

EVIDENCE = Evidence(
    customer_email="ama@example.com",
    customer_name="Ama",
    customer_phone="0551234987",
    service_details="100 credits, used on the same day",
)
FILE = ("evidence.pdf", b"%PDF-1.7 x")


@pytest.fixture
def dispute(paid: Payment, desk: Desk) -> Dispute:
    desk.dispute = {
        "id": 358950,
        "status": "awaiting-merchant-feedback",
        "resolution": None,
        "refund_amount": 5000,
        "transaction": {"reference": paid.reference},
    }
    told = DisputeReport("358950", paid.reference, Decimal("50.00"), "awaiting-merchant-feedback", "")
    found = disputes.observe(report=told, now=NOON)
    assert found is not None
    return found


def decline(dispute: Dispute, **values: Any) -> Dispute:
    settings = {"message": "It was delivered", "evidence": EVIDENCE, "file": FILE, **values}
    return dispute_answers.answer(
        dispute_id=dispute.pk,
        decision=DisputeAnswer.DECLINE,
        by=7,
        reason="We have proof",
        now=NOON,
        **settings,
    )


def accept(dispute: Dispute, refund: str = "50.00") -> Dispute:
    return dispute_answers.answer(
        dispute_id=dispute.pk,
        decision=DisputeAnswer.ACCEPT,
        message="Sorry",
        refund_ghs=Decimal(refund),
        by=7,
        reason="They are right",
        now=NOON,
    )


def test_declining_sends_file_evidence_and_resolution_once(
    paid: Payment, dispute: Dispute, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    done = decline(dispute)
    assert (done.status, done.evidence_id, done.uploaded_filename) == ("WON", "21", "kept-1")
    assert [path.rpartition("/")[2] for path, _ in desk.writes] == ["1", "evidence", "resolve"]
    assert desk.sent("resolve") == [
        {
            "resolution": "declined",
            "message": "It was delivered",
            "refund_amount": 0,
            "uploaded_filename": "kept-1",
            "evidence": 21,
        }
    ]
    with pytest.raises(DisputeClosed):
        decline(dispute)
    assert taken_back == [("dispute", "OPEN"), ("dispute", "WON")]
    assert list(paid.actions.values_list("action", "reason")) == [("dispute_decline", "We have proof")]


def test_accepting_loses_it(paid: Payment, dispute: Dispute, desk: Desk) -> None:
    assert accept(dispute, "20.00").status == "LOST"
    assert Dispute.objects.get().amount_ghs == Decimal("20.00")
    assert shop_name(paid) == "Ama's shop +50.00 OPEN LOST"


def test_what_an_answer_needs(dispute: Dispute, desk: Desk) -> None:
    for missing in ({"evidence": None}, {"file": None}):
        with pytest.raises(EvidenceRequired):
            decline(dispute, **missing)
    for amount in ("0", "50.01"):
        with pytest.raises(RefundTooLarge):
            accept(dispute, amount)
    assert desk.writes == []


@pytest.mark.parametrize("faults", [["", "landed"], ["", "lost"], ["", "", "landed"], ["", "", "lost"]])
def test_a_lost_answer_is_found_or_given_again_by_the_sweep(
    paid: Payment, dispute: Dispute, desk: Desk, taken_back: list[tuple[str, str]], faults: list[str]
) -> None:
    desk.faults = list(faults)
    assert decline(dispute).status == "OPEN"
    with pytest.raises(DisputeClosed):
        accept(dispute)
    done = dispute_answers.proceed(dispute_id=dispute.pk, now=NOON)
    assert done.status == "WON"
    assert len(desk.sent("resolve")) == 2 if faults == ["", "", "lost"] else 1
    assert taken_back == [("dispute", "OPEN"), ("dispute", "WON")]
    assert paid.actions.count() == 1


def test_a_file_that_does_not_arrive_decides_nothing(paid: Payment, dispute: Dispute, desk: Desk) -> None:
    desk.faults = ["lost"]
    with pytest.raises(Exception, match="did not answer"):
        decline(dispute)
    assert (Dispute.objects.get().answer, paid.actions.count()) == ("", 0)
    assert decline(dispute).status == "WON"


def test_a_refused_answer_can_be_given_differently(dispute: Dispute, desk: Desk) -> None:
    desk.faults = ["", "Refund amount cannot be greater than initial amount"]
    with pytest.raises(PaymentRejected, match="cannot be greater"):
        accept(dispute)
    assert Dispute.objects.get().answer == ""
    assert decline(dispute).status == "WON"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["proceed", "release_connection"])
def test_a_process_that_dies_after_the_decision_is_made_up_for_by_the_sweep(
    dispute: Dispute,
    desk: Desk,
    taken_back: list[tuple[str, str]],
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object, **__: object) -> None:
        if step == "proceed" or Dispute.objects.get().answer:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(dispute_answers, step, die)
        with pytest.raises(Killed):
            decline(dispute)
    later = NOON + disputes.schedule.LEASE
    (due,) = disputes.claim_due(now=later)
    assert dispute_answers.proceed(dispute_id=due, now=later).status == "WON"
    assert len(desk.sent("resolve")) == 1
    assert taken_back == [("dispute", "OPEN"), ("dispute", "WON")]


# --- beside a reminder ----------------------------------------------------------------------------------


def reminded_while(dispute: Dispute, work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A reminder has read the row; `work` runs; then the reminder writes."""
    real, reminder = disputes._status, threading.get_ident()

    def paused(*args: Any) -> Any:
        if threading.get_ident() == reminder:
            work()
        return real(*args)

    monkeypatch.setattr(disputes, "_status", paused)
    told = DisputeReport("358950", dispute.payment.reference, None, "awaiting-merchant-feedback", "")
    disputes.observe(report=told, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_a_reminder_during_the_upload_does_not_lose_the_file(
    dispute: Dispute, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, is_uploaded = dispute_answers._locked, threading.Event()

    def locked(dispute_id: int) -> Dispute:
        is_uploaded.set()
        return real(dispute_id)

    def answer() -> Dispute:
        try:
            return decline(dispute)
        finally:
            connections.close_all()

    monkeypatch.setattr(dispute_answers, "_locked", locked)
    with ThreadPoolExecutor(1) as pool:
        answers = []

        def work() -> None:
            answers.append(pool.submit(answer))
            assert is_uploaded.wait(10)

        reminded_while(dispute, work, monkeypatch)
        assert answers[0].result(20).status == "WON"
    assert [sent["uploaded_filename"] for sent in desk.sent("resolve")] == ["kept-1"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("column", "value"),
    [("uploaded_filename", "kept-1"), ("evidence_id", "21"), ("warned_at", NOON + timedelta(1))],
)
def test_a_reminder_writes_only_what_it_reports(
    dispute: Dispute, column: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep() -> None:
        try:
            Dispute.objects.filter(pk=dispute.pk).update(**{column: value})
        finally:
            connections.close_all()

    def work() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(keep).result(10)

    reminded_while(dispute, work, monkeypatch)
    assert getattr(Dispute.objects.get(), column) == value


@pytest.mark.django_db(transaction=True)
def test_somebody_elses_file_does_not_replace_that_of_the_answer(
    dispute: Dispute, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second to decide had read the dispute before the first did."""
    real = dispute_answers._upload

    def upload(*args: Any) -> Any:
        monkeypatch.setattr(dispute_answers, "_upload", real)
        desk.faults = ["", "", "lost"]
        assert decline(dispute).status == "OPEN"
        return real(*args)

    monkeypatch.setattr(dispute_answers, "_upload", upload)
    with pytest.raises(DisputeClosed):
        accept(dispute)
    assert dispute_answers.proceed(dispute_id=dispute.pk, now=NOON).status == "WON"
    assert [sent["uploaded_filename"] for sent in desk.sent("resolve")] == ["kept-1", "kept-1"]
