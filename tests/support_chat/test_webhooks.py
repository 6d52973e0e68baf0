"""Webhooks: written with their event, signed, sent until taken, and only what is one's own."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.core.loopback import App, Request, Response, Server, json_response
from support_chat import signals
from support_chat.models import ChatWebhook, ChatWebhookDelivery, SupportConversation, SupportMessage
from support_chat.services import conversations, delivering, escalation, webhooks
from tests.concurrency.together import together
from tests.factories import make_member
from tests.support_chat.talking import ANSWER, Chatter, teach

pytestmark = pytest.mark.django_db
URL = "/api/support/webhooks/"
EVENTS = ["conversation.created", "conversation.escalated", "conversation.resolved", "message.created"]


class Hook:
    """A server that takes webhooks, and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[Request] = []
        self.status = 200
        app = App()
        app.post("/{path}")(self._take)
        self.server = Server({"/hook": app})

    @property
    def url(self) -> str:
        return f"{self.server.url}/hook/in?token=secret"

    def _take(self, request: Request) -> Response:
        self.taken.append(request)
        return json_response({}, self.status)


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    with hook.server:
        yield hook


@pytest.fixture
def rich(chatter: Chatter) -> Chatter:
    chatter.buy("enterprise")
    return chatter


def subscribe(chatter: Chatter, hook: Hook, *events: str) -> Any:
    reply = chatter.client.post(URL, {"url": hook.url, "events": list(events or EVENTS)})
    assert reply.status_code == 201, reply.content
    return reply.json()


def waiting() -> list[ChatWebhookDelivery]:
    return list(ChatWebhookDelivery.objects.filter(outcome="").order_by("created_at", "event"))


def deliver_all() -> list[str]:
    return [delivering.deliver(delivery_id=row.pk, now=row.due_at) for row in waiting() if row.due_at]


def lock(pk: Any) -> SupportConversation:
    return conversations.lock(conversation_id=pk)


def test_a_conversation_is_told_event_by_event(rich: Chatter, hook: Hook) -> None:
    subscribe(rich, hook)
    reply = rich.say()
    pk, now = reply.conversation_id, timezone.now()
    with transaction.atomic():
        escalation.hand_over(conversation=lock(pk), reason="user", now=now)
        conversations.post(conversation=lock(pk), author="staff", text="I am Esi.", now=now)
        signals.conversation_resolved.send(SupportConversation, conversation=lock(pk), now=now)
        signals.conversation_resolved.send(SupportConversation, conversation=lock(pk), now=now)  # once
    rich.send("Thanks", conversation_id=pk)  # one's own words are told to nobody
    assert deliver_all() == ["delivered"] * 5
    told = sorted((one.json() for one in hook.taken), key=lambda one: one["created_at"])
    assert sorted(one["type"] for one in told) == sorted([*EVENTS, "message.created"])
    assert told[0]["type"] == "conversation.created"
    assert told[0]["business_id"] == str(rich.member.business_id)
    assert told[0]["data"]["conversation"]["id"] == str(pk)
    messages = [one["data"]["message"] for one in told if one["type"] == "message.created"]
    assert sorted((one["number"], one["author"], one["text"]) for one in messages) == [
        (2, "bot", ANSWER),
        (4, "staff", "I am Esi."),
    ]
    (ticket,) = [one["data"]["ticket"] for one in told if one["type"] == "conversation.escalated"]
    assert (ticket["reason"], ticket["priority"]) == ("user", "high")
    assert len({one["id"] for one in told}) == 5


