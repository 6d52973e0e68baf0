import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from config.core.models import GhsField
from payments.types import PaymentMethod, PaymentStatus

# What Paystack allows, and so nothing that a database or a URL would stumble over.
REFERENCE = re.compile(r"[A-Za-z0-9.=-]{1,50}")


def new_reference() -> str:
    """122 random bits: whoever knows a reference was told it."""
    return f"sika-{uuid.uuid4().hex}"


class Payment(models.Model):
    """One attempt to collect money. Never reused: a new attempt is a new row with a new reference."""

    reference = models.CharField(max_length=50, unique=True, default=new_reference, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="payments")
    purpose = models.CharField(max_length=40, help_text="What the caller sells, in the caller's words.")
    method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    gateway = models.CharField(max_length=20)
    amount_ghs = GhsField(help_text="What was asked for.")
    currency = models.CharField(max_length=3, default="GHS")
    email = models.EmailField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    callback_url = models.CharField(
        max_length=500, blank=True, help_text="Where the browser goes afterwards."
    )
    status = models.CharField(
        max_length=12, choices=PaymentStatus.choices, default=PaymentStatus.PENDING, editable=False
    )

    # What the gateway told us.
    payment_url = models.CharField(max_length=500, blank=True)
    access_code = models.CharField(max_length=100, blank=True)
    gateway_transaction_id = models.CharField(max_length=40, blank=True)
    gateway_domain = models.CharField(max_length=20, blank=True, help_text="test or live")
    gateway_response = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    paid_ghs = GhsField(null=True, blank=True, help_text="What the gateway says it collected.")
    fees_ghs = GhsField(null=True, blank=True)
    review_reason = models.CharField(max_length=500, blank=True)

    created_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When we next ask by ourselves.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="payment_status_known", condition=Q(status__in=PaymentStatus.values)),
            models.CheckConstraint(name="payment_amount_positive", condition=Q(amount_ghs__gt=0)),
            models.CheckConstraint(name="payment_in_cedis", condition=Q(currency="GHS")),
            models.CheckConstraint(
                name="payment_settled_at_iff_settled",
                condition=Q(status__in=["SUCCESSFUL", "REFUNDED"], settled_at__isnull=False)
                | (~Q(status__in=["SUCCESSFUL", "REFUNDED"]) & Q(settled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payment_review_has_reason", condition=~Q(status="REVIEW") | ~Q(review_reason="")
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_domain", "gateway_transaction_id"],
                condition=~Q(gateway_transaction_id=""),
                name="payment_gateway_transaction_once",
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-created_at"], name="payment_of_business"),
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payment_to_check"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
