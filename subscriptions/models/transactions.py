from django.db import models
from django.db.models import Q

from config.core.models import CreditsField, UsdField


class AITransaction(models.Model):
    """One AI use, billed, free or failed: what it charged, what it cost, what it earned."""

    class Status(models.TextChoices):
        SUCCESS = "success"
        FAILED = "failed"
        ABANDONED = "abandoned"

    class Source(models.TextChoices):
        AI = "ai", "AI"
        CACHED = "cached"
        LOCAL = "local"

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, related_name="+")
    user_id = models.BigIntegerField(null=True)
    hold = models.OneToOneField(
        "subscriptions.CreditHold", models.PROTECT, null=True, related_name="transaction"
    )
    request_id = models.UUIDField(unique=True)
    repeats_request_id = models.UUIDField(null=True, help_text="The call whose answer was given again.")
    feature = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    error_code = models.CharField(max_length=60, blank=True)
    partial = models.BooleanField(default=False)
    late = models.BooleanField(default=False, help_text="Captured after the hold's lease had ended.")
    credits_charged = CreditsField(default=0)
    revenue_ghs = models.DecimalField(
        "revenue (GHS)",
        max_digits=16,
        decimal_places=6,
        default=0,
        help_text="Value of the grants it really burnt.",
    )
    model = models.CharField(max_length=120, blank=True)
    price_effective_from = models.DateTimeField(null=True)
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    cost_usd = UsdField("cost (USD)", default=0)
    fx_rate = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    cost_ghs = models.DecimalField("cost (GHS)", max_digits=18, decimal_places=8, default=0)
    response_time_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "AI transaction"
        constraints = [
            models.CheckConstraint(
                name="transaction_charges_success_only",
                condition=Q(status="success", source="ai", credits_charged__gte=0) | Q(credits_charged=0),
            ),
            models.CheckConstraint(
                name="transaction_amounts_not_negative",
                condition=Q(revenue_ghs__gte=0, cost_usd__gte=0, cost_ghs__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["business", "created_at"], name="transaction_by_business"),
            models.Index(fields=["created_at"], name="transaction_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.status}"
