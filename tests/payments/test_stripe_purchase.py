"""Payments by Stripe through the whole product: the inbox, the credit rule, a purchase."""

import logging
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from config.core.http import OutcomeUnknown
from payments import providers
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.models import Payment, Refund, WebhookEvent
from payments.services import payments, review, settlement, webhooks
from subscriptions.models import CreditGrant
from tests.concurrency.together import together
from tests.subscriptions.shop import Shop

from .conftest import open_payment
from .stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, sign

D = Decimal
PATH = "/api/payments/webhooks/stripe/"


# --- the inbox ------------------------------------------------------------------------------------------


def deliver(client: Client, body: bytes, signature: str) -> Any:
    headers = {"stripe-signature": signature}
    return client.post(PATH, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_not_set_up_is_a_clear_error(
    client: Client, stripe_api: StripeServer, settings: Settings, missing: str
) -> None:
    setattr(settings, missing, "")
    reply = deliver(client, b"{}", sign(b"{}"))
    assert (reply.status_code, reply.json()) == (
        404,
        {"code": "not_found", "detail": "Stripe is not set up here."},
    )
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_forged_delivery_is_refused_and_not_stored(client: Client, stripe_api: StripeServer) -> None:
    reply = deliver(client, b"{}", sign(b"{}", secret="whsec_guess"))
    assert (reply.status_code, reply.json()["code"]) == (401, "invalid_signature")
    assert client.post(PATH, b"{}", content_type="application/json").status_code == 401
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_body_above_one_megabyte_is_refused(client: Client, stripe_api: StripeServer) -> None:
    body = b" " * (1024 * 1024 + 1)
    assert deliver(client, body, sign(body)).status_code == 413


def start(business: Any, amount: str = "50.00") -> Payment:
    payment = open_payment(business, amount, method="STRIPE")
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


def process_all() -> list[str]:
    waiting = WebhookEvent.objects.filter(processed_at=None).order_by("pk").values_list("pk", flat=True)
    return [webhooks.process(event_id=pk, now=timezone.now()).outcome for pk in waiting]


def test_webhook_brings_the_session_id_that_our_call_lost(
    client: Client, stripe_api: StripeServer, business: Any, credited: list[str]
) -> None:
    payment = start(business)
    code = payment.access_code
    Payment.objects.filter(pk=payment.pk).update(access_code="", payment_url="")
    body, signature = stripe_api.event("checkout.session.completed", stripe_api.pay(code))
    assert [deliver(client, body, signature).status_code for _ in range(2)] == [200, 200]
    assert process_all() == ["applied"]
    payment.refresh_from_db()
    assert (payment.status, payment.access_code) == ("SUCCESSFUL", code)
    assert credited == [payment.reference]


def test_webhook_does_not_change_a_session_id_that_is_known(
    client: Client, stripe_api: StripeServer, business: Any, credited: list[str]
) -> None:
    mine, other = start(business), start(business, "60.00")
    paid = stripe_api.pay(other.access_code)
    forged = {**paid, "client_reference_id": mine.reference}
    deliver(client, *stripe_api.event("checkout.session.completed", forged))
    assert process_all() == [""]  # asked about its own session, which nobody paid
    mine.refresh_from_db()
    assert (mine.status, credited) == ("PENDING", [])


def test_session_of_another_payment_is_for_a_person_to_look_at(
    client: Client, stripe_api: StripeServer, business: Any, credited: list[str]
) -> None:
    mine, other = start(business), start(business)
    paid = stripe_api.pay(other.access_code)
    Payment.objects.filter(pk=mine.pk).update(access_code="")
    deliver(
        client,
        *stripe_api.event("checkout.session.completed", {**paid, "client_reference_id": mine.reference}),
    )
    process_all()
    mine.refresh_from_db()
    assert (mine.status, credited) == ("REVIEW", [])
    assert mine.review_reason == f"reference: expected {mine.reference}, gateway says {other.reference}"


def test_refund_event_that_names_the_transaction_alone_finds_its_payment(
    client: Client, stripe_api: StripeServer, business: Any, credited: list[str]
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    payment = settlement.verify(reference=payment.reference, now=timezone.now())
    providers.gateway("stripe").refund(
        transaction_id=payment.gateway_transaction_id,
        amount_ghs=D("5.00"),
        refund_id=str(uuid4()),
        reason="wrong pack",
    )
    [refund] = stripe_api.refunds.values()
    assert deliver(client, *stripe_api.event("refund.updated", refund)).status_code == 200
    assert process_all() == ["applied"]
    assert WebhookEvent.objects.get().reference == payment.reference
    deliver(client, *stripe_api.event("refund.updated", {**refund, "payment_intent": "pi_of_nobody"}))
    assert process_all() == ["unknown_reference"]


def test_asking_again_about_a_reversed_payment_adopts_the_refund_that_is_under_way(
    stripe_api: StripeServer, business: Any, taken_back: list[tuple[str, str]]
) -> None:
    payment = start(business)
    session = stripe_api.pay(payment.access_code)
    payment = settlement.verify(reference=payment.reference, now=timezone.now())
    stripe_api.refund(session["payment_intent"])
    with capture_logs() as logs:
        found = review.ask_again(payment_id=payment.pk, now=timezone.now())
    assert (found.status, Refund.objects.get().status, taken_back) == ("SUCCESSFUL", "PENDING", [])
    assert [line["event"] for line in logs] == []


def test_other_events_are_kept(client: Client, stripe_api: StripeServer, db: None) -> None:
    assert deliver(client, *stripe_api.event("customer.created", {"id": "x_1"})).status_code == 200
    assert process_all() == ["kept"]


def test_expired_page_is_a_failed_payment(client: Client, stripe_api: StripeServer, business: Any) -> None:
    payment = start(business)
    session = stripe_api.sessions[payment.access_code]
    session |= {"status": "expired", "url": None}
    deliver(client, *stripe_api.event("checkout.session.expired", session))
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
    stripe_api: StripeServer, business: Any, credited: list[str], changes: dict[str, Any], reason: str
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code, **changes)
    found = settlement.verify(reference=payment.reference, now=timezone.now())
    assert (found.status, credited) == ("REVIEW", [])
    assert reason in found.review_reason


def test_page_that_could_not_be_opened_opens_on_the_second_try_within_the_call(
    stripe_api: StripeServer, business: Any
) -> None:
    stripe_api.faults = ["lose_answer"]
    payment = start(business)
    assert payment.access_code == next(iter(stripe_api.sessions))
    assert len(stripe_api.sessions) == 1


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
    assert [reply.json() for reply in (refused, without_keys)] == [
        {
            "code": "payment_method_unavailable",
            "detail": "This payment method is not offered. Choose another one.",
            "method": "STRIPE",
            "offered": ["MOMO"],
        }
    ] * 2
    assert Payment.objects.count() == 0
    assert providers.configured() == ["paystack"]


@pytest.mark.django_db(transaction=True)
def test_purchase_is_credited_once_by_webhook_verify_and_return_page(
    client: Client, stripe_api: StripeServer
) -> None:
    shop = Shop()
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "STRIPE"})
    assert reply.status_code == 201
    payment = Payment.objects.get()
    assert (payment.gateway, payment.amount_ghs) == ("stripe", D("80.00"))
    assert (
        reply.json()["payment_url"] == payment.payment_url == stripe_api.sessions[payment.access_code]["url"]
    )
    assert shop.verify(payment.reference).status_code == 202

    body, signature = stripe_api.event("checkout.session.completed", stripe_api.pay(payment.access_code))
    page = f"/payments/return/?reference={payment.reference}"
    calls: list[Callable[[], Any]] = [
        partial(deliver, client, body, signature),
        partial(deliver, Client(), body, signature),
        partial(shop.verify, payment.reference),
        partial(Client().get, page),
        lambda: settlement.check(payment_id=payment.pk, now=timezone.now()),
    ]
    answers = together(calls)
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    assert process_all() == ["applied"]
    assert "Paid. Thank you!" in client.get(page).content.decode()
    assert shop.verify(payment.reference).json()["credits_added"] == 100
    assert CreditGrant.objects.filter(source="purchase").count() == 1
    assert shop.balance == D(100)
    payment.refresh_from_db()
    assert (payment.status, payment.channel, payment.fees_ghs) == ("SUCCESSFUL", "card", D("1.45"))
    assert payment.gateway_transaction_id == stripe_api.sessions[payment.access_code]["payment_intent"]


def test_secrets_are_in_no_repr_log_or_answer(
    stripe_api: StripeServer, caplog: pytest.LogCaptureFixture, business: Any
) -> None:
    caplog.set_level(logging.INFO)
    gateway = providers.gateway("stripe")
    payment = start(business)
    told = ""
    for fault in ("401", "429", "500", "html", "drop", ""):
        stripe_api.faults = [fault]
        with pytest.raises((GatewayUnavailable, OutcomeUnknown, PaymentRejected)) as caught:
            gateway.refund(transaction_id="pi_1", amount_ghs=D(1), refund_id="r", reason="")
        logging.getLogger("sika").error("refused", exc_info=caught.value)
        told += f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__cause__!s}"
    everything = f"{gateway!r} {payment!r} {told} {caplog.text}"
    assert "Traceback" in everything
    assert SECRET_KEY not in everything
    assert WEBHOOK_SECRET not in everything


def test_the_sdk_is_loaded_only_where_it_is_used() -> None:
    code = "import django, sys; django.setup(); import config.urls; print('stripe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_logging_keeps_the_sdk_quiet(settings: Settings) -> None:
    assert settings.LOGGING["loggers"]["stripe"] == {"level": "WARNING"}
