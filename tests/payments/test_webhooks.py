"""The inbox: who may deliver, what is kept, what an event leads to."""

import hashlib
import hmac
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from accounts.models import Business
from payments.errors import GatewayUnavailable, NotADeadLetter, UnclaimedPayment
from payments.models import Payment, Refund, WebhookEvent
from payments.services import locks, payments, webhooks
from payments.types import PaymentStatus
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment
from .desk import Desk

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
    assert (event.signed_with, event.body) == ("current", deliveries[0]["body"])
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


# --- dead letters ---------------------------------------------------------------------------------------


@pytest.fixture
def dead(client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]) -> WebhookEvent:
    """A payment's good news that failed to be processed for about 8 hours."""
    sandbox.pay(started.reference)
    deliver(client, success(started.reference))
    event = WebhookEvent.objects.get()
    now = event.received_at
    for attempt in range(webhooks.MAX_ATTEMPTS):
        sandbox.script(fail_next="401", fail_calls=1)
        event.refresh_from_db()
        assert (event.attempts, event.outcome) == (attempt, "")
        now = max(now, event.next_attempt_at)
        with pytest.raises(GatewayUnavailable):
            webhooks.process(event_id=event.pk, now=now)
    event.refresh_from_db()
    assert 7 <= (now - event.received_at).total_seconds() / 3600 <= 9
    sandbox.script(fail_next="", fail_calls=0)
    return event


def test_what_fails_too_often_is_a_dead_letter(dead: WebhookEvent) -> None:
    assert (dead.outcome, dead.attempts) == ("failed", webhooks.MAX_ATTEMPTS)
    assert dead.last_error.startswith("GatewayUnavailable: ")
    assert webhooks.claim_due(now=timezone.now() + timedelta(days=30)) == []


def test_a_dead_letter_is_told_once(
    dead: WebhookEvent, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    WebhookEvent.objects.filter(pk=dead.pk).update(processed_at=None, outcome="", reference="x" * 60)
    WebhookEvent.objects.filter(pk=dead.pk).update(body='{"event": "charge.success", "data": {}}')
    with capture_logs() as logs, django_capture_on_commit_callbacks(execute=True):
        webhooks.process(event_id=dead.pk, now=timezone.now())
        webhooks.process(event_id=dead.pk, now=timezone.now())
    told = [line for line in logs if line["event"] == "webhook_needs_attention"]
    assert [line["outcome"] for line in told] == ["unknown_reference"]
    assert len(mail.outbox) == 1


def test_a_replayed_dead_letter_is_processed_and_credits_once(
    dead: WebhookEvent, started: Payment, credited: list[str]
) -> None:
    assert webhooks.replay(event_id=dead.pk, by=7, now=timezone.now()) is True
    assert webhooks.replay(event_id=dead.pk, by=7, now=timezone.now()) is False
    dead.refresh_from_db()
    assert (dead.processed_at, dead.outcome, dead.attempts) == (None, "", 0)
    assert process_all() == ["applied"]
    with pytest.raises(NotADeadLetter):
        webhooks.replay(event_id=dead.pk, by=7, now=timezone.now())
    assert credited == [started.reference]
    assert list(started.actions.values_list("actor_id", "action")) == [(7, "replay_event")]


@pytest.mark.django_db(transaction=True)
def test_eight_replays_at_once_are_one(client: Client) -> None:
    deliver(client, b"not json")
    process_all()
    (event_id,) = WebhookEvent.objects.values_list("pk", flat=True)
    barrier = threading.Barrier(8)

    def one(_: int) -> bool:
        try:
            barrier.wait(10)
            return webhooks.replay(event_id=event_id, by=7, now=timezone.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == [False] * 7 + [True]
    assert process_all() == ["unreadable"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"not json", "unreadable"),
        (b'{"event": "charge.success", "data": {"reference": "sika-unknown"}}', "unknown_reference"),
    ],
)
def test_other_dead_letters_are_replayed_and_end_the_same(client: Client, body: bytes, outcome: str) -> None:
    deliver(client, body)
    for _ in range(2):
        assert process_all() == [outcome]
        assert webhooks.replay(event_id=WebhookEvent.objects.get().pk, by=7, now=timezone.now())


