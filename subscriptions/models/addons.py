import uuid

from django.db import models
from django.db.models import F, Q

from config.core.models import CreditsField, GhsField


class AIMonthlyAddon(models.Model):
    """A business's subscription to the monthly add-on. Price and credits are copied when it is ordered."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        ACTIVE = "ACTIVE"
        CANCELLED = "CANCELLED"
        LAPSED = "LAPSED"
        UNAPPLIED = "UNAPPLIED", "paid while another add-on was active; to be refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="ai_addons")
    user_id = models.BigIntegerField()
    price_ghs = GhsField("price (GHS)")
    credits = CreditsField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    anchor_at = models.DateTimeField(
        null=True, help_text="Start of the first period; all are counted from it."
    )
    period_end = models.DateTimeField(null=True)
    renews = models.BooleanField(default=True)
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "monthly add-on"
        constraints = [
            models.UniqueConstraint(
                fields=["business"], name="addon_one_active", condition=Q(status="ACTIVE")
            ),
            models.CheckConstraint(
                name="addon_active_has_period",
                condition=~Q(status="ACTIVE")
                | Q(anchor_at__isnull=False, period_end__isnull=False, period_end__gt=F("anchor_at")),
            ),
            models.CheckConstraint(name="addon_amounts", condition=Q(price_ghs__gt=0, credits__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.status}"


class AddonPeriod(models.Model):
    """One month of an add-on: `[starts_at, ends_at)`, its payment and, once paid, its grant."""

    addon = models.ForeignKey(AIMonthlyAddon, models.PROTECT, related_name="periods")
    number = models.PositiveIntegerField(help_text="0 for the first.")
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, related_name="+", help_text="The first attempt to pay for it."
    )
    paid_by = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="+", help_text="The attempt that did."
    )
    grant = models.OneToOneField("subscriptions.CreditGrant", models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "add-on period"
        constraints = [
            models.UniqueConstraint(
                fields=["addon", "number"], name="addon_period_paid_once", condition=Q(grant__isnull=False)
            ),
            models.CheckConstraint(
                name="addon_period_dated_iff_paid",
                condition=Q(
                    grant__isnull=True, paid_by__isnull=True, starts_at__isnull=True, ends_at__isnull=True
                )
                | Q(
                    grant__isnull=False,
                    paid_by__isnull=False,
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Period {self.number} of add-on {self.addon_id}"
