import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from support_chat.uploads import kinds


class Attachment(models.Model):
    """A file that a member uploaded. It waits for one message, and goes when that one goes.

    `size` is of what is kept, `sha256` of what was sent: the same file again, while the first one waits, is
    the first one.
    """

    class Text(models.TextChoices):
        READ = "read", "read: the assistant is told"
        EMPTY = "empty", "empty: there is no text in it"
        WITHHELD = "withheld", "withheld: it reads like orders to the assistant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(
        "support_chat.SupportMessage", models.CASCADE, null=True, related_name="attachments"
    )
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(null=True, help_text="Of a PDF.")
    text_status = models.CharField(max_length=8, choices=Text.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "sha256"],
                name="chat_attachment_waits_once",
                condition=Q(message__isnull=True),
            ),
            models.CheckConstraint(
                name="chat_attachment_type_known", condition=Q(media_type__in=list(kinds.ALL))
            ),
            models.CheckConstraint(name="chat_attachment_not_empty", condition=~Q(size=0)),
            models.CheckConstraint(
                name="chat_attachment_text_known", condition=Q(text_status__in=["read", "empty", "withheld"])
            ),
        ]
        indexes = [
            models.Index(fields=["user", "created_at"], name="chat_attachment_of_user"),
            models.Index(
                fields=["created_at"], name="chat_attachment_unused", condition=Q(message__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AttachmentContent(models.Model):
    """What is in it: apart, so that no list reads megabytes. `text` is without personal data."""

    attachment = models.OneToOneField(Attachment, models.CASCADE, primary_key=True, related_name="content")
    data = models.BinaryField()
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"content of {self.attachment_id}"
