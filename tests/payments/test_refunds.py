"""Sending refunds: once at the gateway whatever is lost, and found again whoever died."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from structlog.testing import capture_logs

from config.core.db import release_connection
from payments.errors import (
    GatewayUnavailable,
    NoAccountWanted,
    PaymentRejected,
    RefundFinished,
    RefundUnconfirmed,
)
from payments.models import Payment, Refund
from payments.services import refund_reports, refunds, review
from payments.types import RefundStatus

from .conftest import NOON, shop_name
from .desk import Desk, refused

MINUTE = timedelta(minutes=1)


@pytest.fixture
def refund(paid: Payment) -> Refund:
    return refunds.open_refund(
        payment_id=paid.pk, amount_ghs=Decimal("20.00"), reason="Ordered twice", requested_by=7, now=NOON
    )


def send(refund: Refund) -> Refund:
    return refunds.send(refund_id=refund.pk, now=NOON)


def check(refund: Refund, now: datetime) -> Refund:
    return refunds.check(refund_id=refund.pk, now=now)


def sweep(now: datetime) -> int:
    found = refunds.claim_due(now=now)
    for refund_id in found:
        refunds.check(refund_id=refund_id, now=now)
    return len(found)


def test_it_is_sent_with_our_id_and_followed_until_it_is_processed(
    paid: Payment, refund: Refund, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    sent = send(refund)
    assert (sent.status, sent.gateway_refund_id, sent.attempts, sent.sent_at) == ("PENDING", "900", 1, NOON)
    assert sent.next_check_at == NOON + MINUTE
    (asked,) = desk.sent("^/refund$")
    assert (asked["amount"], asked["transaction"]) == (2000, paid.gateway_transaction_id)
    assert asked["merchant_note"] == str(refund.pk)
    assert sweep(NOON + 59 * timedelta(seconds=1)) == 0
    assert sweep(NOON + MINUTE) == 1
    assert Refund.objects.get().next_check_at == NOON + 10 * MINUTE
    desk.refunds[0]["status"] = "processed"
    assert sweep(NOON + 10 * MINUTE) == 1
    done = Refund.objects.get()
    assert (done.status, done.next_check_at) == ("PROCESSED", None)
    assert sweep(NOON + timedelta(days=9)) == 0
    assert taken_back == [("refund", "PROCESSED")]
    assert shop_name(paid) == "Ama's shop +50.00 -20.00"


def test_sending_twice_sends_once(refund: Refund, desk: Desk) -> None:
    for _ in range(3):
        send(refund)
    assert len(desk.refunds) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_send_once(refund: Refund, desk: Desk) -> None:
    barrier = threading.Barrier(8)

    def one(number: int) -> None:
        try:
            barrier.wait(10)
            send(refund) if number % 2 else check(refund, NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert len(desk.sent("^/refund$")) == 1
    assert Refund.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_eight_send_more_than_once(
    refund: Refund, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    barrier = threading.Barrier(8)

    def unclaimed(*_: object) -> bool:
        release_connection()
        barrier.wait(10)
        return True

    monkeypatch.setattr(refunds, "_claim_to_send", unclaimed)

    def one(_: int) -> None:
        try:
            send(refund)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert len(desk.sent("^/refund$")) == 8


@pytest.mark.parametrize("fault", ["landed", "garbage"])
@pytest.mark.parametrize("keeps_notes", [True, False])
def test_an_answer_that_is_lost_is_found_by_asking(
    refund: Refund, desk: Desk, fault: str, keeps_notes: bool
) -> None:
    desk.faults, desk.keeps_notes = [fault], keeps_notes
    unknown = send(refund)
    assert (unknown.status, unknown.gateway_refund_id) == ("REQUESTED", "")
    assert sweep(NOON + MINUTE) == 1
    found = Refund.objects.get()
    assert (found.status, found.gateway_refund_id) == ("PENDING", "900")
    assert len(desk.sent("^/refund$")) == 1


def test_a_request_that_is_lost_is_sent_again_after_5_minutes_and_3_times_at_most(
    paid: Payment, refund: Refund, desk: Desk
) -> None:
    desk.faults = ["lost"] * 3
    send(refund)
    assert sweep(NOON + MINUTE) == 1
    assert Refund.objects.get().next_check_at == NOON + 5 * MINUTE
    check(refund, NOON + 5 * MINUTE - timedelta(seconds=1))
    assert len(desk.sent("^/refund$")) == 1
    check(refund, NOON + 5 * MINUTE)
    check(refund, NOON + 9 * MINUTE)
    assert len(desk.sent("^/refund$")) == 2
    check(refund, NOON + 10 * MINUTE)
    assert len(desk.sent("^/refund$")) == 3
    with capture_logs() as logs:
        waiting = check(refund, NOON + 15 * MINUTE)
    assert (waiting.status, waiting.attempts) == ("NEEDS_ATTENTION", 3)
    assert waiting.gateway_message.startswith("Sent 3 times, never confirmed.")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["refund_needs_attention"]
    check(refund, NOON + timedelta(days=2))
    assert len(desk.sent("^/refund$")) == 3


def test_one_that_turns_up_late_is_still_ours(refund: Refund, desk: Desk) -> None:
    desk.faults = ["lost"] * 3
    for minutes in (0, 5, 10, 15):
        check(refund, NOON + minutes * MINUTE)
    assert Refund.objects.get().status == RefundStatus.NEEDS_ATTENTION
    (asked, *_) = desk.sent("^/refund$")
    desk.refund(asked)
    assert check(refund, NOON + 60 * MINUTE).status == RefundStatus.PENDING
    assert Refund.objects.count() == 1


def test_429_waits_as_told_and_does_not_count(refund: Refund, desk: Desk) -> None:
    desk.faults = ["429"]
    waiting = send(refund)
    assert (waiting.status, waiting.attempts, waiting.sent_at) == ("REQUESTED", 0, None)
    assert waiting.next_check_at == NOON + timedelta(seconds=90)
    assert sweep(NOON + timedelta(seconds=89)) == 0
    assert sweep(NOON + timedelta(seconds=90)) == 1
    assert Refund.objects.get().status == RefundStatus.PENDING
    assert len(desk.refunds) == 1


def test_a_refusal_fails_it_in_the_gateways_words(
    paid: Payment, refund: Refund, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    desk.faults = ["Insufficient balance to fulfill this refund. Please top up."]
    failed = send(refund)
    assert failed.status == RefundStatus.FAILED
    assert "Insufficient balance to fulfill this refund" in failed.gateway_message
    assert taken_back == [("refund", "FAILED")]
    assert sweep(NOON + timedelta(days=9)) == 0
    paid.refresh_from_db()
    assert (paid.status, paid.refunded_ghs) == ("SUCCESSFUL", 0)


def test_a_refusal_because_the_first_one_landed_is_no_failure(refund: Refund, desk: Desk) -> None:
    desk.faults = ["lost"]
    send(refund)
    claimed: list[int] = []

    def land_late(values: dict[str, Any]) -> Any:
        claimed.append(1)
        Desk.refund(desk, {**values})
        return refused("Transaction has been fully reversed")

    desk.refund = land_late  # type: ignore[method-assign]
    assert check(refund, NOON + 5 * MINUTE).status == RefundStatus.PENDING
    assert claimed == [1]


def test_while_nobody_can_be_asked_nothing_is_sent(refund: Refund, desk: Desk) -> None:
    desk.reads_fail = True
    with pytest.raises(GatewayUnavailable):
        send(refund)
    kept = Refund.objects.get()
    assert (kept.status, kept.attempts, desk.writes) == ("REQUESTED", 0, [])
    desk.reads_fail = False
    assert sweep(NOON + MINUTE) == 1
    assert len(desk.refunds) == 1


class Killed(BaseException):
    """The process ends here."""


STEPS = ["before the claim", "after the claim", "after the call", "inside the commit"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_is_made_up_for_by_the_sweep(
    paid: Payment, refund: Refund, desk: Desk, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    where: dict[str, tuple[Any, str]] = {
        "before the claim": (refunds, "_claim_to_send"),
        "after the claim": (refunds, "_send"),
        "after the call": (refund_reports, "apply"),
        "inside the commit": (refund_reports, "move"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*where[step], die)
        with pytest.raises(Killed):
            send(refund)
    for minutes in (1, 5, 10, 15):
        for row in desk.refunds:
            row["status"] = "processed"
        sweep(NOON + minutes * MINUTE)
    assert len(desk.refunds) == 1
    assert Refund.objects.get().status == RefundStatus.PROCESSED
    assert shop_name(paid) == "Ama's shop +50.00 -20.00"


def test_due_refunds_are_given_out_once_until_their_lease_ends(refund: Refund) -> None:
    assert refunds.claim_due(now=NOON - timedelta(seconds=1)) == []
    assert refunds.claim_due(now=NOON) == [refund.pk]
    assert refunds.claim_due(now=NOON) == []
    assert refunds.claim_due(now=NOON + 2 * MINUTE) == [refund.pk]


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_share_the_refunds(refund: Refund) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> int:
        try:
            barrier.wait(10)
            return len(refunds.claim_due(now=NOON))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 1


# --- by a person ----------------------------------------------------------------------------------------


def give(refund: Refund) -> Refund:
    return refunds.give_bank_account(
        refund_id=refund.pk, account_number="0123456789", bank_id="28", by=7, reason="Told by phone", now=NOON
    )


def test_a_bank_account_lets_it_go_on_and_is_kept_nowhere(paid: Payment, refund: Refund, desk: Desk) -> None:
    send(refund)
    with pytest.raises(NoAccountWanted):
        give(refund)
    desk.refunds[0]["status"] = "needs-attention"
    assert check(refund, NOON + MINUTE).status == RefundStatus.NEEDS_ATTENTION
    assert give(refund).status == RefundStatus.PROCESSING
    (values,) = desk.sent("retry_with")
    assert values["refund_account_details"] == {
        "currency": "GHS",
        "account_number": "0123456789",
        "bank_id": "28",
    }
    assert "0123456789" not in str(list(Refund.objects.values()) + list(paid.actions.values()))
    assert paid.actions.filter(action="refund_account", reason="Told by phone").count() == 1


@pytest.mark.parametrize("fault", ["landed", "lost"])
def test_a_lost_answer_to_the_bank_account_is_found_by_asking(refund: Refund, desk: Desk, fault: str) -> None:
    send(refund)
    desk.refunds[0]["status"] = "needs-attention"
    check(refund, NOON + MINUTE)
    desk.faults = [fault]
    assert give(refund).status == RefundStatus.NEEDS_ATTENTION
    sweep(NOON + MINUTE)
    expected = "PROCESSING" if fault == "landed" else "NEEDS_ATTENTION"
    assert Refund.objects.get().status == expected


def test_a_refused_bank_account_says_why(refund: Refund, desk: Desk) -> None:
    send(refund)
    desk.refunds[0]["status"] = "needs-attention"
    check(refund, NOON + MINUTE)
    desk.refunds[0]["status"] = "processing"
    with pytest.raises(PaymentRejected, match="Invalid Refund state"):
        give(refund)


def test_by_hand_only_once_it_is_known_what_it_is(
    paid: Payment, refund: Refund, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    def finish(outcome: RefundStatus) -> Refund:
        return refunds.finish_by_hand(refund_id=refund.pk, outcome=outcome, reason="Seen", by=7, now=NOON)

    with pytest.raises(RefundUnconfirmed):
        finish(RefundStatus.FAILED)
    send(refund)
    for _ in range(2):
        assert finish(RefundStatus.PROCESSED).status == RefundStatus.PROCESSED
    with pytest.raises(RefundFinished):
        finish(RefundStatus.FAILED)
    with pytest.raises(ValueError, match="does not end as"):
        finish(RefundStatus.PENDING)
    assert taken_back == [("refund", "PROCESSED")]
    assert paid.actions.filter(action="refund_processed_by_hand").count() == 1


# --- a reversal that the gateway reports ----------------------------------------------------------------


def test_a_reversal_is_explained_by_its_refund(
    paid: Payment, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    desk.refund({"amount": 5000, "transaction": paid.gateway_transaction_id, "merchant_note": "by the shop"})
    desk.refunds[0]["status"] = "processed"
    with capture_logs() as logs:
        found = review.ask_again(payment_id=paid.pk, now=NOON)
    assert found.status == "REFUNDED"
    assert taken_back == [("refund", "PROCESSED")]
    assert [line for line in logs if line["event"] == "reversal_unexplained"] == []


def test_a_reversal_is_explained_by_its_dispute(
    paid: Payment, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    desk.dispute = {
        "id": 1,
        "status": "resolved",
        "resolution": "auto-accepted",
        "refund_amount": 5000,
        "transaction": {"reference": paid.reference},
    }
    desk.refund({"amount": 5000, "transaction": paid.gateway_transaction_id, "merchant_note": ""})
    desk.refunds[0] |= {"status": "processed", "dispute": 1}
    for _ in range(2):
        with capture_logs() as logs:
            found = review.ask_again(payment_id=paid.pk, now=NOON)
    assert (found.status, found.refunded_ghs) == ("SUCCESSFUL", 0)
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]
    assert not Refund.objects.exists()
    assert [line for line in logs if line["event"] == "reversal_unexplained"] == []


def test_a_reversal_that_nothing_explains_is_told(paid: Payment, desk: Desk) -> None:
    with capture_logs() as logs:
        assert review.ask_again(payment_id=paid.pk, now=NOON).status == "SUCCESSFUL"
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["reversal_unexplained"]
