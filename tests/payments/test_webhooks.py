"""The inbox: who may deliver, what is kept, what an event leads to."""

import hashlib
import hmac
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Business
from payments.errors import GatewayUnavailable, UnclaimedPayment
from payments.models import Payment, WebhookEvent
from payments.services import payments, webhooks
from payments.types import PaymentStatus
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment

KEY = "sk_test_sandbox_not_a_real_key"
PATH = "/api/payments/webhooks/paystack/"


def sign(body: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def deliver(client: Client, body: bytes, signature: str | None = None, path: str = PATH) -> Any:
    headers = {"x-paystack-signature": sign(body) if signature is None else signature}
    return client.post(path, body, content_type="application/json", headers=headers)


def success(reference: str, **data: Any) -> bytes:
    return json.dumps({"event": "charge.success", "data": {"reference": reference, **data}}).encode()


def process_all() -> list[str]:
    waiting = WebhookEvent.objects.filter(processed_at=None).order_by("pk").values_list("pk", flat=True)
    return [webhooks.process(event_id=pk, now=timezone.now()).outcome for pk in waiting]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0" * 128,
        sign(b"{}")[:-1],
        sign(b"{}").upper(),
        sign(b"{ }"),
        sign(b"{}", "sk_test_other"),
        "é\xff",
    ],
)
def test_wrong_signature_is_refused_and_nothing_stored(client: Client, signature: str) -> None:
    reply = deliver(client, b"{}", signature)
    assert (reply.status_code, reply.json()["code"]) == (401, "invalid_signature")
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_missing_signature_is_refused_and_nothing_stored(client: Client) -> None:
    reply = client.post(PATH, b"{}", content_type="application/json")
    assert reply.status_code == 401
    assert WebhookEvent.objects.count() == 0


