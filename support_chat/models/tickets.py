import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class SupportTicket(models.Model):
    """One hand-over of a conversation to people: from being asked for to its end."""

    class Status(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        HANDED_BACK = "handed_back", "handed back to the bot"
        CLOSED = "closed", "closed with the conversation"

    class Priority(models.TextChoices):
        LOW = "low"
        NORMAL = "normal"
        HIGH = "high"
        URGENT = "urgent"

    class Reason(models.TextChoices):
        USER = "user", "the user asked"
        MODEL = "model", "the bot asked"
        FAILURES = "failures", "answers failed"
        STAFF = "staff", "staff stepped in"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        "support_chat.SupportConversation", models.CASCADE, related_name="tickets", db_index=False
    )
    business = models.ForeignKey(
        "accounts.Business", models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.OPEN)
    priority = models.CharField(max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    category = models.SlugField(max_length=40, default="other", db_index=False)
    sentiment = models.CharField(max_length=8, default="neutral")
    summary = models.TextField(blank=True)
    segment = models.PositiveIntegerField(default=1)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, help_text="Since when the user waits for staff.")
    first_reply_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], name="chat_ticket_one_open", condition=Q(status="open")
            ),
            models.CheckConstraint(
                name="chat_ticket_ended_iff_not_open",
                condition=Q(status="open", ended_at__isnull=True)
                | Q(
                    status__in=["resolved", "handed_back", "closed"],
                    ended_at__isnull=False,
                    waiting_since__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="chat_ticket_words_known",
                condition=Q(priority__in=["low", "normal", "high", "urgent"])
                & Q(reason__in=["user", "model", "failures", "staff"])
                & Q(sentiment__in=["positive", "neutral", "negative"]),
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-created_at"], name="chat_ticket_of_conversation"),
            models.Index(fields=["-created_at"], name="chat_ticket_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.priority} {self.status}"
