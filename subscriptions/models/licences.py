"""Licences of users: an API tier, or support chat. Bought by the month; a licence without months is free."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value

from config.core.models import GhsField


class Licence(models.Model):
    """What one user has of one kind. The row to lock before any of its months is moved.

    What it allows at a moment is the plan of the month that contains it, unless it is suspended: see
    `selectors.licences`. `status` and `expires_at` are told from the months; the sweep sets EXPIRED later.
    """

    class Kind(models.TextChoices):
        API_TIER = "api_tier", "API tier"
        SUPPORT_CHAT = "support_chat", "Support chat"

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended", "suspended: counts as free"
        EXPIRED = "expired", "expired: free again"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    expires_at = models.DateTimeField(null=True, help_text="The end of its last paid month; empty when free.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="licence_once"),
            models.CheckConstraint(
                name="licence_known",
                condition=Q(kind__in=["api_tier", "support_chat"])
                & Q(status__in=["active", "suspended", "expired"]),
            ),
            models.CheckConstraint(
                name="licence_expired_had_an_end",
                condition=~Q(status="expired") | Q(expires_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="licence_to_expire",
                condition=Q(status="active", expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of user {self.user_id}"


class LicenceMonth(models.Model):
    """One month of a licence: ordered by a business, paid, and used in `[starts_at, ends_at)`.

    The price is copied when it is ordered. A higher plan bought meanwhile goes first: then the rest of this
    month is `[starts_at, ends_at)`, and `used` what had passed of it before. No two paid months of a licence
    overlap, so there is one plan at any moment.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        TAKEN_BACK = "taken_back", "its money is going back, or disputed"
        UNAPPLIED = "unapplied", "paid while nothing could be given; to be refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="months", db_index=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    ordered_by_id = models.BigIntegerField()
    plan = models.SlugField(max_length=40, db_index=False)
    plan_name = models.CharField(max_length=80)
    price_usd = models.DecimalField("price (USD)", max_digits=8, decimal_places=2)
    fx_rate = models.DecimalField("GHS for one USD", max_digits=12, decimal_places=6)
    price_ghs = GhsField("price (GHS)")
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, related_name="+", help_text="The first attempt to pay for it."
    )
    paid_by = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="+", help_text="The attempt that did."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    paid_at = models.DateTimeField(null=True)
    anchor_at = models.DateTimeField(null=True, help_text="Where the months of its row are counted from.")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    used = models.DurationField(default=timedelta, help_text="Of it, before `starts_at`.")
    taken_back_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="licence_month_dated_iff_given",
                condition=Q(
                    status__in=["pending", "unapplied"],
                    paid_by__isnull=True,
                    paid_at__isnull=True,
                    anchor_at__isnull=True,
                    starts_at__isnull=True,
                    ends_at__isnull=True,
                )
                | Q(
                    status__in=["paid", "taken_back"],
                    paid_by__isnull=False,
                    paid_at__isnull=False,
                    anchor_at__isnull=False,
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                ),
            ),
            models.CheckConstraint(
                name="licence_month_taken_back_at_iff_taken_back",
                condition=Q(status="taken_back", taken_back_at__isnull=False)
                | (~Q(status="taken_back") & Q(taken_back_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="licence_month_price", condition=Q(price_usd__gt=0, fx_rate__gt=0, price_ghs__gt=0)
            ),
            # A range of one number instead of the number: it needs no extension of PostgreSQL.
            ExclusionConstraint(
                name="licence_month_alone",
                expressions=[
                    (
                        Func("licence_id", "licence_id", Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status="paid"),
                deferrable=Deferrable.IMMEDIATE,  # asked after each statement, which may move several
            ),
        ]
        indexes = [
            models.Index(fields=["licence", "ends_at"], name="licence_month_of_licence"),
            models.Index(fields=["business", "-created_at"], name="licence_month_of_business"),
            models.Index(fields=["ends_at"], name="licence_month_ends", condition=Q(status="paid")),
        ]

    def __str__(self) -> str:
        return f"{self.plan_name} {self.status}"

    def rest(self, *, now: datetime) -> timedelta:
        """What is left of it once it is paid; of one that was taken back, what was left then."""
        assert self.starts_at is not None and self.ends_at is not None
        return max(self.ends_at - max(self.starts_at, self.taken_back_at or now), timedelta(0))

    @property
    def length(self) -> timedelta:
        """All of it, what was used before `starts_at` included."""
        assert self.starts_at is not None and self.ends_at is not None
        return self.used + (self.ends_at - self.starts_at)


class LicenceAction(models.Model):
    """Who suspended a licence or ended its suspension, when and why."""

    class Action(models.TextChoices):
        SUSPENDED = "suspended"
        UNSUSPENDED = "unsuspended"

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="actions")
    action = models.CharField(max_length=20, choices=Action.choices)
    reason = models.CharField(max_length=300)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="licence_action_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.action
