"""Chats are forgotten after two years.

A conversation is as old as its last message, and goes as a whole: messages, tickets, files. A guest's goes
sooner: its reader has only a token of 30 days.
"""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.conf import settings

from config.core.retention import Kind
from support_chat.models import Attachment, ChatWebhookDelivery, GuestUse, SupportConversation

UNUSED_UPLOADS = timedelta(hours=24)
DELIVERIES = timedelta(days=30)
GUEST_COUNTS = timedelta(days=31)  # a guest's token lives 30


def kinds(*, now: datetime) -> list[Kind]:
    members = now - relativedelta(months=settings.CHAT_RETENTION_MONTHS)
    guests = now - timedelta(days=settings.CHAT_GUEST_RETENTION_DAYS)
    told = SupportConversation.objects
    return [
        Kind(
            name="conversations",
            rows=lambda: told.filter(guest_id=None, last_message_at__lt=members),
        ),
        Kind(
            name="conversations of guests",
            rows=lambda: told.filter(membership=None, last_message_at__lt=guests),
        ),
        Kind(
            name="uploads that were never sent",
            rows=lambda: Attachment.objects.filter(message=None, created_at__lt=now - UNUSED_UPLOADS),
        ),
        Kind(
            name="webhook deliveries",
            rows=lambda: ChatWebhookDelivery.objects.filter(ended_at__lt=now - DELIVERIES),
        ),
        Kind(
            name="counters of guests",
            rows=lambda: GuestUse.objects.extra(  # no lookup reaches an array's last element
                where=["sent_at[cardinality(sent_at)] < %s"], params=[now - GUEST_COUNTS]
            ),
        ),
    ]
