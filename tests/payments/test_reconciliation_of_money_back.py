"""Refunds and disputes whose webhooks were all lost: the nightly comparison finds and follows them."""

import time
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Business
from payments.admin.payments import PaymentAdmin
from payments.models import Dispute, Payment, Refund
from payments.services import review, settlement
from payments.services.findings import Difference, Kind
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .conftest import shop_name
from .stripe_server import StripeServer
from .test_reconciliation import command, fill, kinds, reconcile, settle, start

D = Decimal
DAY = timedelta(days=1)


@pytest.fixture
def paid(stripe_api: StripeServer, business: Business, taken_back: object) -> Payment:
    return settle(stripe_api, start(business))


def dispute(api: StripeServer, payment: Payment, status: str = "needs_response", **changes: Any) -> Any:
    return api.dispute(payment.gateway_transaction_id, status, **changes)


def rows() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in (Payment, Refund, Dispute, Business)]


# --- disputes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"), [("needs_response", ["OPEN"]), ("won", ["OPEN", "WON"]), ("lost", ["OPEN", "LOST"])]
)
def test_a_dispute_that_nobody_told_us_of_is_followed_once(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]], status: str, told: list[str]
) -> None:
    row = dispute(stripe_api, paid, status)
    first, second = reconcile(), reconcile()
    assert first.followed == [(paid.reference, f"dispute {row['id']}, {status}, GHS 50.00")]
    assert (first.difference_count, second.followed, second.difference_count) == (0, [], 0)
    assert Dispute.objects.get().status == told[-1]
    assert taken_back == [("dispute", state) for state in told]


@pytest.mark.django_db(transaction=True)
def test_four_at_once_follow_it_once(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    dispute(stripe_api, paid, "lost")
    found = together([partial(reconcile)] * 4)
    assert [one.difference_count for one in found] == [0] * 4
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]
    assert shop_name(paid) == "Ama's shop +50.00 OPEN LOST"


def test_news_of_a_dispute_that_we_know_is_followed(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    row = dispute(stripe_api, paid)
    reconcile()
    row["status"] = "lost"
    assert reconcile().followed == [(paid.reference, f"dispute {row['id']}, lost, GHS 50.00")]
    row["status"] = "needs_response"
    assert reconcile().followed == []
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]


