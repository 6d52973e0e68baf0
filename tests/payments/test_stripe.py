"""Stripe Checkout on its wire format: the adapter, its webhook, and a purchase through the whole product."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.models import Payment, WebhookEvent
from payments.providers.base import DuplicateReference, Event, EventKind, GatewayState, RefundReport, Report
from payments.providers.stripe import Stripe
from payments.services import payments, settlement, webhooks
from payments.types import PaymentMethod, RefundStatus
from subscriptions.models import CreditGrant
from tests.concurrency.together import together
from tests.subscriptions.shop import Shop

from . import stripe_server
from .conftest import open_payment
from .stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, sign

D = Decimal
PATH = "/api/payments/webhooks/stripe/"
REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
TERMS = {
    "reference": REFERENCE,
    "amount_ghs": D("19.99"),
    "email": "ama@example.com",
    "method": PaymentMethod.STRIPE,
    "purpose": "credit_purchase",
    "callback_url": "https://shop.example/back?tab=2#credits",
    "save_card": False,
}


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with stripe_server.serving() as running:
        yield running


@pytest.fixture
def stripe(server: StripeServer) -> Stripe:
    return Stripe(base_url=server.url, secret_key=SECRET_KEY, webhook_secret=WEBHOOK_SECRET, read_seconds=0.3)


@pytest.fixture
def offered(server: StripeServer, settings: Settings) -> StripeServer:
    settings.STRIPE_BASE_URL = server.url
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.STRIPE_READ_SECONDS = 1.0
    settings.PAYMENT_METHODS = ["MOMO", "PAYSTACK", "STRIPE"]
    return server


def initialize(stripe: Stripe, **changes: Any) -> Any:
    return stripe.initialize(**{**TERMS, **changes})


# --- opening a page -------------------------------------------------------------------------------------


def test_session_asks_for_exactly_this(stripe: Stripe, server: StripeServer) -> None:
    checkout = initialize(stripe)
    session_id = next(iter(server.sessions))
    assert checkout.access_code == session_id
    assert checkout.payment_url == f"https://checkout.stripe.com/c/pay/{session_id}#{'x' * 700}"
    [(method, path, form, headers)] = server.requests
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["idempotency-key"] == REFERENCE
    assert headers["stripe-version"] == "2026-10-28.endive"
    assert "telemetry" not in str(headers)
    back = f"https://shop.example/back?tab=2&reference={REFERENCE}#credits"
    assert form == {
        "mode": "payment",
        "client_reference_id": REFERENCE,
        "customer_email": "ama@example.com",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "ghs",
        "line_items[0][price_data][unit_amount]": "1999",
        "line_items[0][price_data][product_data][name]": "Credit purchase",
        "metadata[reference]": REFERENCE,
        "metadata[purpose]": "credit_purchase",
        "payment_intent_data[metadata][reference]": REFERENCE,
        "payment_intent_data[metadata][purpose]": "credit_purchase",
        "allowed_payment_method_types[0]": "card",
        "adaptive_pricing[enabled]": "false",
        "success_url": back,
        "cancel_url": back,
    }


def test_asking_twice_gives_the_same_page(stripe: Stripe, server: StripeServer) -> None:
    assert initialize(stripe) == initialize(stripe)
    assert len(server.sessions) == 1


def test_the_same_reference_for_something_else_is_a_duplicate(stripe: Stripe, server: StripeServer) -> None:
    initialize(stripe)
    with pytest.raises(DuplicateReference):
        initialize(stripe, amount_ghs=D("20.00"))
    assert len(server.sessions) == 1


def test_lost_answer_is_unknown_and_is_not_repeated_by_itself(stripe: Stripe, server: StripeServer) -> None:
    server.faults = ["lose_answer"]
    with pytest.raises(OutcomeUnknown):
        initialize(stripe)
    assert (len(server.requests), len(server.sessions)) == (1, 1)
    assert initialize(stripe).access_code == next(iter(server.sessions))
    assert len(server.sessions) == 1


@pytest.mark.parametrize("fault", ["drop", "slow", "html", "500", "503", "409"])
def test_write_that_may_have_arrived_is_unknown(stripe: Stripe, server: StripeServer, fault: str) -> None:
    server.faults = [fault]
    with pytest.raises(OutcomeUnknown):
        initialize(stripe)
    assert len(server.requests) == 1


def test_nobody_listening_is_unavailable(stripe: Stripe) -> None:
    dead = Stripe(base_url="http://127.0.0.1:1", secret_key="sk_test_x", webhook_secret="whsec_x")
    with pytest.raises(GatewayUnavailable):
        initialize(dead)


@pytest.mark.parametrize(("fault", "wait"), [("429", 10), ("429:7", 7)])
def test_too_many_calls_say_how_long_to_wait(
    stripe: Stripe, server: StripeServer, fault: str, wait: int
) -> None:
    server.faults = [fault]
    with pytest.raises(GatewayUnavailable) as caught:
        initialize(stripe)
    assert caught.value.data == {"retry_after": wait}
    assert len(server.requests) == 1


def test_refusal_comes_with_the_gateways_words(stripe: Stripe) -> None:
    with pytest.raises(PaymentRejected) as caught:
        initialize(stripe, email="nobody")
    assert caught.value.detail == ("The payment company refused this payment: Invalid email address: nobody")


def test_wrong_key_is_ours_to_repair(server: StripeServer, caplog: pytest.LogCaptureFixture) -> None:
    wrong = Stripe(base_url=server.url, secret_key="sk_test_wrong_secret", webhook_secret="whsec_x")
    with pytest.raises(GatewayUnavailable):
        initialize(wrong)
    assert "stripe_refused" in caplog.text


@pytest.mark.parametrize(
    ("key", "domain"),
    [("sk_test_x", "test"), ("sk_live_x", "live"), ("rk_live_x", "live"), ("rk_test_x", "test")],
)
def test_mode_follows_from_the_key(key: str, domain: str) -> None:
    assert Stripe(base_url="http://127.0.0.1:1", secret_key=key, webhook_secret="whsec_x").domain == domain


# --- what became of it ----------------------------------------------------------------------------------


def test_paid_session(stripe: Stripe, server: StripeServer) -> None:
    code = initialize(stripe).access_code
    session = server.pay(code)
    report = stripe.verify(reference=REFERENCE, access_code=code)
    assert report == Report(
        state=GatewayState.PAID,
        reference=REFERENCE,
        domain="test",
        currency="GHS",
        paid_ghs=D("19.99"),
        requested_ghs=D("19.99"),
        transaction_id=session["payment_intent"],
        channel="card",
        fees_ghs=D("1.45"),
        response="Payment complete.",
        created_at=datetime.fromtimestamp(session["created"], UTC),
    )


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, GatewayState.PAID),
        ({"payment_status": "no_payment_required"}, GatewayState.PAID),
        ({"payment_status": "unpaid"}, GatewayState.IN_PROGRESS),
        ({"payment_status": "unpaid", "status": "open"}, GatewayState.IN_PROGRESS),
        ({"payment_status": "unpaid", "status": "expired"}, GatewayState.FAILED),
        ({"payment_status": "unpaid", "status": "on_hold"}, GatewayState.IN_PROGRESS),
        ({"payment_status": None, "status": None}, GatewayState.IN_PROGRESS),
    ],
)
def test_states(stripe: Stripe, server: StripeServer, changes: dict[str, Any], state: GatewayState) -> None:
    code = initialize(stripe).access_code
    server.pay(code, **changes)
    assert stripe.verify(reference=REFERENCE, access_code=code).state is state


def test_refused_card_on_an_open_page_is_in_progress_and_after_the_end_a_failure(
    stripe: Stripe, server: StripeServer
) -> None:
    code = initialize(stripe).access_code
    session = server.pay(code, payment_status="unpaid", status="open")
    intent = server.intents[session["payment_intent"]]
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {"message": "Your card was declined."},
    }
    waiting = stripe.verify(reference=REFERENCE, access_code=code)
    assert (waiting.state, waiting.response) == (GatewayState.IN_PROGRESS, "Your card was declined.")
    session["status"] = "complete"
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.FAILED


def test_refunded_in_full_is_reversed_in_part_is_paid(stripe: Stripe, server: StripeServer) -> None:
    code = initialize(stripe).access_code
    intent = server.pay(code)["payment_intent"]
    server.charges[server.intents[intent]["latest_charge"]]["amount_refunded"] = 500
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.PAID
    server.give_back(intent)
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.REVERSED


def test_fees_taken_in_another_currency_are_not_known_in_cedis(stripe: Stripe, server: StripeServer) -> None:
    code = initialize(stripe).access_code
    server.pay(code)
    for charge in server.charges.values():
        charge["balance_transaction"]["currency"] = "usd"
    assert stripe.verify(reference=REFERENCE, access_code=code).fees_ghs is None


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"livemode": True}, "domain", "live"),
        ({"livemode": "yes"}, "domain", ""),
        ({"currency": "usd"}, "currency", "USD"),
        ({"currency": None}, "currency", ""),
        ({"client_reference_id": None}, "reference", ""),
        ({"client_reference_id": "sika-other"}, "reference", "sika-other"),
        ({"amount_total": "1999"}, "paid_ghs", None),
        ({"amount_total": 19.99}, "requested_is_unreadable", True),
        ({"created": "now"}, "created_at", None),
    ],
)
def test_what_differs_is_said_as_it_is(
    stripe: Stripe, server: StripeServer, changes: dict[str, Any], field: str, value: Any
) -> None:
    code = initialize(stripe).access_code
    server.pay(code, **changes)
    assert getattr(stripe.verify(reference=REFERENCE, access_code=code), field) == value


def test_without_a_session_id_a_paid_one_is_found_by_our_reference(
    stripe: Stripe, server: StripeServer
) -> None:
    code = initialize(stripe).access_code
    assert stripe.verify(reference=REFERENCE, access_code="").state is GatewayState.NOT_FOUND
    server.pay(code)
    assert stripe.verify(reference=REFERENCE, access_code="") == stripe.verify(
        reference=REFERENCE, access_code=code
    )


def test_unknown_session_is_not_found(stripe: Stripe) -> None:
    assert stripe.verify(reference=REFERENCE, access_code="cs_test_x") == Report(state=GatewayState.NOT_FOUND)


def test_reads_are_repeated(stripe: Stripe, server: StripeServer) -> None:
    code = initialize(stripe).access_code
    server.requests.clear()
    server.faults = ["500", "drop"]
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.IN_PROGRESS
    assert len(server.requests) == 3


@pytest.mark.parametrize("fault", ["500", "html", "429", "400", "401", "403"])
def test_no_readable_answer_to_a_read_is_unavailable(
    stripe: Stripe, server: StripeServer, fault: str
) -> None:
    server.faults = [fault] * 3
    with pytest.raises(GatewayUnavailable):
        stripe.verify(reference=REFERENCE, access_code="cs_test_x")


def test_transactions_come_page_by_page(stripe: Stripe, server: StripeServer) -> None:
    first = datetime(2027, 1, 31, 12, tzinfo=UTC)
    for number in range(205):
        initialize(stripe, reference=f"sika-{number}")
        last = list(server.sessions)[-1]
        server.sessions[last]["created"] = int(first.timestamp()) + number
    server.pay(last)
    server.requests.clear()
    found = list(
        stripe.transactions(since=first + timedelta(seconds=1), until=first + timedelta(seconds=300))
    )
    assert len(server.requests) == 3
    assert [one.reference for one in found] == [f"sika-{number}" for number in range(204, 0, -1)]
    assert (found[0].state, found[0].fees_ghs) == (GatewayState.PAID, D("1.45"))
    assert found[0].created_at == first + timedelta(seconds=204)
    assert found[1].state is GatewayState.IN_PROGRESS
    assert list(stripe.transactions(since=first - timedelta(1), until=first)) == []


# --- money back -----------------------------------------------------------------------------------------


def refund(
    stripe: Stripe, transaction_id: str, amount: str = "19.99", refund_id: str = "r-1"
) -> RefundReport:
    return stripe.refund(
        transaction_id=transaction_id, amount_ghs=D(amount), refund_id=refund_id, reason="wrong pack"
    )


def test_refund_twice_gives_back_once(stripe: Stripe, server: StripeServer) -> None:
    intent = server.pay(initialize(stripe).access_code)["payment_intent"]
    server.faults = ["lose_answer"]
    with pytest.raises(OutcomeUnknown):
        refund(stripe, intent)
    report = refund(stripe, intent)
    assert report == RefundReport(
        id=next(iter(server.refunds)),
        status=RefundStatus.PENDING,
        amount_ghs=D("19.99"),
        transaction_id=intent,
        note="r-1",
    )
    assert stripe.refunds(transaction_id=intent) == [report]
    assert len(server.refunds) == 1
    method, _, form, headers = server.requests[-2]
    assert (method, headers["idempotency-key"]) == ("POST", "r-1")
    assert form == {
        "payment_intent": intent,
        "amount": "1999",
        "metadata[refund_id]": "r-1",
        "metadata[reason]": "wrong pack",
    }


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", RefundStatus.PENDING),
        ("requires_action", RefundStatus.NEEDS_ATTENTION),
        ("succeeded", RefundStatus.PROCESSED),
        ("failed", RefundStatus.FAILED),
        ("canceled", RefundStatus.FAILED),
        ("thinking", RefundStatus.PENDING),
    ],
)
def test_refund_states(stripe: Stripe, server: StripeServer, word: str, status: RefundStatus) -> None:
    intent = server.pay(initialize(stripe).access_code)["payment_intent"]
    refund(stripe, intent, "5.00")
    next(iter(server.refunds.values())).update(status=word, failure_reason="expired_or_canceled_card")
    [report] = stripe.refunds(transaction_id=intent)
    assert (report.status, report.amount_ghs) == (status, D("5.00"))
    assert report.message == "expired_or_canceled_card"


def test_refund_above_what_is_left_is_refused(stripe: Stripe, server: StripeServer) -> None:
    intent = server.pay(initialize(stripe).access_code)["payment_intent"]
    with pytest.raises(PaymentRejected, match="greater than unrefunded amount"):
        refund(stripe, intent, "20.00")
    assert server.refunds == {}


def test_refund_id_used_for_another_amount_has_to_be_asked_about(
    stripe: Stripe, server: StripeServer
) -> None:
    intent = server.pay(initialize(stripe).access_code)["payment_intent"]
    refund(stripe, intent, "5.00")
    with pytest.raises(OutcomeUnknown):
        refund(stripe, intent, "6.00")
    assert [one.amount_ghs for one in stripe.refunds(transaction_id=intent)] == [D("5.00")]


# --- signatures and events ------------------------------------------------------------------------------

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


def signed(body: bytes = b"{}", *, at: datetime = NOW, secret: str = WEBHOOK_SECRET) -> str:
    return sign(body, secret=secret, at=at.timestamp())


def test_signature_computed_by_hand_is_accepted(stripe: Stripe) -> None:
    # printf '1800000000.{}' | openssl dgst -sha256 -hmac whsec_not_a_real_secret
    by_hand = "t=1800000000,v1=5b0a3c0b"
    moment = datetime.fromtimestamp(1_800_000_000, UTC)
    assert stripe.signed_with(body=b"{}", signature=by_hand, now=moment) is None
    whole = signed(at=moment)
    assert stripe.signed_with(body=b"{}", signature=whole, now=moment) == "current"
    rolled = f"t=1800000000,v1={'0' * 64},{whole.partition(',')[2]},v0=old"
    assert stripe.signed_with(body=b"{}", signature=rolled, now=moment) == "current"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=,v1=",
        f"v1={'0' * 64}",
        signed().partition(",")[2],
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1={'0' * 64}",
        f"t={int(NOW.timestamp())},v1=é\xff",
        f"t=²,{signed().partition(',')[2]}",
        f"t={'9' * 30},v1=0",
        signed().replace("v1=", "v0="),
        signed(b"{ }"),
        signed(secret="whsec_other"),
        f"t={int(NOW.timestamp()) + 1},{signed().partition(',')[2]}",
    ],
)
def test_wrong_signatures(stripe: Stripe, signature: str) -> None:
    assert stripe.signed_with(body=b"{}", signature=signature, now=NOW) is None


def test_body_that_is_not_utf8_is_not_theirs(stripe: Stripe) -> None:
    assert stripe.signed_with(body=b"\xff", signature=signed(b"\xff"), now=NOW) is None


def test_signature_is_good_for_five_minutes(stripe: Stripe) -> None:
    limit = timedelta(minutes=5)
    assert stripe.signed_with(body=b"{}", signature=signed(), now=NOW + limit) == "current"
    late = NOW + limit + timedelta(seconds=1)
    assert stripe.signed_with(body=b"{}", signature=signed(), now=late) is None


def test_previous_secret_counts_for_72_hours() -> None:
    stripe = Stripe(
        base_url="http://127.0.0.1:1",
        secret_key="sk_test_x",
        webhook_secret=WEBHOOK_SECRET,
        previous_secret="whsec_before",
        secret_rotated_at=NOW,
    )
    last = NOW + timedelta(hours=72) - timedelta(seconds=1)
    for moment, expected in ((NOW, "previous"), (last, "previous"), (NOW + timedelta(hours=72), None)):
        signature = signed(at=moment, secret="whsec_before")
        assert stripe.signed_with(body=b"{}", signature=signature, now=moment) == expected


@pytest.mark.parametrize(
    ("name", "about", "expected"),
    [
        (
            "checkout.session.completed",
            {"id": "cs_1", "client_reference_id": "sika-1", "payment_status": "paid"},
            Event("checkout.session.completed", "sika-1", EventKind.PAID, "cs_1"),
        ),
        (
            "checkout.session.completed",
            {"id": "cs_1", "client_reference_id": "sika-1", "payment_status": "unpaid"},
            Event("checkout.session.completed", "sika-1", EventKind.CHANGED, "cs_1"),
        ),
        (
            "checkout.session.async_payment_succeeded",
            {"id": "cs_1", "client_reference_id": "sika-1"},
            Event("checkout.session.async_payment_succeeded", "sika-1", EventKind.PAID, "cs_1"),
        ),
        (
            "checkout.session.async_payment_failed",
            {"id": "cs_1", "client_reference_id": "sika-1"},
            Event("checkout.session.async_payment_failed", "sika-1", EventKind.CHANGED, "cs_1"),
        ),
        (
            "checkout.session.expired",
            {"id": "c" * 101, "client_reference_id": None, "metadata": {"reference": "sika-1"}},
            Event("checkout.session.expired", "sika-1", EventKind.CHANGED, ""),
        ),
        (
            "charge.refunded",
            {"id": "ch_1", "metadata": {"reference": "sika-1"}},
            Event("charge.refunded", "sika-1", EventKind.REFUND),
        ),
        ("refund.failed", {"id": "re_1"}, Event("refund.failed", "", EventKind.REFUND)),
        ("charge.dispute.created", {"id": "dp_1"}, Event("charge.dispute.created", "", EventKind.OTHER)),
        ("invoice.paid", [], Event("invoice.paid", "", EventKind.OTHER)),
    ],
)
def test_events(stripe: Stripe, name: str, about: Any, expected: Event) -> None:
    body = json.dumps({"type": name, "data": {"object": about}}).encode()
    assert stripe.read_event(body=body) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"type": 1}', b"\xff", b"[" * 100_000])
def test_other_bodies_are_unreadable(stripe: Stripe, body: bytes) -> None:
    assert stripe.read_event(body=body) is None


# --- the inbox ------------------------------------------------------------------------------------------


def deliver(client: Client, body: bytes, signature: str) -> Any:
    headers = {"stripe-signature": signature}
    return client.post(PATH, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_not_set_up_is_a_clear_error(
    client: Client, offered: StripeServer, settings: Settings, missing: str
) -> None:
    setattr(settings, missing, "")
    reply = deliver(client, b"{}", sign(b"{}"))
    assert (reply.status_code, reply.json()) == (
        404,
        {"code": "not_found", "detail": "Stripe is not set up here."},
    )
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_forged_delivery_is_refused_and_not_stored(client: Client, offered: StripeServer) -> None:
    reply = deliver(client, b"{}", sign(b"{}", secret="whsec_guess"))
    assert (reply.status_code, reply.json()["code"]) == (401, "invalid_signature")
    assert client.post(PATH, b"{}", content_type="application/json").status_code == 401
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_body_above_one_megabyte_is_refused(client: Client, offered: StripeServer) -> None:
    body = b" " * (1024 * 1024 + 1)
    assert deliver(client, body, sign(body)).status_code == 413


def start(business: Any, amount: str = "50.00") -> Payment:
    payment = open_payment(business, amount, method="STRIPE")
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


def process_all() -> list[str]:
    waiting = WebhookEvent.objects.filter(processed_at=None).order_by("pk").values_list("pk", flat=True)
    return [webhooks.process(event_id=pk, now=timezone.now()).outcome for pk in waiting]


def test_webhook_brings_the_session_id_that_our_call_lost(
    client: Client, offered: StripeServer, business: Any, credited: list[str]
) -> None:
    payment = start(business)
    code = payment.access_code
    Payment.objects.filter(pk=payment.pk).update(access_code="", payment_url="")
    body, signature = offered.event("checkout.session.completed", offered.pay(code))
    assert [deliver(client, body, signature).status_code for _ in range(2)] == [200, 200]
    assert process_all() == ["applied"]
    payment.refresh_from_db()
    assert (payment.status, payment.access_code) == ("SUCCESSFUL", code)
    assert credited == [payment.reference]


def test_webhook_does_not_change_a_session_id_that_is_known(
    client: Client, offered: StripeServer, business: Any, credited: list[str]
) -> None:
    mine, other = start(business), start(business, "60.00")
    paid = offered.pay(other.access_code)
    forged = {**paid, "client_reference_id": mine.reference}
    deliver(client, *offered.event("checkout.session.completed", forged))
    assert process_all() == [""]  # asked about its own session, which nobody paid
    mine.refresh_from_db()
    assert (mine.status, credited) == ("PENDING", [])


def test_session_of_another_payment_is_for_a_person_to_look_at(
    client: Client, offered: StripeServer, business: Any, credited: list[str]
) -> None:
    mine, other = start(business), start(business)
    paid = offered.pay(other.access_code)
    Payment.objects.filter(pk=mine.pk).update(access_code="")
    deliver(
        client, *offered.event("checkout.session.completed", {**paid, "client_reference_id": mine.reference})
    )
    process_all()
    mine.refresh_from_db()
    assert (mine.status, credited) == ("REVIEW", [])
    assert mine.review_reason == f"reference: expected {mine.reference}, gateway says {other.reference}"


@pytest.mark.parametrize("name", ["charge.dispute.created", "customer.created"])
def test_other_events_are_kept(client: Client, offered: StripeServer, db: None, name: str) -> None:
    assert deliver(client, *offered.event(name, {"id": "x_1"})).status_code == 200
    assert process_all() == ["kept"]


def test_expired_page_is_a_failed_payment(client: Client, offered: StripeServer, business: Any) -> None:
    payment = start(business)
    session = offered.sessions[payment.access_code]
    session |= {"status": "expired", "url": None}
    deliver(client, *offered.event("checkout.session.expired", session))
    assert process_all() == ["applied"]
    payment.refresh_from_db()
    assert (payment.status, payment.gateway_response) == ("FAILED", "The payment page has expired.")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_total": 4999}, "amount: expected 50.00, gateway says 49.99"),
        ({"currency": "usd"}, "currency: expected GHS, gateway says USD"),
        ({"livemode": True}, "domain: expected test, gateway says live"),
        ({"client_reference_id": None}, "gateway says nothing readable"),
    ],
)
def test_what_does_not_agree_is_not_credited(
    offered: StripeServer, business: Any, credited: list[str], changes: dict[str, Any], reason: str
) -> None:
    payment = start(business)
    offered.pay(payment.access_code, **changes)
    found = settlement.verify(reference=payment.reference, now=timezone.now())
    assert (found.status, credited) == ("REVIEW", [])
    assert reason in found.review_reason


def test_page_that_could_not_be_opened_opens_on_the_second_try_within_the_call(
    offered: StripeServer, business: Any
) -> None:
    offered.faults = ["lose_answer"]
    payment = start(business)
    assert payment.access_code == next(iter(offered.sessions))
    assert len(offered.sessions) == 1


# --- the product ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_off_unless_configured(settings: Settings) -> None:
    shop = Shop()
    order = {"pack_type": "VALUE", "payment_method": "STRIPE"}
    settings.PAYMENT_METHODS = ["MOMO"]
    refused = shop.post("purchase/", order)
    settings.PAYMENT_METHODS = ["MOMO", "STRIPE"]
    without_keys = shop.post("purchase/", order)
    assert [reply.status_code for reply in (refused, without_keys)] == [400, 400]
    assert {reply.json()["code"] for reply in (refused, without_keys)} == {"payment_method_unavailable"}
    assert Payment.objects.count() == 0
    assert providers.configured() == ["paystack"]


@pytest.mark.django_db(transaction=True)
def test_purchase_is_credited_once_by_webhook_verify_and_return_page(
    client: Client, offered: StripeServer
) -> None:
    shop = Shop()
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "STRIPE"})
    assert reply.status_code == 201
    payment = Payment.objects.get()
    assert (payment.gateway, payment.amount_ghs) == ("stripe", D("80.00"))
    assert reply.json()["payment_url"] == payment.payment_url == offered.sessions[payment.access_code]["url"]
    assert shop.verify(payment.reference).status_code == 202

    body, signature = offered.event("checkout.session.completed", offered.pay(payment.access_code))
    page = f"/payments/return/?reference={payment.reference}"
    calls = [
        partial(deliver, client, body, signature),
        partial(deliver, Client(), body, signature),
        partial(shop.verify, payment.reference),
        partial(Client().get, page),
        lambda: settlement.check(payment_id=payment.pk, now=timezone.now()),
    ]
    answers = together(calls)
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    assert process_all() == ["applied"]
    assert b"Paid" in client.get(page).content or client.get(page).status_code == 200
    assert shop.verify(payment.reference).json()["credits_added"] == 100
    assert CreditGrant.objects.filter(source="purchase").count() == 1
    assert shop.balance == D(100)
    payment.refresh_from_db()
    assert (payment.status, payment.channel, payment.fees_ghs) == ("SUCCESSFUL", "card", D("1.45"))
    assert payment.gateway_transaction_id == offered.sessions[payment.access_code]["payment_intent"]


def test_secrets_are_in_no_repr_log_or_answer(
    offered: StripeServer, settings: Settings, caplog: pytest.LogCaptureFixture, business: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("stripe").setLevel(logging.WARNING)  # as config/core/logging.py has it
    gateway = providers.gateway("stripe")
    payment = start(business)
    offered.faults = ["401", "500", "429", "html"]
    for _ in range(4):
        with pytest.raises((GatewayUnavailable, OutcomeUnknown)) as caught:
            gateway.refund(transaction_id="pi_1", amount_ghs=D(1), refund_id="r", reason="")
        logging.getLogger("sika.test").exception("chain", exc_info=caught.value)
    assert payment.payment_url
    everything = f"{gateway!r} {vars(gateway)!r} {caplog.text}"
    assert SECRET_KEY not in everything.replace(repr(gateway.__dict__), "")
    assert SECRET_KEY not in caplog.text
    assert WEBHOOK_SECRET not in caplog.text
    assert SECRET_KEY not in repr(gateway)


def test_the_sdk_is_loaded_only_where_it_is_used() -> None:
    code = "import django, sys; django.setup(); import config.urls, payments.tasks; print('stripe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_logging_keeps_the_sdk_quiet(settings: Settings) -> None:
    assert settings.LOGGING["loggers"]["stripe"] == {"level": "WARNING"}
    assert replace(Report(GatewayState.PAID), reference="x").reference == "x"
