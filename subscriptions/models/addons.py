import uuid

from django.db import models
from django.db.models import F, Q

from config.core.models import CreditsField, GhsField


class AIMonthlyAddon(models.Model):
    """A business's subscription to the monthly add-on.

    Price, credits and roll-over cap are copied when it is ordered, and stay for as long as it is renewed.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        ACTIVE = "ACTIVE", "active, or waiting for its renewal to be paid"
        CANCELLED = "CANCELLED"
        LAPSED = "LAPSED"
        REFUNDED = "REFUNDED", "ended because the money for its current month went back"
        UNAPPLIED = "UNAPPLIED", "paid while another add-on was active; to be refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="ai_addons")
    user_id = models.BigIntegerField()
    price_ghs = GhsField("price (GHS)")
    credits = CreditsField()
    rollover_cap = CreditsField(default=50, help_text="Unused credits kept at a renewal, at most.")
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
            models.CheckConstraint(
                name="addon_looked_at_while_active",
                condition=Q(status="ACTIVE", next_step_at__isnull=False)
                | (~Q(status="ACTIVE") & Q(next_step_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="addon_amounts", condition=Q(price_ghs__gt=0, credits__gt=0, rollover_cap__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["next_step_at"], condition=Q(status="ACTIVE"), name="addon_to_look_at")
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.status}"


class AddonPeriod(models.Model):
    """One month of an add-on: `[starts_at, ends_at)`, its payment and, once paid, its grant."""

    addon = models.ForeignKey(AIMonthlyAddon, models.PROTECT, related_name="periods", db_index=False)
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
    rolled_over = CreditsField(
        null=True, help_text="Kept from the months before. Empty while a call still runs that may use them."
    )

    class Meta:
        verbose_name = "add-on period"
        constraints = [
            models.UniqueConstraint(fields=["addon", "number"], name="addon_period_once"),
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
            models.CheckConstraint(
                name="addon_period_rolls_over_once_paid",
                condition=Q(rolled_over__isnull=True)
                | Q(rolled_over__isnull=False, rolled_over__gte=0, grant__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["addon"],
                condition=Q(grant__isnull=False, rolled_over__isnull=True),
                name="addon_period_to_roll_over",
            )
        ]

    def __str__(self) -> str:
        return f"Period {self.number} of add-on {self.addon_id}"


class AddonCharge(models.Model):
    """A saved card charged for a month, once. While it is open its outcome is asked for, never guessed."""

    period = models.ForeignKey(AddonPeriod, models.PROTECT, db_index=False, related_name="charges")
    payment = models.OneToOneField("payments.Payment", models.PROTECT, related_name="+")
    day = models.SmallIntegerField(
        null=True, help_text="After the renewal. Empty: the owner's own, or the gateway never got it."
    )
    open = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "add-on charge"
        constraints = [
            # However many workers there are, one charge at a time, and one a day.
            models.UniqueConstraint(fields=["period"], condition=Q(open=True), name="addon_charge_one_open"),
            models.UniqueConstraint(fields=["period", "day"], name="addon_charge_once_a_day"),
            models.CheckConstraint(
                name="addon_charge_day_known", condition=Q(day__isnull=True) | Q(day__in=[0, 1, 3, 7])
            ),
        ]

    def __str__(self) -> str:
        return f"Charge of {self.period}"
