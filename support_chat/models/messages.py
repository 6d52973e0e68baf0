from django.conf import settings
from django.db import models
from django.db.models import Q

from config.core.models import UsdField


class SupportMessage(models.Model):
    """One message, numbered in its conversation. A bot's reply is stored, pending, with what it answers."""

    class Author(models.TextChoices):
        USER = "user"
        BOT = "bot"
        STAFF = "staff"
        SYSTEM = "system"

    class Status(models.TextChoices):
        PENDING = "pending"
        STREAMING = "streaming"
        DONE = "done"
        FAILED = "failed"

    class Source(models.TextChoices):
        MODEL = "model"
        CURATED = "curated"
        SEARCH = "search", "search: passages as they are, no model answered"
        STAFF = "staff"
        NONE = "none", "none: it does not know, or must not"

    conversation = models.ForeignKey(
        "support_chat.SupportConversation", models.CASCADE, related_name="messages", db_index=False
    )
    number = models.PositiveIntegerField()
    segment = models.PositiveIntegerField(default=1)
    author = models.CharField(max_length=6, choices=Author.choices)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DONE)
    text = models.TextField(blank=True)
    answers = models.OneToOneField(
        "self", models.CASCADE, null=True, related_name="reply", help_text="The user's message it replies to."
    )
    source = models.CharField(max_length=7, choices=Source.choices, blank=True)
    sources = models.JSONField(default=list, help_text="[{slug, title}] of the articles it rests on.")
    language = models.CharField(max_length=8, blank=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    request_id = models.UUIDField(null=True, help_text="Of the AI request that wrote it.")
    model = models.CharField(max_length=120, blank=True)
    cost_usd = UsdField("cost (USD)", default=0)
    error_code = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(
        null=True, help_text="Until when somebody is writing it, or is about to."
    )
    asker = models.CharField(max_length=40, blank=True, help_text="Whose key it is.")
    idempotency_key = models.CharField(max_length=255, null=True)
    request_hash = models.CharField(max_length=64, blank=True, help_text="Of what came with the key.")
    created_at = models.DateTimeField()
    first_text_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="chat_message_number_once"),
            models.UniqueConstraint(
                fields=["asker", "idempotency_key"],
                name="chat_message_key_once",
                condition=Q(idempotency_key__isnull=False),
            ),
            models.CheckConstraint(
                name="chat_message_author_known", condition=Q(author__in=["user", "bot", "staff", "system"])
            ),
            models.CheckConstraint(
                name="chat_message_finished_iff_ended",
                condition=Q(status__in=["pending", "streaming"], finished_at__isnull=True, author="bot")
                | Q(status__in=["done", "failed"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="chat_message_leased_while_written",
                condition=Q(status__in=["pending", "streaming"], lease_until__isnull=False)
                | Q(status__in=["done", "failed"], lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="chat_message_bot_answers_user",
                condition=~Q(author="bot") | Q(answers__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="chat_message_unfinished",
                condition=Q(status__in=["pending", "streaming"]),
            ),
            models.Index(fields=["created_at"], name="chat_message_by_time"),
            models.Index(
                fields=["created_at"],
                name="chat_message_without_help",
                condition=Q(source__in=["none", "search"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.author} {self.status}"
