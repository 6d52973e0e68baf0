"""What is old goes, as a whole; what is young stays."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from accounts.models import Membership
from support_chat import tasks
from support_chat.models import (
    Attachment,
    AttachmentContent,
    ChatWebhookDelivery,
    GuestUse,
    SupportConversation,
    SupportMessage,
    SupportTicket,
)
from support_chat.services import retention
from tests.factories import make_business

from . import rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TWO_YEARS = datetime(2024, 3, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def talked(member: Membership, at: datetime) -> SupportConversation:
    conversation = rows.new_conversation(member, at)
    question = rows.new_message(conversation, 1, at, author="user")
    rows.new_message(conversation, 2, at, author="bot", answers=question)
    file = rows.new_attachment(member, at, message=question)
    AttachmentContent.objects.create(attachment=file, data=b"x")
    SupportTicket.objects.create(
        conversation=conversation, reason="user", status="resolved", created_at=at, ended_at=at
    )
    return conversation


def talked_as_guest(at: datetime) -> SupportConversation:
    return SupportConversation.objects.create(
        guest_id=uuid4(), assistant="executive", created_at=at, last_message_at=at
    )


def prune(**options: Any) -> str:
    out = StringIO()
    call_command("prune_chat", as_of=NOW.isoformat(), stdout=out, **options)
    return out.getvalue()


def said(*counts: int, verb: str = "were") -> str:
    names = [kind.name for kind in retention.kinds(now=NOW)]
    return "".join(f"{count} {name} {verb} forgotten.\n" for count, name in zip(counts, names, strict=True))


def test_each_kind_at_its_age_and_again_nothing(member: Membership) -> None:
    old, young = talked(member, TWO_YEARS - SECOND), talked(member, TWO_YEARS)
    young.carried_from = old
    young.save()
    guest = talked_as_guest(NOW - timedelta(days=90))
    talked_as_guest(NOW - timedelta(days=90) - SECOND)
    waits = rows.new_attachment(member, NOW - timedelta(hours=24))
    rows.new_attachment(member, NOW - timedelta(hours=24) - SECOND)
    webhook = rows.new_webhook(member, TWO_YEARS)
    for age in (timedelta(days=30), timedelta(days=30, seconds=1)):
        ChatWebhookDelivery.objects.create(
            webhook=webhook,
            event="ping",
            event_id=uuid4(),
            outcome="delivered",
            created_at=TWO_YEARS,
            ended_at=NOW - age,
        )
    for age in (timedelta(days=31), timedelta(days=31, seconds=1)):
        GuestUse.objects.create(guest_id=uuid4(), sent_at=[TWO_YEARS, NOW - age])
    assert prune(dry_run=True) == said(1, 1, 1, 1, 1, verb="would be")
    assert prune() == said(1, 1, 1, 1, 1)
    assert set(SupportConversation.objects.values_list("pk", flat=True)) == {young.pk, guest.pk}
    young.refresh_from_db()
    assert young.carried_from_id is None
    assert set(SupportMessage.objects.values_list("conversation", flat=True)) == {young.pk}
    assert list(SupportTicket.objects.values_list("conversation", flat=True)) == [young.pk]
    kept = Attachment.objects.exclude(message__conversation=young)
    assert [one.pk for one in kept] == [waits.pk]
    assert (AttachmentContent.objects.count(), ChatWebhookDelivery.objects.count()) == (1, 1)
    assert GuestUse.objects.count() == 1
    assert prune() == said(0, 0, 0, 0, 0)


def test_what_waits_to_be_delivered_stays(member: Membership) -> None:
    ChatWebhookDelivery.objects.create(
        webhook=rows.new_webhook(member, TWO_YEARS),
        event="ping",
        event_id=uuid4(),
        due_at=TWO_YEARS,
        created_at=TWO_YEARS,
    )
    assert prune() == said(0, 0, 0, 0, 0)


def test_settings_say_how_long(member: Membership, settings: Any) -> None:
    settings.CHAT_RETENTION_MONTHS, settings.CHAT_GUEST_RETENTION_DAYS = 1, 1
    talked(member, datetime(2026, 2, 28, 12, tzinfo=UTC))  # a month before 31 March
    talked(member, datetime(2026, 2, 28, 11, 59, tzinfo=UTC))
    talked_as_guest(NOW - timedelta(days=2))
    assert prune() == said(1, 1, 0, 0, 0)


def test_in_batches(member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        talked(member, TWO_YEARS - SECOND)
    (kind, *_) = retention.kinds(now=NOW)
    assert list(retention.batches(kind=kind)) == [2, 2, 1]


def test_the_task_goes_on_in_another(member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        talked_as_guest(TWO_YEARS)
    assert retention.prune(now=NOW, most_batches=2) is True
    assert SupportConversation.objects.count() == 1
    tasks.prune_chat()
    assert SupportConversation.objects.count() == 0
    assert retention.prune(now=NOW, most_batches=2) is False


@pytest.mark.parametrize("moment", ["x", "2999-01-01T00:00Z"])
def test_a_wrong_moment_is_refused(moment: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("prune_chat", as_of=moment)
    assert refused.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_in_use_is_left_and_said() -> None:
    held, free = talked_as_guest(TWO_YEARS), talked_as_guest(TWO_YEARS)
    other = connections.create_connection("default")
    with transaction.atomic():
        other.connect()
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM support_chat_supportconversation WHERE id = %s FOR UPDATE", [held.pk])
    try:
        with pytest.raises(CommandError, match="1 were in use") as left:
            prune()
    finally:
        other.close()
    assert left.value.returncode == 1
    assert [one.pk for one in SupportConversation.objects.all()] == [held.pk] != [free.pk]
    assert prune() == said(0, 1, 0, 0, 0)
    assert connection.connection is not None
