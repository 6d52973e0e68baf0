"""Answers to disputes: every step can be lost, and the answer is given once."""

from decimal import Decimal
from typing import Any

import pytest

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
