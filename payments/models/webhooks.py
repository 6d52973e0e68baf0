from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class WebhookOutcome(models.TextChoices):
    APPLIED = "applied", "Applied: the payment was checked with the gateway"
    KEPT = "kept", "Kept: nothing here acts on such an event"
    UNKNOWN_REFERENCE = "unknown_reference", "Unknown reference: nothing credited"
    UNREADABLE = "unreadable", "Unreadable: signed, but not in the documented shape"
    UNCONFIRMED = "unconfirmed", "Unconfirmed: the gateway never agreed when asked"
    FAILED = "failed", "Failed: processing it went wrong too often"


class WebhookEvent(models.Model):
    """One signed message of a gateway, kept as it came, without card codes. The same body twice is one."""

    gateway = models.CharField(max_length=20)
    body_sha256 = models.CharField(max_length=64, unique=True)
    event = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=100, blank=True, db_index=True)
    body = models.TextField()
    signed_with = models.CharField(max_length=10, help_text="current or previous key")
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(help_text="When the sweep takes it up, if no task has.")
    last_error = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=20, blank=True, choices=WebhookOutcome.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_outcome_iff_processed",
                condition=(Q(processed_at__isnull=True) & Q(outcome=""))
                | (Q(processed_at__isnull=False) & Q(outcome__in=WebhookOutcome.values)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(processed_at__isnull=True), name="webhook_to_process"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'unreadable'} {self.reference}"
