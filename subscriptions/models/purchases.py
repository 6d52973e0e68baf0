import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q

from config.core.models import CreditsField, GhsField


class AICreditPurchase(models.Model):
    """One order of a credit pack. Price and credits are copied from the pack when it is made."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        SUCCESSFUL = "SUCCESSFUL"
        REFUNDED = "REFUNDED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, related_name="+", help_text="The first attempt to pay for it."
    )
    paid_by = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="+", help_text="The attempt that did."
    )
    grant = models.OneToOneField("subscriptions.CreditGrant", models.PROTECT, null=True, related_name="+")
    user_id = models.BigIntegerField(null=True)
    pack_type = models.CharField(max_length=20)
    pack_name = models.CharField(max_length=80)
    payment_method = models.CharField(max_length=10)
    price_ghs = GhsField("price (GHS)")
    credits = CreditsField(help_text="Without bonus.")
    bonus_credits = CreditsField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "credit purchase"
        constraints = [
            models.CheckConstraint(
                name="purchase_granted_iff_paid",
                condition=Q(
                    status__in=["SUCCESSFUL", "REFUNDED"],
                    grant__isnull=False,
                    paid_by__isnull=False,
                    completed_at__isnull=False,
                )
                | Q(status="PENDING", grant__isnull=True, paid_by__isnull=True, completed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="purchase_amounts", condition=Q(price_ghs__gt=0, credits__gt=0, bonus_credits__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["business", "created_at"], name="purchase_by_business")]

    def __str__(self) -> str:
        return f"{self.pack_type} {self.status}"

    @property
    def total_credits(self) -> Decimal:
        return self.credits + self.bonus_credits


class TrialClaim(models.Model):
    """One trial per business and identity. Hashes only and no foreign key: it outlives the business."""

    business_id = models.UUIDField(unique=True)
    email_hash = models.CharField(max_length=64, unique=True)
    phone_hash = models.CharField(max_length=64, unique=True, null=True)
    created_at = models.DateTimeField()