def test_it_is_signed_and_the_secret_is_shown_once(rich: Chatter, hook: Hook) -> None:
    made = subscribe(rich, hook, "conversation.created")
    secret = made.pop("secret")
    assert secret.startswith("whsec_") and len(secret) > 40
    assert rich.client.get(URL).json()["results"] == [made]
    row = ChatWebhook.objects.get()
    assert secret not in row.sealed_secret and "token=secret" not in row.sealed_url
    assert made["host"] == row.host == "127.0.0.1"
    rich.send()
    deliver_all()
    (request,) = hook.taken
    assert (request.path, request.query) == ("/in", {"token": "secret"})
    fields = dict(part.split("=") for part in request.headers["sika-signature"].split(","))
    signed = f"{fields['t']}.".encode() + request.body
    assert fields["v1"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["sika-event"] == "conversation.created"
    assert request.headers["idempotency-key"] == request.json()["id"]


def test_a_signature_as_anybody_computes_it() -> None:
    """`printf '1795251600.{}' | openssl dgst -sha256 -hmac whsec_x`"""
    signed = delivering.signature(secret="whsec_x", timestamp=1795251600, body="{}")
    assert signed == "709fe364d7f627e027d398b99b84872b5bf0fe8494a2a0a249b50e004cb28f7f"


def test_failures_are_tried_again_after_growing_pauses_until_dead(rich: Chatter, hook: Hook) -> None:
    subscribe(rich, hook, "conversation.created")
    hook.status = 500
    rich.send()
    (row,) = waiting()
    now, waits = row.due_at, []
    assert now is not None
    while delivering.deliver(delivery_id=row.pk, now=now) == "":
        row.refresh_from_db()
        assert row.due_at is not None
        assert (
            delivering.deliver(delivery_id=row.pk, now=row.due_at - timedelta(seconds=1)) == ""
        )  # not before
        waits.append(int((row.due_at - now).total_seconds() // 60))
        now = row.due_at
    assert waits == [1, 5, 15, 60, 180, 360, 720]
    row.refresh_from_db()
    assert (row.outcome, row.attempts, row.due_at, len(hook.taken)) == ("dead", 8, None, 8)
    assert row.error.startswith("OutcomeUnknown") and "secret" not in row.error
    assert len({one.body for one in hook.taken}) == 1
    assert delivering.deliver(delivery_id=row.pk, now=now + timedelta(days=9)) == ""
    assert delivering.due(now=now + timedelta(days=9)) == []


def test_what_is_refused_is_told(rich: Chatter, hook: Hook) -> None:
    made = subscribe(rich, hook, "conversation.created")
    hook.status = 404
    rich.send()
    deliver_all()
    hook.status = 302  # is not followed
    deliver_all()
    (row,) = rich.client.get(f"{URL}{made['id']}/deliveries/").json()["results"]
    told = {name: row[name] for name in ("event", "outcome", "attempts", "status_code", "error")}
    assert told == {
        "event": "conversation.created",
        "outcome": "waiting",
        "attempts": 2,
        "status_code": 302,
        "error": "The server answered 302.",
    }
    assert "body" not in row


def test_a_ping_is_answered_at_once(rich: Chatter, hook: Hook) -> None:
    made = subscribe(rich, hook)
    answer = rich.client.post(f"{URL}{made['id']}/test/").json()
    assert (answer["event"], answer["outcome"], answer["status_code"]) == ("ping", "delivered", 200)
    assert hook.taken[0].json()["type"] == "ping"
    hook.status = 403
    answer = rich.client.post(f"{URL}{made['id']}/test/").json()
    assert (answer["outcome"], answer["attempts"], answer["status_code"]) == ("dead", 1, 403)


def test_only_ones_own_conversations_and_only_with_the_licence(rich: Chatter, hook: Hook) -> None:
    subscribe(rich, hook)
    colleague = Chatter(member=make_member(business=rich.member.business), plan="enterprise")
    colleague.say()
    assert waiting() == []
    free = Chatter()
    refused = free.client.post(URL, {"url": hook.url, "events": EVENTS})
    assert (refused.status_code, refused.json()["code"]) == (403, "integrations_not_in_plan")
    later = timezone.now() + timedelta(days=90)  # its licence has ended
    rich.send(now=later)
    assert waiting() == []


def test_switched_off_it_is_told_nothing(rich: Chatter, hook: Hook) -> None:
    made = subscribe(rich, hook)
    rich.send()
    path = f"{URL}{made['id']}/"
    assert rich.client.patch(path, {"is_active": False}).json()["is_active"] is False
    assert deliver_all() == ["dropped"]
    rich.send()
    assert waiting() == [] and hook.taken == []
    changed = rich.client.patch(path, {"is_active": True, "events": ["message.created"]}).json()
    assert (changed["is_active"], changed["events"]) == (True, ["message.created"])
    rich.send()
    assert waiting() == []
    assert rich.client.delete(path).status_code == 204
    assert not ChatWebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.shop.example/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://localhost/",
        "https://user:pass@hooks.shop.example/",
        "ftp://hooks.shop.example/",
        "x",
    ],
)
def test_private_addresses_are_refused(rich: Chatter, settings: Any, url: str) -> None:
    settings.ALERT_WEBHOOKS_ON_LOOPBACK = False
    refused = rich.client.post(URL, {"url": url, "events": EVENTS})
    assert (refused.status_code, refused.json()["code"]) == (400, "address_not_allowed")
    assert not ChatWebhook.objects.exists()


def test_a_name_that_turns_private_is_not_connected_to(rich: Chatter, hook: Hook, settings: Any) -> None:
    subscribe(rich, hook)
    rich.send()
    settings.ALERT_WEBHOOKS_ON_LOOPBACK = False
    assert deliver_all() == [""]
    assert waiting()[0].error.startswith("AddressNotAllowed") and hook.taken == []


@pytest.mark.parametrize("events", [[], ["x"], "message.created", None])
def test_events_have_to_be_known(rich: Chatter, hook: Hook, events: Any) -> None:
    refused = rich.client.post(URL, {"url": hook.url, "events": events})
    assert (refused.status_code, refused.json()["code"]) == (400, "validation_error")


@pytest.mark.django_db(transaction=True)
def test_five_webhooks_and_no_more_also_at_once(hook: Hook) -> None:
    rich = Chatter(plan="enterprise")
    asker, limits, now = rich.asker, rich.limits(), timezone.now()

    def one() -> Any:
        return webhooks.create(asker=asker, limits=limits, url=hook.url, events=EVENTS, now=now)

    together([one] * 8)
    assert ChatWebhook.objects.count() == 5
    refused = rich.client.post(URL, {"url": hook.url, "events": EVENTS})
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (
        409,
        "webhooks_limit",
        5,
    )


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_is_undone_and_many_workers_tell_once(hook: Hook) -> None:
    teach()
    rich = Chatter(plan="enterprise")
    subscribe(rich, hook, "conversation.created")

    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        rich.send()
        raise Undone
    assert waiting() == []
    rich.send()
    (row,) = waiting()
    now = row.due_at
    assert now is not None
    done = together([lambda: delivering.deliver(delivery_id=row.pk, now=now)] * 6)
    assert sorted(done) == [""] * 5 + ["delivered"]
    assert len(hook.taken) == 1


def test_secrets_are_sealed_again_by_command(rich: Chatter, hook: Hook, settings: Any) -> None:
    subscribe(rich, hook, "conversation.created")
    new = "bmV3LWtleS1ub3QtYS1zZWNyZXQtMDAwMDAwMDAwMDA="
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]
    out = StringIO()
    call_command("rotate_keys", stdout=out, stderr=StringIO())
    assert "1 webhooks of the chat are, too.\n" in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    rich.send()
    assert deliver_all() == ["delivered"]
    settings.FIELD_ENCRYPTION_KEYS = ["b3RoZXIta2V5LW5vdC1hLXNlY3JldC0wMDAwMDAwMDA="]
    rich.send()
    assert deliver_all() == [""]
    assert waiting()[0].error == "InvalidToken: "


def test_staff_see_what_became_of_deliveries_and_not_what_they_say(rich: Chatter, hook: Hook) -> None:
    subscribe(rich, hook, "message.created")
    reply = rich.say()
    staff = Client()
    staff.force_login(User.objects.create_superuser("boss@sika.test", "x"))
    row = ChatWebhookDelivery.objects.get()
    for page in ("", f"{row.pk}/change/"):
        shown = staff.get(f"/admin/support_chat/chatwebhookdelivery/{page}").content.decode()
        assert "message.created" in shown and reply.text not in shown
    shown = staff.get(f"/admin/support_chat/chatwebhook/{row.webhook_id}/change/").content.decode()
    assert "127.0.0.1" in shown and row.webhook.sealed_secret not in shown
    assert staff.post(f"/admin/support_chat/chatwebhook/{row.webhook_id}/delete/").status_code == 403
    assert SupportMessage.objects.count() == 2 and json.loads(row.body)["type"] == "message.created"
