import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ChatWebhook(models.Model):
    """Where a member wants to be told what happens in their own conversations. `sealed_secret` signs it."""

    class Event(models.TextChoices):
        CONVERSATION_CREATED = "conversation.created"
        MESSAGE_CREATED = "message.created"
        CONVERSATION_ESCALATED = "conversation.escalated"
        CONVERSATION_RESOLVED = "conversation.resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    sealed_url = models.TextField(editable=False)
    host = models.CharField(max_length=253)
    sealed_secret = models.TextField(editable=False)
    events = ArrayField(models.CharField(max_length=30, choices=Event.choices))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "webhook"
        constraints = [
            models.CheckConstraint(
                name="chat_webhook_sealed",
                condition=~Q(sealed_url="") & ~Q(host="") & ~Q(sealed_secret=""),
            ),
            models.CheckConstraint(
                name="chat_webhook_events_known",
                condition=Q(
                    events__contained_by=[
                        "conversation.created",
                        "message.created",
                        "conversation.escalated",
                        "conversation.resolved",
                    ],
                    events__len__gt=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.host


class ChatWebhookDelivery(models.Model):
    """One event for one webhook, as it is sent: written with the event, due until it has an outcome."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered"
        DEAD = "dead", "dead: tried as often as it may"
        DROPPED = "dropped", "dropped: the webhook was switched off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(ChatWebhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=30)
    event_id = models.UUIDField(help_text="The same for every webhook, and however often it is sent.")
    body = models.TextField()
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True, default="", db_default="")
    status_code = models.PositiveSmallIntegerField(null=True, help_text="Of the last answer.")
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="chat_delivery_once"),
            models.CheckConstraint(
                name="chat_delivery_due_until_it_ends",
                condition=Q(outcome="", due_at__isnull=False, ended_at__isnull=True)
                | Q(
                    outcome__in=["delivered", "dead", "dropped"], due_at__isnull=True, ended_at__isnull=False
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="chat_delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["webhook", "-created_at", "-id"], name="chat_delivery_of_webhook"),
            models.Index(
                fields=["ended_at"], name="chat_delivery_ended", condition=Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.outcome or 'waiting'}"
