"""One valid row of every table of the chat, and what a second valid row must change: see
`tests/subscriptions/rows.py`."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import models

from accounts.models import Membership
from support_chat.models import (
    Attachment,
    AttachmentContent,
    ChatUse,
    ChatWebhook,
    ChatWebhookDelivery,
    GuestUse,
    StaffView,
    SupportConversation,
    SupportMessage,
    SupportTicket,
)
from tests.factories import make_user

from . import knowledge_rows


def build(member: Membership, now: datetime) -> list[models.Model]:
    conversation = new_conversation(member, now)
    question = new_message(conversation, 1, now, author="user")
    return [
        conversation,
        new_message(conversation, 2, now, author="bot", answers=question, asker="m", idempotency_key="k"),
        SupportTicket.objects.create(conversation=conversation, reason="user", created_at=now),
        ChatUse.objects.create(user=member.user, day=now.date(), sent_in_day=1, hour=now, sent_in_hour=1),
        GuestUse.objects.create(guest_id=uuid4(), sent_at=[now]),
        attachment := new_attachment(member, now),
        AttachmentContent.objects.create(attachment=attachment, data=b"x"),
        webhook := new_webhook(member, now),
        ChatWebhookDelivery.objects.create(
            webhook=webhook, event="ping", event_id=uuid4(), body="{}", due_at=now, created_at=now
        ),
        StaffView.objects.create(
            staff=member.user, conversation=conversation, through="desk", viewed_at=now, seen_until=now
        ),
        *knowledge_rows.build(now),
    ]


def new_attachment(member: Membership, now: datetime, **values: Any) -> Attachment:
    return Attachment.objects.create(
        **{
            "business_id": member.business_id,
            "membership": member,
            "user": member.user,
            "name": "notes.txt",
            "media_type": "text/plain",
            "size": 1,
            "sha256": uuid4().hex * 2,
            "text_status": "empty",
            "created_at": now,
            **values,
        }
    )


def new_webhook(member: Membership, now: datetime) -> ChatWebhook:
    return ChatWebhook.objects.create(
        business_id=member.business_id,
        membership=member,
        sealed_url="sealed",
        host="hooks.shop.example",
        sealed_secret="sealed",
        events=["message.created"],
        created_at=now,
    )


def new_conversation(member: Membership, now: datetime) -> SupportConversation:
    return SupportConversation.objects.create(
        business_id=member.business_id,
        membership=member,
        user=member.user,
        assistant="executive",
        created_at=now,
        last_message_at=now,
    )


def new_message(
    conversation: SupportConversation, number: int, now: datetime, **values: Any
) -> SupportMessage:
    return SupportMessage.objects.create(
        conversation=conversation, number=number, created_at=now, finished_at=now, **values
    )


_numbers = itertools.count(3)


def _another_question(now: datetime) -> dict[str, Any]:
    first = SupportMessage.objects.get(number=1)
    question = new_message(first.conversation, next(_numbers), now, author="user")
    return {"number": next(_numbers), "answers": question, "idempotency_key": f"key {question.number}"}


def fresh(now: datetime) -> dict[type[models.Model], Callable[[], dict[str, Any]]]:
    return {
        SupportMessage: lambda: _another_question(now),
        SupportTicket: lambda: {
            "conversation": SupportConversation.objects.create(
                guest_id=uuid4(), assistant="executive", created_at=now, last_message_at=now
            )
        },
        Attachment: lambda: {"sha256": uuid4().hex * 2},
        AttachmentContent: lambda: {
            "attachment": new_attachment(Attachment.objects.all()[0].membership, now)
        },
        ChatWebhookDelivery: lambda: {"event_id": uuid4()},
        ChatUse: lambda: {"user": make_user()},
        GuestUse: lambda: {"guest_id": uuid4()},
        **knowledge_rows.FRESH,
    }
