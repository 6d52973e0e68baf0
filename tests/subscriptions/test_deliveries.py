"""Alerts go out: once as far as anybody can, again when they must, and to whom the business says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import Membership, User
from config.core.loopback import App, Request, Response, Server, json_response
from subscriptions.models import Alert, AlertDelivery
from subscriptions.services import channels, deliveries, preferences
from subscriptions.services.alerts import raise_alert
from tests.concurrency.together import together
from tests.factories import make_business, make_member

NOON = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)


class Hook:
    """A server that takes webhooks, and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[Request] = []
        self.status = 200
        app = App()
        app.post("/services/{path}")(self._take)
        self.server = Server({"/hook": app})

    def _take(self, request: Request) -> Response:
        self.taken.append(request)
        return json_response({}, self.status)


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    with hook.server:
        yield hook


@pytest.fixture
def member(db: None) -> Membership:
    return make_business(email="ama@shop.test")


def tell(member: Membership | None, *, kind: str = "low_credit", key: str = "k") -> Alert:
    alert = raise_alert(
        business_id=member.business_id if member else None,
        kind=kind,
        key=key,
        severity="warning",
        title="9 credits left",
        text="You have 9 credits left.",
        link="https://sika.example/app/credits/buy?pack=VALUE&x=1",
        now=NOON,
    )
    assert alert is not None
    return alert


def waiting(alert: Alert, channel: str = "email") -> AlertDelivery:
    return AlertDelivery.objects.get(alert=alert, channel=channel)


def deliver(alert: Alert, channel: str = "email", now: datetime = NOON) -> str:
    return deliveries.deliver(delivery_id=waiting(alert, channel).pk, now=now)


def hooked(member: Membership, hook: Hook) -> None:
    url = f"{hook.server.url}/hook/services/secret-path?token=secret"
    preferences.update(business_id=member.business_id, webhook_url=url, now=NOON)


def test_an_owner_gets_a_short_mail_once(member: Membership) -> None:
    alert = tell(member)
    assert (deliver(alert), deliver(alert)) == ("sent", "")
    (message,) = mail.outbox
    assert message.to == ["ama@shop.test"]
    assert message.subject == "[Sika] Ama Stores: 9 credits left"
    assert message.body == (
        "You have 9 credits left.\n\n"
        "https://sika.example/app/credits/buy?pack=VALUE&x=1\n\n"
        "-- \nYou get this because you look after Ama Stores in Sika. Choose what is mailed:"
        " http://127.0.0.1:8000/app/alerts/settings"
    )
    assert message.message()["Message-ID"] == f"<alert-{alert.pk}@127.0.0.1>"
    sent = waiting(alert)
    assert (sent.outcome, sent.sent_at, sent.due_at, sent.attempts) == ("sent", NOON, None, 1)


def test_managers_only_when_asked_for_and_nobody_who_has_left(member: Membership) -> None:
    make_member(business=member.business, role="manager", email="kofi@shop.test")
    make_member(business=member.business, role="cashier", email="till@shop.test")
    gone = make_member(business=member.business, role="owner", email="gone@shop.test")
    gone.is_active = False
    gone.save()
    deliver(tell(member, key="1"))
    preferences.update(business_id=member.business_id, email_managers=True, now=NOON)
    deliver(tell(member, key="2"))
    assert [message.to for message in mail.outbox] == [["ama@shop.test"], ["ama@shop.test", "kofi@shop.test"]]


def test_a_kind_that_is_silenced_is_stored_and_not_mailed(member: Membership) -> None:
    preferences.update(business_id=member.business_id, emails={"expiry": False}, now=NOON)
    alert = tell(member, kind="expiry")
    assert (deliver(alert), deliver(tell(member, key="2"))) == ("skipped", "sent")
    assert len(mail.outbox) == 1
    assert (waiting(alert).due_at, waiting(alert).sent_at) == (None, None)


def test_operators_are_told_at_their_own_addresses(db: None, hook: Hook, settings: Settings) -> None:
    alert = tell(None, kind="provider_down")
    assert (deliver(alert), deliver(alert, "webhook")) == ("skipped", "skipped")
    settings.OPS_EMAILS = ["ops@sika.test"]
    settings.OPS_SLACK_WEBHOOK_URL = f"{hook.server.url}/hook/services/ops"
    alert = tell(None, kind="provider_down", key="2")
    assert (deliver(alert), deliver(alert, "webhook")) == ("sent", "sent")
    assert mail.outbox[0].subject == "[Sika] 9 credits left"
    assert [request.path for request in hook.taken] == ["/services/ops"]


def test_a_webhook_gets_what_slack_wants(member: Membership, hook: Hook) -> None:
    hooked(member, hook)
    alert = tell(member)
    assert deliver(alert, "webhook") == "sent"
    (request,) = hook.taken
    assert (request.path, request.query) == ("/services/secret-path", {"token": "secret"})
    assert request.json() == {
        "text": "Ama Stores: 9 credits left\nYou have 9 credits left.\n"
        "https://sika.example/app/credits/buy?pack=VALUE&amp;x=1"
    }
    assert request.headers["idempotency-key"] == f"alert-{alert.pk}"


def test_without_a_webhook_there_is_nothing_to_send(member: Membership) -> None:
    assert deliver(tell(member), "webhook") == "skipped"