@pytest.mark.django_db
def test_forged_success_credits_nothing(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    body = success(started.reference, status="success", amount=5000, currency="GHS", domain="test")
    assert deliver(client, body, sign(body, "guess")).status_code == 401
    started.refresh_from_db()
    assert (started.status, credited) == (PaymentStatus.PENDING, [])


@pytest.mark.django_db
def test_genuinely_signed_claim_is_not_believed_without_asking(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    body = success(started.reference, status="success", amount=5000, currency="GHS", domain="test")
    assert deliver(client, body).status_code == 200
    assert process_all() == [""]
    event = WebhookEvent.objects.get()
    assert (event.attempts, event.last_error) == (1, "the gateway does not confirm it yet")
    started.refresh_from_db()
    assert (started.status, credited) == (PaymentStatus.PENDING, [])


@pytest.mark.django_db
def test_webhook_settles_and_its_repetitions_are_one_event(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.script(webhook_copies=3)
    sandbox.pay(started.reference)
    deliveries = sandbox.deliveries(started.reference)
    assert len(deliveries) == 3
    for delivery in deliveries:
        reply = deliver(client, delivery["body"].encode(), delivery["signature"])
        assert (reply.status_code, reply.json()) == (200, {"received": True})
    event = WebhookEvent.objects.get()
    assert (event.event, event.reference) == ("charge.success", started.reference)
    assert event.signed_with == "current"
    assert event.body == re.sub(r"AUTH_\w+", "AUTH_***", deliveries[0]["body"])
    assert process_all() == ["applied"]
    again = webhooks.process(event_id=event.pk, now=timezone.now())
    assert (again.attempts, again.outcome) == (1, "applied")
    started.refresh_from_db()
    assert started.status == PaymentStatus.SUCCESSFUL
    assert credited == [started.reference]


@pytest.mark.django_db(transaction=True)
def test_deliveries_and_verify_at_once_credit_once(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    from payments.services import settlement

    sandbox.pay(started.reference)
    body = sandbox.deliveries(started.reference)[0]["body"].encode()
    barrier = threading.Barrier(8)

    def one(number: int) -> int:
        try:
            barrier.wait(10)
            if number % 2:
                settlement.verify(reference=started.reference, now=timezone.now())
                return 200
            status = deliver(Client(), body).status_code
            event = WebhookEvent.objects.get(body_sha256=hashlib.sha256(body).hexdigest())
            webhooks.process(event_id=event.pk, now=timezone.now())
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == [200] * 8
    assert WebhookEvent.objects.count() == 1
    assert credited == [started.reference]
    assert Business.objects.get(pk=started.business_id).name == "Ama's shop +50.00"


@pytest.mark.django_db
def test_previous_key_counts_for_72_hours(client: Client, settings: Settings) -> None:
    body, signature = b'{"event":"x"}', sign(b'{"event":"x"}', "sk_test_before")
    settings.PAYSTACK_PREVIOUS_SECRET_KEY = "sk_test_before"
    settings.PAYSTACK_KEY_ROTATED_AT = NOON
    late = NOON + timedelta(hours=72)
    with pytest.raises(webhooks.InvalidSignature):
        webhooks.receive(gateway_name="paystack", body=body, signature=signature, now=late)
    webhooks.receive(gateway_name="paystack", body=body, signature=signature, now=late - timedelta(seconds=1))
    assert WebhookEvent.objects.get().signed_with == "previous"


@pytest.mark.django_db
def test_previous_key_without_a_date_does_not_count(client: Client, settings: Settings) -> None:
    settings.PAYSTACK_PREVIOUS_SECRET_KEY = "sk_test_before"
    assert deliver(client, b"{}", sign(b"{}", "sk_test_before")).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("previous_key", ["", "sk_test_before"])
def test_empty_key_signs_nothing(client: Client, settings: Settings, previous_key: str) -> None:
    settings.PAYSTACK_PREVIOUS_SECRET_KEY = previous_key
    settings.PAYSTACK_KEY_ROTATED_AT = timezone.now()
    assert deliver(client, b"{}", sign(b"{}", "")).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 1])
def test_body_over_1_mb_is_refused(client: Client, more: int) -> None:
    body = json.dumps({"event": "x", "pad": ""}).encode()
    body = body.replace(b'""', b'"' + b"p" * (1024 * 1024 - len(body) + more) + b'"')
    reply = deliver(client, body)
    assert reply.status_code == (413 if more else 200)
    assert WebhookEvent.objects.count() == (0 if more else 1)
    if more:
        assert reply.json()["code"] == "body_too_large"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"", "unreadable"),
        (b"not json", "unreadable"),
        (b"[]", "unreadable"),
        (b'{"event": 5}', "unreadable"),
        (b'{"event": "charge.success", "data": NaN}', "unknown_reference"),
        (b"\xff\x00\xfe", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b'{"event": "charge.success"}', "unknown_reference"),
        (b'{"event": "charge.success", "data": []}', "unknown_reference"),
        (b'{"event": "charge.success", "data": {"reference": "sika-unknown"}}', "unknown_reference"),
        (b'{"event": "charge.success", "data": {"reference": "\\u0000\\ud800"}}', "unknown_reference"),
        (b'{"event": "charge.success", "data": {"reference": {"a": 1}}}', "unknown_reference"),
        (b'{"event": "charge.failed", "data": {"reference": "sika-unknown"}}', "unknown_reference"),
        (b'{"event": "subscription.expiring_cards", "data": [{"brand": "visa"}]}', "kept"),
        (b'{"event": "charge.dispute.create", "data": {"id": 1}}', "unknown_reference"),
        (b'{"event": "never.heard.of", "data": null}', "kept"),
    ],
)
def test_every_signed_body_is_kept(
    client: Client, sandbox: PaystackSandbox, business: Business, body: bytes, outcome: str
) -> None:
    untouched = open_payment(business)
    assert deliver(client, body).status_code == 200
    assert process_all() == [outcome]
    assert sandbox.requests() == []
    untouched.refresh_from_db()
    assert untouched.status == PaymentStatus.PENDING


