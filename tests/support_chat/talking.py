"""Somebody who chats: a member with a licence of choice, or a guest, and the worker that answers."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership, Role
from subscriptions.models import LicenceMonth
from support_chat.models import KnowledgeArticle, SupportConversation, SupportMessage
from support_chat.services import articles, askers, quotas, replying, sending
from support_chat.services.sending import Sent
from support_chat.types import Asker, Limits
from tests.factories import client_for, make_business
from tests.sandboxes import AISandbox, PaystackSandbox
from tests.subscriptions.licences import bought

QUESTION = "How do I buy credits with mobile money?"
ANSWER = "Open Buy credits. Choose a pack and mobile money. Approve the prompt on your phone."


class Chatter:
    """One member, and their client. `say` sends and lets a worker answer, here and now."""

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

    def send(
        self, text: str = QUESTION, *, key: str | None = None, now: datetime | None = None, **draft: Any
    ) -> Sent:
        """Stored and counted; nobody answers yet."""
        now = now or timezone.now()
        return sending.send(
            asker=self.asker,
            limits=self.limits(now),
            draft=sending.Draft(text=text, **draft),
            key=key,
            now=now,
        )

    def say(self, text: str = QUESTION, **draft: Any) -> SupportMessage:
        sent = self.send(text, **draft)
        assert sent.reply is not None
        return write(sent.reply)

    def post(self, text: str = QUESTION, *, key: str | None = None, stream: bool = False, **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        if stream:
            headers["Accept"] = "text/event-stream"
        return self.client.post("/api/support/chat", {"message": text, **body}, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/support/{path}", headers=headers)


def write(reply: SupportMessage) -> SupportMessage:
    """What a worker does with its task."""
    replying.write(message_id=reply.pk, now=timezone.now())
    reply.refresh_from_db()
    return reply


@contextmanager
def while_the_model_thinks(reply: SupportMessage, model_provider: AISandbox) -> Iterator[list[bool]]:
    """A worker writes the reply; the block is run when the model was asked, which answers after it.

    The model waits for a second caller, who comes at the end, unless the block is one. What is yielded holds
    whether the worker's reply counted, once it has ended. Both need real commits.
    """
    model_provider.fail("crowd-2", times=2)
    counted: list[bool] = []

    def work() -> None:
        counted.append(replying.write(message_id=reply.pk, now=timezone.now()))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    while len(model_provider.calls()) < 1:
        assert worker.is_alive(), "no model was asked"
        time.sleep(0.01)
    try:
        yield counted
    finally:
        if len(model_provider.calls()) == 1:
            body = {"model": "any", "messages": [{"role": "user", "content": "Go on."}]}
            headers = {"Authorization": "Bearer any"}
            requests.post(f"{model_provider.url}/chat/completions", json=body, headers=headers, timeout=20)
        worker.join()
    reply.refresh_from_db()


def teach(title: str = QUESTION, body: str = ANSWER, slug: str = "buy") -> KnowledgeArticle:
    """An article of our help."""
    now = timezone.now()
    article = KnowledgeArticle.objects.create(
        slug=slug,
        title=title,
        body=body,
        title_fr="Acheter des crédits",
        summary_fr="Ouvrez Acheter des crédits.",
        created_at=now,
        updated_at=now,
    )
    articles.index(articles=[article])
    return article


def lines(conversation: SupportConversation) -> list[tuple[int, str, str]]:
    """(number, author, status) of each message."""
    rows = SupportMessage.objects.filter(conversation=conversation).order_by("number")
    return list(rows.values_list("number", "author", "status"))


def events(content: Any) -> list[tuple[str, str, Any]]:
    """(id, name, data) of each event in a stream."""
    pieces = [content] if isinstance(content, str) else list(content)
    text = "".join(one if isinstance(one, str) else one.decode() for one in pieces)
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def text_of(found: list[tuple[str, str, Any]], number: int) -> str:
    """What a client shows of a message: a start drops what was there."""
    shown = ""
    for _, name, data in found:
        if data.get("number") == number:
            shown = "" if name == "message.start" else shown + data["text"] if name == "delta" else shown
    return shown


@pytest.fixture
def chatter(db: None, model_provider: AISandbox) -> Chatter:
    teach()
    return Chatter()


@pytest.fixture
def worker(transactional_db: None, model_provider: AISandbox) -> Iterator[None]:
    """Writes every reply that waits, in a thread of its own."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.02):
            for reply in SupportMessage.objects.filter(status="pending"):
                replying.write(message_id=reply.pk, now=timezone.now())
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()
