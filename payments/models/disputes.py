from django.db import models
from django.db.models import Q

from config.core.models import GhsField
from payments.types import DisputeStatus


class Dispute(models.Model):
    """A payer's bank wants the money of a payment back. Unanswered in time, it is lost."""

    payment = models.ForeignKey("payments.Payment", models.PROTECT, related_name="disputes")
    gateway_dispute_id = models.CharField(max_length=40, unique=True)
    amount_ghs = GhsField(help_text="What the payer wants back.")
    status = models.CharField(max_length=10, choices=DisputeStatus.choices, default=DisputeStatus.OPEN)
    gateway_status = models.CharField(max_length=40, blank=True)
    resolution = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=80, blank=True)
    message = models.CharField(max_length=500, blank=True, help_text="The payer's, or the bank's.")
    due_at = models.DateTimeField(help_text="When it is lost unless answered.")
    warned_at = models.DateTimeField(null=True, blank=True, help_text="The last warning sent about it.")
    evidence_id = models.CharField(max_length=40, blank=True)
    uploaded_filename = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="dispute_amount_positive", condition=Q(amount_ghs__gt=0)),
            models.CheckConstraint(
                name="dispute_closed_at_iff_decided",
                condition=Q(status__in=["WON", "LOST"], closed_at__isnull=False)
                | (Q(status__in=["OPEN", "ANSWERED"]) & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="OPEN"), name="dispute_to_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_dispute_id} {self.status}"
