"""What is old goes, as a whole; what is young stays."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Membership
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
from tests.pruning import prune

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
    one_of_each = dict.fromkeys([kind.name for kind in retention.kinds(now=NOW)], 1)
    assert prune(NOW, dry_run=True) == prune(NOW) == one_of_each
    assert set(SupportConversation.objects.values_list("pk", flat=True)) == {young.pk, guest.pk}
    young.refresh_from_db()
    assert young.carried_from_id is None
    assert set(SupportMessage.objects.values_list("conversation", flat=True)) == {young.pk}
    assert list(SupportTicket.objects.values_list("conversation", flat=True)) == [young.pk]
    kept = Attachment.objects.exclude(message__conversation=young)
    assert [one.pk for one in kept] == [waits.pk]
    assert (AttachmentContent.objects.count(), ChatWebhookDelivery.objects.count()) == (1, 1)
    assert GuestUse.objects.count() == 1
    assert prune(NOW) == {}


def test_what_waits_to_be_delivered_stays(member: Membership) -> None:
    ChatWebhookDelivery.objects.create(
        webhook=rows.new_webhook(member, TWO_YEARS),
        event="ping",
        event_id=uuid4(),
        due_at=TWO_YEARS,
        created_at=TWO_YEARS,
    )
    assert prune(NOW) == {}


def test_settings_say_how_long(member: Membership, settings: Any) -> None:
    settings.CHAT_RETENTION_MONTHS, settings.CHAT_GUEST_RETENTION_DAYS = 1, 1
    talked(member, datetime(2026, 2, 28, 12, tzinfo=UTC))  # a month before 31 March
    talked(member, datetime(2026, 2, 28, 11, 59, tzinfo=UTC))
    talked_as_guest(NOW - timedelta(days=2))
    assert prune(NOW) == {"conversations": 1, "conversations of guests": 1}
