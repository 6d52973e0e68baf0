from django.db import models
from django.db.models import Q

from config.core.models import GhsField
from payments.types import DisputeAnswer, DisputeStatus


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
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When we next ask, or go on.")

    # Our answer. It is kept before it is sent, so that whatever interrupts it, a sweep can go on.
    answer = models.CharField(max_length=10, blank=True, choices=DisputeAnswer.choices)
    answer_message = models.CharField(max_length=500, blank=True)
    answer_refund_ghs = GhsField(null=True, blank=True, help_text="What the payer gets back.")
    evidence = models.JSONField(default=dict, blank=True)
    evidence_id = models.CharField(max_length=40, blank=True)
    uploaded_filename = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    history = models.JSONField(default=list, blank=True, help_text="[moment, state, message], oldest first.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="dispute_amount_positive", condition=Q(amount_ghs__gt=0)),
            models.CheckConstraint(name="dispute_status_known", condition=Q(status__in=DisputeStatus.values)),
            models.CheckConstraint(
                name="dispute_closed_at_iff_decided",
                condition=Q(status__in=["WON", "LOST"], closed_at__isnull=False)
                | (~Q(status__in=["WON", "LOST"]) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="dispute_answer_complete",
                condition=Q(answer="")
                | (
                    Q(answer__in=["accept", "decline"], answer_refund_ghs__gte=0)
                    & ~Q(answer_message="")
                    & Q(answered_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="dispute_asked_about_until_decided",
                condition=Q(status__in=["WON", "LOST"], next_check_at__isnull=True)
                | (~Q(status__in=["WON", "LOST"]) & Q(next_check_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="OPEN"), name="dispute_to_answer"),
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="dispute_to_check"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_dispute_id} {self.status}"
