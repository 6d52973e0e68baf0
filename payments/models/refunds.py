import uuid

from django.db import models
from django.db.models import Q

from config.core.models import GhsField
from payments.types import RefundStatus


class Refund(models.Model):
    """Money going back for one payment. `id` is also what we tell the gateway, to find it again."""

    OPEN = (
        RefundStatus.REQUESTED,
        RefundStatus.PENDING,
        RefundStatus.PROCESSING,
        RefundStatus.NEEDS_ATTENTION,
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey("payments.Payment", models.PROTECT, related_name="refunds")
    amount_ghs = GhsField()
    status = models.CharField(
        max_length=20, choices=RefundStatus.choices, default=RefundStatus.REQUESTED, editable=False
    )
    reason = models.CharField(max_length=300)
    requested_by = models.BigIntegerField(null=True, blank=True, help_text="Empty: made at the gateway.")
    gateway_refund_id = models.CharField(max_length=40, blank=True)
    gateway_message = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="Set before it is sent to the gateway.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was sent.")
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When we next send or ask.")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    history = models.JSONField(default=list, blank=True, help_text="[moment, state, message], oldest first.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_amount_positive", condition=Q(amount_ghs__gt=0)),
            models.CheckConstraint(name="refund_status_known", condition=Q(status__in=RefundStatus.values)),
            models.CheckConstraint(
                name="refund_finished_at_iff_finished",
                condition=Q(status__in=["PROCESSED", "FAILED"], finished_at__isnull=False)
                | (~Q(status__in=["PROCESSED", "FAILED"]) & Q(finished_at__isnull=True)),
            ),
            # One at a time: what a time-out left unknown is found again by asking for it.
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=["REQUESTED", "PENDING", "PROCESSING", "NEEDS_ATTENTION"]),
                name="refund_one_open_per_payment",
            ),
            models.UniqueConstraint(
                fields=["gateway_refund_id"],
                condition=~Q(gateway_refund_id=""),
                name="refund_gateway_id_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="refund_to_check"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_ghs} {self.status}"
