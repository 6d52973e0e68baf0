import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class SupportConversation(models.Model):
    """What one member of a business, or one guest, talks about. The row to lock before its messages change.

    `segment` counts how often it began anew: after a person has resolved it, older messages are no context
    any more. `summary` tells what was said up to message `summary_up_to`.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        WITH_STAFF = "with_staff", "with staff: the bot is silent"
        RESOLVED = "resolved", "resolved: the next message opens it again"
        CLOSED = "closed", "closed for good"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey(
        "accounts.Business", models.PROTECT, null=True, related_name="+", db_index=False
    )
    membership = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    guest_id = models.UUIDField(null=True, help_text="Of a visitor who is not signed in.")
    assistant = models.SlugField(max_length=40, db_index=False)
    language = models.CharField(max_length=8, default="en")
    language_is_fixed = models.BooleanField(default=False, help_text="Chosen by the writer, not detected.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    segment = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=80, blank=True, help_text="The beginning of the first message.")
    summary = models.TextField(blank=True)
    summary_up_to = models.PositiveIntegerField(default=0)
    carried_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The full conversation this one goes on from.",
    )
    messages_used = models.PositiveIntegerField(default=0, help_text="Sent by the user, in all.")
    last_number = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Answers that failed, in a row.")
    reopened = models.PositiveSmallIntegerField(default=0)
    csat = models.SmallIntegerField(null=True, help_text="The user's 1 to 5.")
    csat_comment = models.CharField(max_length=1000, blank=True)
    csat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When it was resolved or closed.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="chat_of_member_or_guest",
                condition=Q(
                    business__isnull=False,
                    membership__isnull=False,
                    user__isnull=False,
                    guest_id__isnull=True,
                )
                | Q(
                    business__isnull=True,
                    membership__isnull=True,
                    user__isnull=True,
                    guest_id__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="chat_status_known",
                condition=Q(status__in=["open", "with_staff"], ended_at__isnull=True)
                | Q(status__in=["resolved", "closed"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="chat_csat_one_to_five",
                condition=Q(csat__isnull=True, csat_at__isnull=True)
                | Q(csat__isnull=False, csat__gte=1, csat__lte=5, csat_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "-last_message_at", "-id"], name="chat_of_member"),
            models.Index(fields=["guest_id", "-last_message_at", "-id"], name="chat_of_guest"),
            models.Index(
                fields=["user"], name="chat_open_of_user", condition=Q(status__in=["open", "with_staff"])
            ),
            models.Index(fields=["-last_message_at", "-id"], name="chat_by_time"),
            models.Index(fields=["csat_at"], name="chat_rated", condition=Q(csat_at__isnull=False)),
            models.Index(
                fields=["-last_message_at"], name="chat_with_staff", condition=Q(status="with_staff")
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)  # never their words: lists, histories and logs of the admin show this
