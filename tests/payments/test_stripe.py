"""Stripe Checkout on its wire format: pages, what became of them, refunds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.core.http import OutcomeUnknown
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.providers.base import DuplicateReference, GatewayState, RefundReport, Report
from payments.providers.stripe import Stripe
from payments.types import PaymentMethod, RefundStatus

from .stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer

D = Decimal
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


def client(stripe_api: StripeServer, read_seconds: float) -> Stripe:
    return Stripe(
        base_url=stripe_api.url,
        secret_key=SECRET_KEY,
        webhook_secret=WEBHOOK_SECRET,
        read_seconds=read_seconds,
    )


@pytest.fixture
def stripe(stripe_api: StripeServer) -> Stripe:
    return client(stripe_api, read_seconds=10)


def initialize(stripe: Stripe, **changes: Any) -> Any:
    return stripe.initialize(**{**TERMS, **changes})


# --- opening a page -------------------------------------------------------------------------------------


def test_session_asks_for_exactly_this(stripe: Stripe, stripe_api: StripeServer) -> None:
    checkout = initialize(stripe)
    session_id = next(iter(stripe_api.sessions))
    assert checkout.access_code == session_id
    assert checkout.payment_url == f"https://checkout.stripe.com/c/pay/{session_id}#{'x' * 700}"
    [(method, path, form, headers)] = stripe_api.requests
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


def test_asking_twice_gives_the_same_page(stripe: Stripe, stripe_api: StripeServer) -> None:
    assert initialize(stripe) == initialize(stripe)
    assert len(stripe_api.sessions) == 1


def test_the_same_reference_for_something_else_is_a_duplicate(
    stripe: Stripe, stripe_api: StripeServer
) -> None:
    initialize(stripe)
    with pytest.raises(DuplicateReference):
        initialize(stripe, amount_ghs=D("20.00"))
    assert len(stripe_api.sessions) == 1


def test_lost_answer_is_unknown_and_is_not_repeated_by_itself(
    stripe: Stripe, stripe_api: StripeServer
) -> None:
    stripe_api.faults = ["lose_answer"]
    with pytest.raises(OutcomeUnknown):
        initialize(stripe)
    assert (len(stripe_api.requests), len(stripe_api.sessions)) == (1, 1)
    assert initialize(stripe).access_code == next(iter(stripe_api.sessions))
    assert len(stripe_api.sessions) == 1


@pytest.mark.parametrize("fault", ["drop", "slow", "html", "500", "503", "409"])
def test_write_that_may_have_arrived_is_unknown(stripe_api: StripeServer, fault: str) -> None:
    stripe_api.faults = [fault]
    with pytest.raises(OutcomeUnknown):
        initialize(client(stripe_api, read_seconds=0.3 if fault == "slow" else 10))
    assert len(stripe_api.requests) == 1


def test_nobody_listening_is_unavailable(stripe: Stripe) -> None:
    dead = Stripe(base_url="http://127.0.0.1:1", secret_key="sk_test_x", webhook_secret="whsec_x")
    with pytest.raises(GatewayUnavailable):
        initialize(dead)


@pytest.mark.parametrize(("fault", "wait"), [("429", 10), ("429:7", 7)])
def test_too_many_calls_say_how_long_to_wait(
    stripe: Stripe, stripe_api: StripeServer, fault: str, wait: int
) -> None:
    stripe_api.faults = [fault]
    with pytest.raises(GatewayUnavailable) as caught:
        initialize(stripe)
    assert caught.value.data == {"retry_after": wait}
    assert len(stripe_api.requests) == 1


def test_refusal_comes_with_the_gateways_words(stripe: Stripe) -> None:
    with pytest.raises(PaymentRejected) as caught:
        initialize(stripe, email="nobody")
    assert caught.value.detail == ("The payment company refused this payment: Invalid email address: nobody")


def test_wrong_key_is_ours_to_repair(stripe_api: StripeServer, caplog: pytest.LogCaptureFixture) -> None:
    wrong = Stripe(base_url=stripe_api.url, secret_key="sk_test_wrong_secret", webhook_secret="whsec_x")
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


def test_paid_session(stripe: Stripe, stripe_api: StripeServer) -> None:
    code = initialize(stripe).access_code
    session = stripe_api.pay(code)
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
def test_states(
    stripe: Stripe, stripe_api: StripeServer, changes: dict[str, Any], state: GatewayState
) -> None:
    code = initialize(stripe).access_code
    stripe_api.pay(code, **changes)
    assert stripe.verify(reference=REFERENCE, access_code=code).state is state


def test_refused_card_on_an_open_page_is_in_progress_and_after_the_end_a_failure(
    stripe: Stripe, stripe_api: StripeServer
) -> None:
    code = initialize(stripe).access_code
    session = stripe_api.pay(code, payment_status="unpaid", status="open")
    intent = stripe_api.intents[session["payment_intent"]]
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {"message": "Your card was declined."},
    }
    waiting = stripe.verify(reference=REFERENCE, access_code=code)
    assert (waiting.state, waiting.response) == (GatewayState.IN_PROGRESS, "Your card was declined.")
    session["status"] = "complete"
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.FAILED


def test_refunded_in_full_is_reversed_in_part_is_paid(stripe: Stripe, stripe_api: StripeServer) -> None:
    code = initialize(stripe).access_code
    intent = stripe_api.pay(code)["payment_intent"]
    stripe_api.charges[stripe_api.intents[intent]["latest_charge"]]["amount_refunded"] = 500
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.PAID
    stripe_api.give_back(intent)
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.REVERSED


def test_fees_taken_in_another_currency_are_not_known_in_cedis(
    stripe: Stripe, stripe_api: StripeServer
) -> None:
    code = initialize(stripe).access_code
    stripe_api.pay(code)
    for charge in stripe_api.charges.values():
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
    stripe: Stripe, stripe_api: StripeServer, changes: dict[str, Any], field: str, value: Any
) -> None:
    code = initialize(stripe).access_code
    stripe_api.pay(code, **changes)
    assert getattr(stripe.verify(reference=REFERENCE, access_code=code), field) == value


def test_without_a_session_id_a_paid_one_is_found_by_our_reference(
    stripe: Stripe, stripe_api: StripeServer
) -> None:
    code = initialize(stripe).access_code
    assert stripe.verify(reference=REFERENCE, access_code="").state is GatewayState.NOT_FOUND
    stripe_api.pay(code)
    assert stripe.verify(reference=REFERENCE, access_code="") == stripe.verify(
        reference=REFERENCE, access_code=code
    )


def test_unknown_session_is_not_found(stripe: Stripe) -> None:
    assert stripe.verify(reference=REFERENCE, access_code="cs_test_x") == Report(state=GatewayState.NOT_FOUND)


def test_reads_are_repeated(stripe: Stripe, stripe_api: StripeServer) -> None:
    code = initialize(stripe).access_code
    stripe_api.requests.clear()
    stripe_api.faults = ["500", "drop"]
    assert stripe.verify(reference=REFERENCE, access_code=code).state is GatewayState.IN_PROGRESS
    assert len(stripe_api.requests) == 3


@pytest.mark.parametrize("fault", ["500", "html", "429", "400", "401", "403"])
def test_unreadable_answer_to_a_read_is_unavailable(
    stripe: Stripe, stripe_api: StripeServer, fault: str
) -> None:
    stripe_api.faults = [fault] * 3
    with pytest.raises(GatewayUnavailable):
        stripe.verify(reference=REFERENCE, access_code="cs_test_x")


def test_transactions_come_page_by_page(stripe: Stripe, stripe_api: StripeServer) -> None:
    first = datetime(2027, 1, 31, 12, tzinfo=UTC)
    for number in range(205):
        initialize(stripe, reference=f"sika-{number}")
        last = list(stripe_api.sessions)[-1]
        stripe_api.sessions[last]["created"] = int(first.timestamp()) + number
    stripe_api.pay(last)
    stripe_api.requests.clear()
    found = list(
        stripe.transactions(since=first + timedelta(seconds=1), until=first + timedelta(seconds=300))
    )
    assert len(stripe_api.requests) == 3
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
        transaction_id=transaction_id, amount_ghs=D(amount), refund_id="r-1", reason="wrong pack"
    )


def test_refund_twice_gives_back_once(stripe: Stripe, stripe_api: StripeServer) -> None:
    intent = stripe_api.pay(initialize(stripe).access_code)["payment_intent"]
    stripe_api.faults = ["lose_answer"]
    with pytest.raises(OutcomeUnknown):
        refund(stripe, intent)
    report = refund(stripe, intent)
    assert report == RefundReport(
        id=next(iter(stripe_api.refunds)),
        status=RefundStatus.PENDING,
        amount_ghs=D("19.99"),
        transaction_id=intent,
        note="r-1",
    )
    assert stripe.refunds(transaction_id=intent) == [report]
    assert len(stripe_api.refunds) == 1
    method, _, form, headers = stripe_api.requests[-2]
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
def test_refund_states(stripe: Stripe, stripe_api: StripeServer, word: str, status: RefundStatus) -> None:
    intent = stripe_api.pay(initialize(stripe).access_code)["payment_intent"]
    refund(stripe, intent, "5.00")
    next(iter(stripe_api.refunds.values())).update(status=word, failure_reason="expired_or_canceled_card")
    [report] = stripe.refunds(transaction_id=intent)
    assert (report.status, report.amount_ghs) == (status, D("5.00"))
    assert report.message == "expired_or_canceled_card"


def test_refund_above_what_is_left_is_refused(stripe: Stripe, stripe_api: StripeServer) -> None:
    intent = stripe_api.pay(initialize(stripe).access_code)["payment_intent"]
    with pytest.raises(PaymentRejected, match="greater than unrefunded amount"):
        refund(stripe, intent, "20.00")
    assert stripe_api.refunds == {}


def test_refund_id_used_for_another_amount_is_unknown(stripe: Stripe, stripe_api: StripeServer) -> None:
    intent = stripe_api.pay(initialize(stripe).access_code)["payment_intent"]
    refund(stripe, intent, "5.00")
    with pytest.raises(OutcomeUnknown):
        refund(stripe, intent, "6.00")
    assert [one.amount_ghs for one in stripe.refunds(transaction_id=intent)] == [D("5.00")]
