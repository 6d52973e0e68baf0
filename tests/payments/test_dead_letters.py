"""Events that could not be acted upon, where events may come from, and news of refunds and disputes."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connections, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from payments.errors import GatewayUnavailable, NotADeadLetter
from payments.models import Payment, Refund, WebhookEvent
from payments.services import locks, webhooks
from tests.mails import send_alerts
from tests.patience import impatient
from tests.sandboxes import PaystackSandbox

from .conftest import NOON
from .desk import Desk
from .test_webhooks import PATH, deliver, process_all, sign, success

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


def test_a_dead_letter_is_told_once(dead: WebhookEvent, settings: Settings) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]
    send_alerts()  # of its first death
    mail.outbox.clear()
    WebhookEvent.objects.filter(pk=dead.pk).update(processed_at=None, outcome="", reference="x" * 60)
    WebhookEvent.objects.filter(pk=dead.pk).update(body='{"event": "charge.success", "data": {}}')
    with capture_logs() as logs:
        webhooks.process(event_id=dead.pk, now=timezone.now())
        webhooks.process(event_id=dead.pk, now=timezone.now())
    told = [line for line in logs if line["event"] == "webhook_needs_attention"]
    assert [line["outcome"] for line in told] == ["unknown_reference"]
    assert len(send_alerts()) == 1


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
            with impatient():
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
