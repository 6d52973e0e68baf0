import uuid

from django.db import models
from django.db.models import F, Q

from config.core.models import CreditsField, GhsField


class StorefrontPlan(models.Model):
    """A business's storefront subscription, the base product.

    `storefronts` and `price_ghs` are what is paid for now; the two beside them are what the next renewal buys
    and costs. Prices are copied when the plan is ordered or changed.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        ACTIVE = "ACTIVE", "active, or waiting for its renewal to be paid"
        CANCELLED = "CANCELLED"
        LAPSED = "LAPSED"
        REFUNDED = "REFUNDED", "ended because the money for its current month went back"
        UNAPPLIED = "UNAPPLIED", "paid while another plan was active; to be refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="storefront_plans")
    user_id = models.BigIntegerField()
    storefronts = models.SmallIntegerField()
    price_ghs = GhsField("price a month (GHS)")
    next_storefronts = models.SmallIntegerField(help_text="From the next renewal on.")
    next_price_ghs = GhsField("next price a month (GHS)")
    card = models.ForeignKey(
        "payments.SavedCard",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Charged at each renewal: the one that last paid, or was saved when it paid.",
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    anchor_at = models.DateTimeField(
        null=True, help_text="Start of the first period; all are counted from it."
    )
    period_end = models.DateTimeField(null=True, help_text="Of the last paid month.")
    renews = models.BooleanField(default=True)
    cancelled_at = models.DateTimeField(null=True)
    next_step_at = models.DateTimeField(null=True, help_text="When we next look whether something is due.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business"], name="storefront_plan_one_active", condition=Q(status="ACTIVE")
            ),
            models.CheckConstraint(
                name="storefront_plan_active_has_period",
                condition=~Q(status="ACTIVE")
                | Q(anchor_at__isnull=False, period_end__isnull=False, period_end__gt=F("anchor_at")),
            ),
            models.CheckConstraint(
                name="storefront_plan_looked_at_while_active",
                condition=Q(status="ACTIVE", next_step_at__isnull=False)
                | (~Q(status="ACTIVE") & Q(next_step_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="storefront_plan_amounts",
                condition=Q(storefronts__gt=0, price_ghs__gt=0, next_storefronts__gt=0, next_price_ghs__gt=0),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_at"], name="storefront_plan_to_look_at", condition=Q(status="ACTIVE")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.status}"


class StorefrontPeriod(models.Model):
    """What one payment is for: a month of a plan, `[starts_at, ends_at)`, or more storefronts until its end.

    Dated once it is paid. Void once all of its money has gone back.
    """

    plan = models.ForeignKey(StorefrontPlan, models.PROTECT, related_name="periods")
    number = models.PositiveIntegerField(help_text="Of the month; 0 for the first.")
    storefronts = models.SmallIntegerField(help_text="In all, from here on.")
    added = models.SmallIntegerField(
        default=0, help_text="Storefronts added in the middle of the month; 0 for the month itself."
    )
    price_ghs = GhsField("price a month (GHS)", help_text="For so many storefronts.")
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, related_name="+", help_text="The first attempt to pay for it."
    )
    paid_by = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="+", help_text="The attempt that did."
    )
    free_credits = CreditsField(default=0, help_text="Given with the month.")
    grant = models.OneToOneField("subscriptions.CreditGrant", models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True, help_text="When all of its money had gone back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="storefront_month_once", condition=Q(added=0)
            ),
            models.CheckConstraint(
                name="storefront_period_dated_iff_paid",
                condition=Q(
                    paid_by__isnull=True, starts_at__isnull=True, ends_at__isnull=True, void_at__isnull=True
                )
                | Q(
                    paid_by__isnull=False,
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                ),
            ),
            models.CheckConstraint(
                name="storefront_period_amounts",
                condition=Q(price_ghs__gt=0, added__gte=0, storefronts__gt=F("added")),
            ),
            models.CheckConstraint(
                name="storefront_free_credits_with_paid_month",
                condition=Q(grant__isnull=True, free_credits=0)
                | Q(grant__isnull=False, free_credits__gt=0, paid_by__isnull=False, added=0),
            ),
        ]

    def __str__(self) -> str:
        return f"Period {self.number} of storefront plan {self.plan_id}"
