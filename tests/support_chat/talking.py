"""Somebody who chats: a member with a licence of choice, and the worker that answers."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership, Role
from subscriptions.models import LicenceMonth
from support_chat.models import SupportMessage
from support_chat.services import askers, quotas, replying, sending
from support_chat.types import Asker, Limits
from tests.factories import client_for, make_business
from tests.sandboxes import AISandbox, PaystackSandbox
from tests.subscriptions.licences import bought


class Chatter:
    """One member, and their client. `say` sends and lets the worker answer."""

    def __init__(self, *, role: str = "owner", plan: str = "free", member: Membership | None = None) -> None:
        self.member: Membership = member or make_business(role=role)
        self.client: APIClient = client_for(self.member)
        if plan != "free":
            self.buy(plan)

    def buy(self, plan: str) -> LicenceMonth:
        return bought(
            self.member, PaystackSandbox(), plan, kind="support_chat", now=timezone.now() - timedelta(hours=1)
        )

    @property
    def asker(self) -> Asker:
        return askers.member(self.member, Role.find(self.member.role, timezone.now()))

    def limits(self, now: datetime | None = None) -> Limits:
        return quotas.limits(asker=self.asker, now=now or timezone.now())

    def send(self, text: str = "Hello", *, key: str | None = None, now: datetime | None = None, **draft: Any):
        """Stored and counted; nobody answers yet."""
        now = now or timezone.now()
        return sending.send(
            asker=self.asker,
            limits=self.limits(now),
            draft=sending.Draft(text=text, **draft),
            key=key,
            now=now,
        )

    def say(self, text: str = "Hello", **draft: Any) -> SupportMessage:
        """The reply, written by a worker in this very process."""
        sent = self.send(text, **draft)
        assert sent.reply is not None
        replying.write(message_id=sent.reply.pk, now=timezone.now())
        sent.reply.refresh_from_db()
        return sent.reply

    def post(self, text: str = "Hello", *, key: str | None = None, stream: bool = False, **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        if stream:
            headers["Accept"] = "text/event-stream"
        return self.client.post("/api/support/chat", {"message": text, **body}, headers=headers)


def events(content: bytes | str) -> list[tuple[str, str, Any]]:
    """(id, name, data) of each event in a stream."""
    text = content.decode() if isinstance(content, bytes) else content
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture
def chatter(db: None, model_provider: AISandbox) -> Iterator[Chatter]:
    yield Chatter()
