"""What a person may decide about a payment that differs, and what the gateway must say for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from payments.errors import NotInReview, ReasonRequired, ReviewRefused
from payments.models import Payment, Refund
from payments.providers.base import RefundReport
from payments.services import refund_reports, review, settlement
from payments.types import PaymentStatus, RefundStatus, ReviewDecision
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment, shop_name

TOO_MUCH = {"amount": 5100}
TOO_LITTLE = {"amount": 4000}


@pytest.fixture
def differs(sandbox: PaystackSandbox, started: Payment, taken_back: object) -> Payment:
    """GHS 50 were asked for; the gateway says 51."""
    sandbox.pay(started.reference)
    sandbox.script(tamper=TOO_MUCH)
    payment = settlement.verify(reference=started.reference, now=timezone.now())
    assert payment.status == PaymentStatus.REVIEW
    return payment


def resolve(payment: Payment, decision: ReviewDecision, reason: str = "Called the payer") -> Payment:
    return review.resolve(payment_id=payment.pk, decision=decision, reason=reason, by=7, now=timezone.now())


def traces(payment: Payment) -> list[str]:
    return list(payment.actions.order_by("pk").values_list("action", flat=True))


def test_accepting_settles_and_credits(differs: Payment, credited: list[str]) -> None:
    accepted = resolve(differs, ReviewDecision.ACCEPT)
    assert (accepted.status, accepted.paid_ghs) == ("SUCCESSFUL", Decimal("51.00"))
    assert credited == [differs.reference]
    assert traces(differs) == ["review_accept"]
    with pytest.raises(NotInReview):
        resolve(differs, ReviewDecision.ACCEPT)
    assert shop_name(differs) == "Ama's shop +50.00"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (TOO_LITTLE, "Less was paid"),
        ({"amount": None}, "Less was paid"),
        ({"status": "failed"}, "does not say that it was paid"),
        ({"status": "reversed"}, "does not say that it was paid"),
        ({"currency": "NGN"}, "currency is not that"),
        ({"reference": "sika-other"}, "reference, mode or currency is not"),
        ({"domain": "live"}, "reference, mode or currency is not"),
    ],
)
def test_what_is_not_accepted(
    sandbox: PaystackSandbox, differs: Payment, credited: list[str], tamper: dict[str, Any], says: str
) -> None:
    sandbox.script(tamper=tamper)
    with pytest.raises(ReviewRefused, match=says):
        resolve(differs, ReviewDecision.ACCEPT)
    differs.refresh_from_db()
    assert (differs.status, credited, traces(differs)) == ("REVIEW", [], [])


def test_refunding_sends_back_all_that_came(
    sandbox: PaystackSandbox, differs: Payment, credited: list[str]
) -> None:
    sandbox.script(tamper=TOO_LITTLE)
    kept = resolve(differs, ReviewDecision.REFUND)
    assert (kept.status, kept.unapplied, kept.paid_ghs) == ("SUCCESSFUL", True, Decimal("40.00"))
    refund = Refund.objects.get()
    assert (refund.amount_ghs, refund.status, refund.requested_by) == (Decimal("40.00"), "REQUESTED", 7)
    assert credited == []
    assert traces(differs) == ["review_refund", "refund"]
    told = RefundReport(id="1", status=RefundStatus.PROCESSED, amount_ghs=Decimal(40), note=str(refund.pk))
    refund_reports.apply(payment_id=differs.pk, report=told, now=timezone.now())
    kept.refresh_from_db()
    assert (kept.status, kept.refunded_ghs) == ("REFUNDED", Decimal("40.00"))


@pytest.mark.parametrize(
    "tamper", [{"currency": "NGN"}, {"domain": "live"}, {"amount": None}, {"status": "abandoned"}]
)
def test_what_is_not_refunded_here(
    sandbox: PaystackSandbox, differs: Payment, tamper: dict[str, Any]
) -> None:
    sandbox.script(tamper=tamper)
    with pytest.raises(ReviewRefused):
        resolve(differs, ReviewDecision.REFUND)
    assert (Refund.objects.count(), traces(differs)) == (0, [])


@pytest.mark.parametrize("status", ["reversed", "failed", "abandoned"])
def test_dismissing_ends_it_where_no_money_is(
    sandbox: PaystackSandbox, differs: Payment, credited: list[str], status: str
) -> None:
    with pytest.raises(ReviewRefused, match="says it was paid"):
        resolve(differs, ReviewDecision.DISMISS)
    sandbox.script(tamper={"status": status})
    dismissed = resolve(differs, ReviewDecision.DISMISS, "Sent back at the dashboard")
    assert (dismissed.status, dismissed.paid_ghs) == ("FAILED", None)
    assert dismissed.gateway_response == "By hand: Sent back at the dashboard"
    assert (credited, traces(differs)) == ([], ["review_dismiss"])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
@pytest.mark.django_db(transaction=True)
def test_a_reason_is_needed(differs: Payment, reason: str) -> None:
    with pytest.raises(ReasonRequired):
        resolve(differs, ReviewDecision.ACCEPT, reason)
    differs.refresh_from_db()
    assert differs.status == "REVIEW"


def test_only_what_is_in_review(paid: Payment) -> None:
    for decision in ReviewDecision:
        with pytest.raises(NotInReview):
            resolve(paid, decision)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_another_payment_is_not_taken_twice(
    sandbox: PaystackSandbox, differs: Payment, credited: list[str]
) -> None:
    other = open_payment(differs.business)
    Payment.objects.filter(pk=other.pk).update(gateway_domain="test", gateway_transaction_id="77")
    sandbox.script(tamper={**TOO_MUCH, "id": 77})
    for decision in (ReviewDecision.ACCEPT, ReviewDecision.REFUND):
        with pytest.raises(ReviewRefused, match="another payment"):
            resolve(differs, decision)
    assert shop_name(differs) == "Ama's shop"
    assert traces(differs) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decision", [ReviewDecision.ACCEPT, ReviewDecision.REFUND])
def test_eight_decide_at_once_and_one_is_carried_out(
    differs: Payment, credited: list[str], decision: ReviewDecision
) -> None:
    barrier = threading.Barrier(8)

    def one(_: int) -> str:
        try:
            barrier.wait(10)
            return resolve(differs, decision).status
        except NotInReview:
            return "late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == ["SUCCESSFUL"] + ["late"] * 7
    is_accepted = decision == ReviewDecision.ACCEPT
    assert len(credited) == int(is_accepted)
    assert Refund.objects.count() == int(not is_accepted)
