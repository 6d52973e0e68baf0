"""Disputes of Stripe's payments: followed as any other's, answered in Stripe's dashboard."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from accounts.models import User
from payments import providers, tasks
from payments.errors import DisputeAnsweredThere, GatewayUnavailable
from payments.models import Dispute, Payment, PaymentAction, WebhookEvent
from payments.providers.base import DisputeReport
from payments.services import dispute_answers, disputes, settlement
from payments.types import DisputeAnswer
from subscriptions.models import BusinessAICredits, CreditGrant
from tests.mails import send_alerts
from tests.subscriptions.shop import Shop

from .stripe_server import StripeServer
from .test_stripe_purchase import deliver, process_all, start

D = Decimal
EVENTS = [f"charge.dispute.{what}" for what in ("created", "updated", "funds_withdrawn", "closed")]


@pytest.fixture
def paid(stripe_api: StripeServer, business: Any, taken_back: object) -> Payment:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    return settlement.verify(reference=payment.reference, now=timezone.now())


def tell(
    stripe_api: StripeServer, dispute: dict[str, Any], name: str = "charge.dispute.updated"
) -> list[str]:
    assert deliver(Client(), *stripe_api.event(name, dispute)).status_code == 200
    return process_all()


# --- what is read -----------------------------------------------------------------------------------------


def test_a_dispute_is_read(stripe_api: StripeServer, paid: Payment) -> None:
    due, created = 1_800_000_000, 1_799_000_000
    row = stripe_api.dispute(
        paid.gateway_transaction_id, amount=4999, created=created, evidence_details={"due_by": due}
    )
    gateway = providers.gateway("stripe")
    expected = DisputeReport(
        id=row["id"],
        reference=paid.reference,
        amount_ghs=D("49.99"),
        status="needs_response",
        resolution="",
        category="fraudulent",
        due_at=datetime.fromtimestamp(due, UTC),
        created_at=datetime.fromtimestamp(created, UTC),
        transaction_id=paid.gateway_transaction_id,
    )
    assert gateway.dispute(dispute_id=row["id"]) == expected
    opened = datetime.fromtimestamp(created, UTC)
    listed = gateway.disputes(since=opened, until=opened + timedelta(seconds=1))
    assert list(listed) == [expected]
    assert list(gateway.disputes(since=opened - timedelta(seconds=1), until=opened)) == []
    body, _ = stripe_api.event("charge.dispute.created", row)
    told = gateway.read_dispute(body=body)
    assert told is not None
    assert (told.id, told.reference, told.transaction_id) == (row["id"], "", paid.gateway_transaction_id)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": []}', b'{"data": {"object": {"id": 7}}}'])
def test_what_is_no_dispute_is_none(stripe_api: StripeServer, body: bytes) -> None:
    assert providers.gateway("stripe").read_dispute(body=body) is None


@pytest.mark.parametrize(
    ("changes", "amount"),
    [({"currency": "usd"}, None), ({"amount": "5000"}, None), ({"amount": -1}, None), ({}, D("50.00"))],
)
def test_an_amount_in_other_money_is_left_out(
    stripe_api: StripeServer, paid: Payment, changes: dict[str, Any], amount: Decimal | None
) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id, **changes)
    assert providers.gateway("stripe").dispute(dispute_id=row["id"]).amount_ghs == amount
    assert tell(stripe_api, row) == ["applied"]
    assert Dispute.objects.get().amount_ghs == D("50.00")  # then all of it is disputed


def test_a_new_word_is_told_and_kept_open(stripe_api: StripeServer, paid: Payment) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id, "prevented")
    with capture_logs() as logs:
        tell(stripe_api, row)
    assert "unknown_dispute_status" in [line["event"] for line in logs]
    assert Dispute.objects.get().status == "OPEN"


# --- what it leads to -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "status", "told"),
    [
        (["needs_response"], "OPEN", ["OPEN"]),
        (["needs_response", "under_review"], "ANSWERED", ["OPEN"]),
        (["needs_response", "under_review", "won"], "WON", ["OPEN", "WON"]),
        (["needs_response", "lost"], "LOST", ["OPEN", "LOST"]),
        (["lost"], "LOST", ["OPEN", "LOST"]),
        (["needs_response", "warning_closed"], "WON", ["OPEN", "WON"]),
        (["warning_needs_response", "needs_response", "lost"], "LOST", ["OPEN", "LOST"]),
    ],
)
def test_states(
    stripe_api: StripeServer,
    paid: Payment,
    taken_back: list[tuple[str, str]],
    states: list[str],
    status: str,
    told: list[str],
) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id)
    for state in states:
        row["status"] = state
        for name in EVENTS:
            tell(stripe_api, row, name)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.gateway_status, dispute.payment_id) == (status, states[-1], paid.pk)
    assert taken_back == [("dispute", state) for state in told]
    assert set(WebhookEvent.objects.values_list("reference", flat=True)) == {paid.reference}


def test_the_gateway_is_asked_so_old_events_change_nothing(stripe_api: StripeServer, paid: Payment) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id, "lost")
    assert tell(stripe_api, {**row, "status": "won"}, "charge.dispute.closed") == ["applied"]
    assert tell(stripe_api, {**row, "status": "needs_response"}) == ["applied"]
    assert Dispute.objects.get().status == "LOST"


def test_a_change_of_mind_is_told_once(stripe_api: StripeServer, paid: Payment) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id, "lost")
    tell(stripe_api, row)
    row["status"] = "won"
    with capture_logs() as logs:
        tell(stripe_api, row, "charge.dispute.funds_reinstated")
        tell(stripe_api, row, "charge.dispute.closed")
    assert [line["event"] for line in logs].count("dispute_contradicted") == 1
    assert Dispute.objects.get().status == "LOST"


@pytest.mark.parametrize("state", ["warning_needs_response", "warning_under_review", "warning_closed"])
def test_an_inquiry_freezes_nothing(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]], state: str, settings: Settings
) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id, state)
    with capture_logs() as logs:
        assert tell(stripe_api, row, "charge.dispute.created") == ["kept"]
    told = [line["event"] for line in logs if line["log_level"] == "error"]
    assert told == (["dispute_inquiry"] if state == "warning_needs_response" else [])
    assert (Dispute.objects.count(), taken_back) == (0, [])


def test_a_payment_that_we_still_wait_for_is_settled_first(
    stripe_api: StripeServer, business: Any, taken_back: list[tuple[str, str]], credited: list[str]
) -> None:
    payment = start(business)
    session = stripe_api.pay(payment.access_code)
    assert tell(stripe_api, stripe_api.dispute(session["payment_intent"])) == ["applied"]
    payment.refresh_from_db()
    assert (payment.status, credited, taken_back) == (
        "SUCCESSFUL",
        [payment.reference],
        [("dispute", "OPEN")],
    )
    assert WebhookEvent.objects.get().reference == payment.reference


def test_a_dispute_of_nobodys_payment_is_a_dead_letter(stripe_api: StripeServer, paid: Payment) -> None:
    stripe_api.intents["pi_other"] = {"id": "pi_other", "metadata": {}, "latest_charge": "ch_other"}
    stripe_api.charges["ch_other"] = {"amount": 5000}
    assert tell(stripe_api, stripe_api.dispute("pi_other")) == ["unknown_reference"]
    assert Dispute.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ends", "balance"), [("won", D(100)), ("lost", D(0)), ("warning_closed", D(100))], ids=str
)
def test_credits_are_frozen_and_then_given_back_or_taken(
    stripe_api: StripeServer, ends: str, balance: Decimal
) -> None:
    shop = Shop()
    shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "STRIPE"})
    payment = Payment.objects.get()
    session = stripe_api.pay(payment.access_code)
    assert shop.verify(payment.reference).status_code == 200
    row = stripe_api.dispute(session["payment_intent"])
    tell(stripe_api, row, "charge.dispute.created")
    assert CreditGrant.objects.get(source="purchase").frozen_at is not None
    row["status"] = ends
    for name in ("charge.dispute.closed", "charge.dispute.funds_reinstated"):
        tell(stripe_api, row, name)
    grant = CreditGrant.objects.get(source="purchase")
    assert (grant.frozen_at, grant.taken_back, shop.balance) == (None, 100 - balance, balance)
    assert BusinessAICredits.objects.get().debt == 0


# --- asking, and answering ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_sweep_asks_stripe_hourly(
    stripe_api: StripeServer, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    row = stripe_api.dispute(paid.gateway_transaction_id)
    tell(stripe_api, row)
    row["status"] = "lost"  # and the webhook of it is lost
    (due,) = disputes.claim_due(now=timezone.now() + disputes.ASK_EVERY)
    tasks.check_dispute(due)
    assert Dispute.objects.get().status == "LOST"
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]


def test_staff_are_told_to_answer_in_stripes_dashboard(
    stripe_api: StripeServer, paid: Payment, settings: Settings
) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    tell(stripe_api, stripe_api.dispute(paid.gateway_transaction_id))
    ((_, text),) = send_alerts()
    where = "Answer it in Stripe's dashboard; what becomes of it is followed here."
    assert f"answer: {where}" in text
    dispute = Dispute.objects.get()
    staff = Client()
    staff.force_login(User.objects.create_superuser("boss@sika.test", "x"))
    shown = staff.get(f"/admin/payments/dispute/{dispute.pk}/change/").content.decode()
    assert where.replace("'", "&#x27;") in shown
    assert "/accept/" not in shown
    assert "/decline/" not in shown
    for what in ("accept", "decline"):
        assert staff.get(f"/admin/payments/dispute/{dispute.pk}/{what}/").status_code == 403


@pytest.mark.parametrize("decision", list(DisputeAnswer))
def test_an_answer_given_here_is_refused(
    stripe_api: StripeServer, paid: Payment, decision: DisputeAnswer
) -> None:
    tell(stripe_api, stripe_api.dispute(paid.gateway_transaction_id))
    dispute = Dispute.objects.get()
    with pytest.raises(DisputeAnsweredThere, match=r"Answer it in Stripe's dashboard"):
        dispute_answers.answer(
            dispute_id=dispute.pk,
            decision=decision,
            message="Sorry",
            refund_ghs=D(50),
            by=7,
            reason="They are right",
            now=timezone.now(),
        )
    assert (Dispute.objects.get().answer, PaymentAction.objects.count()) == ("", 0)


def test_a_stripe_that_is_away_changes_nothing(stripe_api: StripeServer, paid: Payment) -> None:
    tell(stripe_api, stripe_api.dispute(paid.gateway_transaction_id))
    before = Dispute.objects.values().get()
    stripe_api.faults = ["500"] * 3
    with pytest.raises(GatewayUnavailable):
        dispute_answers.proceed(dispute_id=before["id"], now=timezone.now())
    assert Dispute.objects.values().get() == before