def test_odd_character_elsewhere_does_not_hide_a_payment(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    body = success(started.reference).replace(b"}}", b', "customer": {"first_name": "\\ud83d\\u0000"}}}')
    assert deliver(client, body).status_code == 200
    assert process_all() == ["applied"]
    assert credited == [started.reference]


@pytest.mark.django_db
def test_any_accept_header_and_content_type_will_do(client: Client) -> None:
    headers = {"x-paystack-signature": sign(b"{}"), "accept": "text/html"}
    assert client.post(PATH, b"{}", content_type="text/plain", headers=headers).status_code == 200


@pytest.mark.django_db
def test_slash_or_not(client: Client) -> None:
    assert deliver(client, b"{}", path=PATH.rstrip("/")).status_code == 200


def test_unknown_reference_is_an_alert(client: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    deliver(client, success("sika-unknown"))
    process_all()
    assert "webhook_needs_attention" in caplog.text


def test_failed_processing_is_tried_again_later(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    delivery = sandbox.deliveries(started.reference)[0]
    webhooks.receive(
        gateway_name="paystack", body=delivery["body"].encode(), signature=delivery["signature"], now=NOON
    )
    event = WebhookEvent.objects.get()
    minute = timedelta(minutes=1)
    assert webhooks.claim_due(now=NOON + minute - timedelta(seconds=1)) == []
    assert webhooks.claim_due(now=NOON + minute) == [event.pk]
    assert webhooks.claim_due(now=NOON + minute) == []
    sandbox.script(fail_next="500", fail_calls=3)
    with pytest.raises(GatewayUnavailable):
        webhooks.process(event_id=event.pk, now=NOON + minute)
    event.refresh_from_db()
    assert (event.attempts, event.processed_at, event.next_attempt_at) == (1, None, NOON + 2 * minute)
    assert event.last_error.startswith("GatewayUnavailable: ")
    assert webhooks.claim_due(now=NOON + 2 * minute) == [event.pk]
    assert webhooks.process(event_id=event.pk, now=NOON + 2 * minute).outcome == "applied"
    assert credited == [started.reference]


@pytest.mark.django_db(transaction=True)
def test_unclaimed_payment_stays_in_the_inbox(
    sandbox: PaystackSandbox, business: Business, credited: list[str]
) -> None:
    payment = open_payment(business, purpose="nobody_sells_this")
    payments.start_checkout(payment_id=payment.pk, now=timezone.now())
    sandbox.pay(payment.reference)
    delivery = sandbox.deliveries(payment.reference)[0]
    webhooks.receive(
        gateway_name="paystack", body=delivery["body"].encode(), signature=delivery["signature"], now=NOON
    )
    event = WebhookEvent.objects.get()
    with pytest.raises(UnclaimedPayment):
        webhooks.process(event_id=event.pk, now=NOON)
    event.refresh_from_db()
    payment.refresh_from_db()
    assert (event.outcome, event.attempts) == ("", 1)
    assert payment.status == PaymentStatus.PENDING


def test_claim_the_gateway_never_confirms_ends_as_an_alert(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    deliver(client, success(started.reference))
    outcomes = [process_all() for _ in range(webhooks.MAX_UNCONFIRMED)]
    assert outcomes == [[""]] * (webhooks.MAX_UNCONFIRMED - 1) + [["unconfirmed"]]
    assert credited == []


def test_event_about_a_failed_charge_asks_once(
    client: Client, sandbox: PaystackSandbox, started: Payment
) -> None:
    sandbox.pay(started.reference, "decline")
    deliver(client, success(started.reference).replace(b"charge.success", b"charge.failed"))
    assert process_all() == ["applied"]
    started.refresh_from_db()
    assert started.status == PaymentStatus.FAILED


@pytest.mark.django_db(transaction=True)
def test_queue_down_costs_nothing_but_time(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments import tasks

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(tasks.process_webhook, "delay", refuse)
    assert deliver(client, b'{"event": "x"}').status_code == 200
    event = WebhookEvent.objects.get()
    assert webhooks.claim_due(now=timezone.now() + webhooks.GRACE) == [event.pk]