def test_a_dispute_of_a_payment_from_long_ago_is_found(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    long_ago = timezone.now() - 90 * DAY
    Payment.objects.filter(pk=paid.pk).update(created_at=long_ago)
    stripe_api.sessions[paid.access_code]["created"] = int(long_ago.timestamp())
    dispute(stripe_api, paid)
    findings = reconcile()
    assert (findings.listed, len(findings.followed), taken_back) == (0, 1, [("dispute", "OPEN")])


def test_an_open_payment_is_settled_before_its_dispute_is_followed(
    stripe_api: StripeServer, business: Business, taken_back: list[tuple[str, str]], credited: list[str]
) -> None:
    payment = start(business)
    session = stripe_api.pay(payment.access_code)
    session["created"] -= 90 * 24 * 3600  # not in the list
    stripe_api.dispute(session["payment_intent"])
    assert [reference for reference, _ in reconcile().followed] == [payment.reference]
    assert (credited, taken_back) == ([payment.reference], [("dispute", "OPEN")])


def test_an_inquiry_is_left_alone(stripe_api: StripeServer, paid: Payment) -> None:
    dispute(stripe_api, paid, "warning_needs_response")
    findings = reconcile()
    assert (findings.followed, findings.difference_count, Dispute.objects.count()) == ([], 0, 0)


def test_a_dispute_of_nobodys_payment_is_a_difference(stripe_api: StripeServer, paid: Payment) -> None:
    stripe_api.intents["pi_other"] = {"id": "pi_other", "metadata": {}, "latest_charge": "ch_other"}
    stripe_api.charges["ch_other"] = {"amount": 5000}
    stripe_api.dispute("pi_other")
    assert kinds(reconcile()) == [(Kind.DISPUTE_UNKNOWN, "transaction pi_other")]


@pytest.mark.django_db(transaction=True)
def test_a_dispute_that_cannot_be_followed_does_not_keep_the_others(
    stripe_api: StripeServer, paid: Payment, business: Business
) -> None:
    bad = settle(stripe_api, start(business))
    Payment.objects.filter(pk=bad.pk).update(purpose="nobody_sells_this")
    bad_row, good_row = dispute(stripe_api, bad), dispute(stripe_api, paid)
    findings = reconcile()
    assert findings.differences == [
        Difference(
            Kind.NOT_FOLLOWED,
            bad.reference,
            "no dispute, UnclaimedPayment",
            f"dispute {bad_row['id']}, needs_response, GHS 50.00",
        )
    ]
    assert findings.followed == [(paid.reference, f"dispute {good_row['id']}, needs_response, GHS 50.00")]


# --- refunds --------------------------------------------------------------------------------------------


def test_a_refund_from_the_dashboard_is_adopted(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    row = stripe_api.refund(paid.gateway_transaction_id)
    row["status"] = "succeeded"
    first, second = reconcile(), reconcile()
    assert first.followed == [(paid.reference, f"refund {row['id']}, processed, GHS 50.00")]
    assert (first.difference_count, second.followed, second.difference_count) == (0, [], 0)
    paid.refresh_from_db()
    assert (paid.status, taken_back) == ("REFUNDED", [("refund", "PROCESSED")])


def test_two_refunds_of_a_part_each_are_adopted(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    for amount in (2000, 3000):
        stripe_api.refund(paid.gateway_transaction_id, amount)["status"] = "succeeded"
    assert len(reconcile().followed) == 2
    paid.refresh_from_db()
    assert (paid.status, paid.refunded_ghs) == ("REFUNDED", D("50.00"))
    assert taken_back == [("refund", "PROCESSED")] * 2


def test_the_rest_of_a_payment_that_was_refunded_here_in_part_is_adopted(
    stripe_api: StripeServer, paid: Payment
) -> None:
    stripe_api.refund(paid.gateway_transaction_id, 2000)["status"] = "succeeded"
    assert reconcile().followed == []  # of a part: the list does not show it
    review.ask_again(payment_id=paid.pk, now=timezone.now())
    rest = stripe_api.refund(paid.gateway_transaction_id, 3000)
    rest["status"] = "succeeded"
    assert reconcile().followed == [(paid.reference, f"refund {rest['id']}, processed, GHS 30.00")]


def test_a_refund_that_is_under_way_explains_it(stripe_api: StripeServer, paid: Payment) -> None:
    row = stripe_api.refund(paid.gateway_transaction_id)
    findings = reconcile()
    assert findings.followed == [(paid.reference, f"refund {row['id']}, pending, GHS 50.00")]
    assert findings.difference_count == 0


# --- a dry run, its words, and the costs ------------------------------------------------------------------


def test_a_dry_run_names_what_it_found_and_writes_nothing(
    stripe_api: StripeServer, paid: Payment, business: Business, taken_back: list[tuple[str, str]]
) -> None:
    other = settle(stripe_api, start(business))
    refund, disputed = stripe_api.refund(paid.gateway_transaction_id), dispute(stripe_api, other)
    before = rows()
    with CaptureQueriesContext(connection) as queries:
        findings = reconcile(dry_run=True)
    assert rows() == before
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    assert (findings.followed, taken_back) == ([], [])
    assert findings.differences == [
        Difference(
            Kind.TO_FOLLOW,
            paid.reference,
            "SUCCESSFUL",
            f"refund {refund['id']}, pending, GHS 50.00",
        ),
        Difference(
            Kind.TO_FOLLOW,
            other.reference,
            "no dispute",
            f"dispute {disputed['id']}, needs_response, GHS 50.00",
        ),
    ]


def test_the_command_names_what_it_followed(
    stripe_api: StripeServer, paid: Payment, capsys: pytest.CaptureFixture[str]
) -> None:
    row = dispute(stripe_api, paid)
    for one in (row, stripe_api.sessions[paid.access_code]):
        one["created"] -= 60  # the range ends now
    code, lines = command(capsys)
    assert code == 0
    assert lines[5:] == [
        "FOLLOWED (1): Nobody told us of these; the credits follow them.",
        f"  {paid.reference:<40} dispute {row['id']}, needs_response, GHS 50.00",
        "Both sides agree: 1 transactions compared, no difference remains.",
    ]


def test_no_call_for_what_is_healthy(stripe_api: StripeServer, business: Business) -> None:
    begin = timezone.now() - timedelta(minutes=50)
    fill(stripe_api, business, 150, begin, timedelta(seconds=1))
    reconcile()
    paths = [path.rpartition("/v1/")[2] for _, path, *_ in stripe_api.requests]
    assert paths == ["checkout/sessions", "checkout/sessions", "disputes"]


def test_reversals_are_looked_into_fifty_times_at_most(stripe_api: StripeServer, business: Business) -> None:
    begin = timezone.now() - timedelta(minutes=50)
    fill(stripe_api, business, 60, begin, timedelta(seconds=1))
    for charge in stripe_api.charges.values():
        charge["refunded"] = True
    findings = reconcile()
    assert findings.difference_count == 60
    assert len(stripe_api.requests) == 1 + 50 * 3 + 1  # each: verify, refunds, disputes


# --- Paystack -------------------------------------------------------------------------------------------


def test_paystack_in_the_same_way(
    sandbox: PaystackSandbox, started: Payment, taken_back: list[tuple[str, str]]
) -> None:
    since = timezone.now().replace(microsecond=0) - timedelta(seconds=2)
    sandbox.pay(started.reference)
    settlement.verify(reference=started.reference, now=timezone.now())
    dispute_id = sandbox.open_dispute(started.reference)
    time.sleep(1)
    findings = reconcile(gateway="paystack", since=since)
    opened = f"dispute {dispute_id}, awaiting-merchant-feedback, GHS 50.00"
    assert (started.reference, opened) in findings.followed
    assert taken_back == [("dispute", "OPEN")]
    sandbox.decide(dispute_id, "auto-accepted")
    again = reconcile(gateway="paystack", since=since)
    assert [what for reference, what in again.followed if reference == started.reference] == [
        f"dispute {dispute_id}, auto-accepted, GHS 50.00"
    ]
    assert [one for one in again.differences if one.reference == started.reference] == []
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]


def test_the_advice_for_a_riddle_names_a_button_that_exists(stripe_api: StripeServer, paid: Payment) -> None:
    stripe_api.give_back(paid.gateway_transaction_id)
    assert kinds(reconcile()) == [(Kind.REFUNDED_THERE, paid.reference)]
    assert PaymentAdmin.ask_again.short_description in Kind.REFUNDED_THERE.value