def test_failures_are_tried_again_after_growing_pauses_and_given_up(member: Membership, hook: Hook) -> None:
    hooked(member, hook)
    hook.status = 404
    alert, now, waits = tell(member), NOON, []
    while deliver(alert, "webhook", now) == "" and (row := waiting(alert, "webhook")).due_at is not None:
        assert row.error == "NotTaken: The server answered 404."
        assert deliver(alert, "webhook", row.due_at - timedelta(seconds=1)) == ""  # not before
        waits.append(int((row.due_at - now).total_seconds() // 60))
        now = row.due_at
    assert waits == [2, 5, 15, 60, 180, 360, 720]
    given_up = waiting(alert, "webhook")
    assert (given_up.outcome, given_up.attempts, len(hook.taken)) == ("gave_up", 8, 8)
    assert "secret" not in given_up.error
    hook.status = 200
    assert deliver(alert, "webhook", now + timedelta(days=9)) == ""
    assert deliveries.retry(delivery_id=given_up.pk, now=now)
    assert not deliveries.retry(delivery_id=given_up.pk, now=now)
    assert deliver(alert, "webhook", now) == "sent"


def test_a_mail_server_that_is_down_is_asked_again(member: Membership, settings: Settings) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    alert = tell(member)
    assert deliver(alert) == ""
    assert waiting(alert).error.startswith("ConnectionRefusedError: ")
    settings.EMAIL_BACKEND = working
    assert deliver(alert, now=NOON + timedelta(minutes=2)) == "sent"
    assert waiting(alert).error == ""


class Killed(BaseException):
    pass


def test_a_process_that_dies_after_sending_sends_the_same_letter_again(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = tell(member)

    def send_and_die(letter: Any) -> None:
        channels._mail(letter)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(channels, "send", send_and_die)
        deliver(alert)
    assert deliver(alert) == ""  # claimed: nobody sends it before the pause is over
    assert deliveries.due(now=NOON + timedelta(seconds=119)) == [waiting(alert, "webhook").pk]
    assert deliver(alert, now=NOON + timedelta(minutes=2)) == "sent"
    first, again = mail.outbox
    assert first.message()["Message-ID"] == again.message()["Message-ID"]
    assert (first.subject, first.body) == (again.subject, again.body)


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_one_mail() -> None:
    alert = tell(make_business())
    done = together([partial(deliver, alert)] * 12)
    assert sorted(done) == [""] * 11 + ["sent"]
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_is_undone() -> None:
    with pytest.raises(Killed), transaction.atomic():
        tell(make_business())
        raise Killed
    assert not Alert.objects.exists()
    assert deliveries.due(now=NOON) == []


def test_inside_another_transaction_nothing_is_sent(member: Membership, settings: Settings) -> None:
    """Network inside a transaction would hold its locks."""
    alert = tell(member)
    with transaction.atomic(), pytest.raises(RuntimeError):
        deliver(alert)
    assert mail.outbox == []


def test_a_business_webhook_never_reaches_our_own_network(
    member: Membership, hook: Hook, settings: Settings
) -> None:
    hooked(member, hook)
    settings.ALERT_WEBHOOKS_ON_LOOPBACK = False
    alert = tell(member)
    assert deliver(alert, "webhook") == ""
    assert waiting(alert, "webhook").error.startswith("AddressNotAllowed: ")
    assert hook.taken == []


def test_an_address_that_no_key_reads_is_told_to_staff(
    member: Membership, hook: Hook, settings: Settings
) -> None:
    hooked(member, hook)
    settings.FIELD_ENCRYPTION_KEYS = ["bmV3LWtleS1ub3QtYS1zZWNyZXQtMDAwMDAwMDAwMDA="]
    alert = tell(member)
    assert deliver(alert, "webhook") == ""
    assert waiting(alert, "webhook").error == "InvalidToken: "


def test_addresses_are_sealed_again_by_command(member: Membership, hook: Hook, settings: Settings) -> None:
    hooked(member, hook)
    old = settings.FIELD_ENCRYPTION_KEYS
    new = "bmV3LWtleS1ub3QtYS1zZWNyZXQtMDAwMDAwMDAwMDA="
    settings.FIELD_ENCRYPTION_KEYS = [new, *old]
    out = StringIO()
    call_command("rotate_keys", stdout=out, stderr=StringIO())
    assert out.getvalue().endswith("1 webhook addresses are, too.\n")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert deliver(tell(member), "webhook") == "sent"


def test_staff_send_again_what_was_given_up(member: Membership) -> None:
    alert = tell(member)
    given_up = waiting(alert)
    AlertDelivery.objects.filter(pk=given_up.pk).update(
        outcome="gave_up", due_at=None, attempts=8, error="ConnectionRefusedError"
    )
    staff = Client()
    staff.force_login(User.objects.create_superuser("boss@sika.test", "x"))
    page = "/admin/subscriptions/alertdelivery/"
    assert "ConnectionRefusedError" in staff.get(page).content.decode()
    assert "9 credits left" in staff.get(f"/admin/subscriptions/alert/{alert.pk}/change/").content.decode()
    both = [given_up.pk, waiting(alert, "webhook").pk]
    staff.post(page, {"action": "retry", "_selected_action": both})
    assert (waiting(alert).outcome, waiting(alert).attempts, waiting(alert).error) == ("", 0, "")
    assert deliver(alert) == "sent"