@pytest.mark.django_db
def test_what_was_kept_is_not_replayed(client: Client) -> None:
    deliver(client, b'{"event": "invoice.create", "data": {}}')
    assert process_all() == ["kept"]
    with pytest.raises(NotADeadLetter):
        webhooks.replay(event_id=WebhookEvent.objects.get().pk, by=7, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_had_postpones_and_does_not_count(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    deliver(client, success(started.reference))
    event = WebhookEvent.objects.get()
    now = timezone.now()

    def process() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            webhooks.process(event_id=event.pk, now=now)
        finally:
            connections.close_all()

    with transaction.atomic():
        locks.payment(payment_id=started.pk)
        with ThreadPoolExecutor(1) as pool, pytest.raises(OperationalError):
            pool.submit(process).result()
    event.refresh_from_db()
    assert (event.attempts, event.outcome) == (0, "")
    assert event.next_attempt_at == now + webhooks.GRACE
    assert "LockNotAvailable" in event.last_error or "lock timeout" in event.last_error
    assert process_all() == ["applied"]
    assert credited == [started.reference]


# --- where from, signed with what -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_of_addresses_is_off_unless_set(client: Client) -> None:
    assert deliver(client, b"{}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "forwarded", "proxies", "status"),
    [
        ("52.31.139.75", "", 0, 200),
        ("10.0.0.1", "", 0, 403),
        ("10.0.0.1", "52.31.139.75", 0, 403),  # nobody of ours wrote that header
        ("10.0.0.1", "52.31.139.75", 1, 200),
        ("10.0.0.1", "52.31.139.75, 10.9.9.9", 1, 403),  # the caller wrote the first one
        ("52.31.139.75", "10.9.9.9", 1, 403),
    ],
)
def test_the_list_of_addresses_believes_our_proxies_alone(
    settings: Settings, address: str, forwarded: str, proxies: int, status: int
) -> None:
    settings.PAYSTACK_WEBHOOK_IPS = ["52.31.139.75", "52.49.173.169"]
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-paystack-signature": sign(b"{}")}
    if forwarded:
        headers["x-forwarded-for"] = forwarded
    reply = Client(REMOTE_ADDR=address).post(PATH, b"{}", content_type="application/json", headers=headers)
    assert reply.status_code == status
    assert WebhookEvent.objects.count() == (status == 200)
    if status == 403:
        assert reply.json()["code"] == "source_refused"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("after", "signed_with"),
    [
        (timedelta(0), "previous"),
        (timedelta(hours=71, minutes=59, seconds=59), "previous"),
        (timedelta(hours=72, seconds=1), None),
    ],
)
def test_each_event_says_which_key_signed_it(
    settings: Settings, after: timedelta, signed_with: str | None
) -> None:
    settings.PAYSTACK_PREVIOUS_SECRET_KEY = "sk_test_before"
    settings.PAYSTACK_KEY_ROTATED_AT = NOON
    now = NOON + after
    webhooks.receive(gateway_name="paystack", body=b"{}", signature=sign(b"{}"), now=now)
    old = {
        "gateway_name": "paystack",
        "body": b"{ }",
        "signature": sign(b"{ }", "sk_test_before"),
        "now": now,
    }
    if signed_with is None:
        with pytest.raises(webhooks.InvalidSignature):
            webhooks.receive(**old)  # type: ignore[arg-type]
    else:
        webhooks.receive(**old)  # type: ignore[arg-type]
    found = list(WebhookEvent.objects.order_by("pk").values_list("signed_with", flat=True))
    assert found == ["current"] + ([signed_with] if signed_with else [])


# --- refunds and disputes -------------------------------------------------------------------------------


def news(event: str, **data: Any) -> bytes:
    return json.dumps({"event": event, "data": data}).encode()


def test_a_refund_webhook_is_asked_about_and_never_believed(
    client: Client, paid: Payment, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    desk.refund({"amount": 2000, "transaction": paid.gateway_transaction_id, "merchant_note": "by the shop"})
    claim = {"transaction_reference": paid.reference, "status": "processed", "amount": "5000"}
    deliver(client, news("refund.processed", **claim))
    assert process_all() == ["applied"]
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_ghs, taken_back) == ("PENDING", 20, [])
    desk.refunds[0]["status"] = "processed"
    for state in ("processing", "pending", "processed"):  # late, in disorder, and the last one again
        deliver(client, news(f"refund.{state}", **{**claim, "status": state}))
    assert process_all() == ["applied"] * 2
    assert taken_back == [("refund", "PROCESSED")]
    assert WebhookEvent.objects.filter(reference=paid.reference).count() == 3


def test_a_refund_webhook_that_comes_too_early_is_asked_about_again(
    client: Client, paid: Payment, desk: Desk
) -> None:
    deliver(client, news("refund.pending", transaction_reference=paid.reference))
    assert process_all() == [""]
    desk.refund({"amount": 2000, "transaction": paid.gateway_transaction_id, "merchant_note": "by the shop"})
    assert process_all() == ["applied"]
    assert Refund.objects.get().status == "PENDING"


def test_a_dispute_webhook_is_asked_about_and_never_believed(
    client: Client, paid: Payment, desk: Desk, taken_back: list[tuple[str, str]]
) -> None:
    transaction = {"reference": paid.reference}
    desk.dispute = {
        "id": 358950,
        "status": "awaiting-merchant-feedback",
        "resolution": None,
        "refund_amount": 5000,
        "transaction": transaction,
    }
    lie = {"id": 358950, "status": "resolved", "resolution": "auto-accepted", "transaction": transaction}
    for event in ("charge.dispute.resolve", "charge.dispute.create", "charge.dispute.remind"):
        deliver(client, news(event, **lie))
    assert process_all() == ["applied"] * 3
    assert taken_back == [("dispute", "OPEN")]
    desk.dispute |= {"status": "resolved", "resolution": "auto-accepted"}
    deliver(client, news("charge.dispute.resolve", **lie, again=1))
    assert process_all() == ["applied"]
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (news("refund.processed", transaction_reference="sika-unknown"), "unknown_reference"),
        (news("refund.processed"), "unknown_reference"),
        (news("charge.dispute.create", id=1, transaction={"reference": "sika-unknown"}), "unknown_reference"),
        (news("charge.dispute.create", id=1), "unknown_reference"),
        (news("charge.dispute.create"), "unreadable"),
    ],
)
def test_news_of_nobodys_payment_is_kept_and_told(
    client: Client, sandbox: PaystackSandbox, event: bytes, outcome: str
) -> None:
    deliver(client, event)
    with capture_logs() as logs:
        assert process_all() == [outcome]
    assert [line["outcome"] for line in logs if line["log_level"] == "error"] == [outcome]
    assert sandbox.requests() == []
