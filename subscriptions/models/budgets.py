"""Monthly limits that owners set, and what users may ask of providers. Written with the credits.

Both kinds of counter belong to a calendar month: the next month starts with another row, so nothing has to be
set back.
"""

from typing import Any

from django.db import models
from django.db.models import Q


class BudgetUnit(models.TextChoices):
    USD = "usd", "US dollars of provider cost"
    CREDITS = "credits"


def _amount(**kwargs: Any) -> "models.DecimalField[Any, Any]":
    """Credits or US dollars, as the budget's unit says: eight places."""
    return models.DecimalField(max_digits=18, decimal_places=8, **kwargs)


class Budget(models.Model):
    """What a business may spend in a month of its time zone: all of it, one member, or one feature."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, db_index=False, related_name="+")
    membership = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    feature = models.CharField(max_length=60, blank=True, default="")
    unit = models.CharField(max_length=10, choices=BudgetUnit.choices)
    monthly_limit = _amount()
    soft_only = models.BooleanField(default=False, help_text="Tells, but never refuses a call.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business", "membership", "feature", "unit"],
                name="budget_once",
                nulls_distinct=False,
                violation_error_message="There is a budget for this already.",
            ),
            models.CheckConstraint(name="budget_limit_positive", condition=Q(monthly_limit__gt=0)),
            models.CheckConstraint(
                name="budget_for_one_thing", condition=Q(membership__isnull=True) | Q(feature="")
            ),
            models.CheckConstraint(name="budget_unit_known", condition=Q(unit__in=BudgetUnit.values)),
        ]

    def __str__(self) -> str:
        return f"{self.monthly_limit.normalize():f} {self.unit} a month for {self.scope}"

    @property
    def scope(self) -> str:
        if self.membership_id is not None:
            return "member"
        return "feature" if self.feature else "business"


class BudgetCounter(models.Model):
    """A budget in one month: what it said then, and what was spent of it.

    `held`: what the open holds that took it may still spend. `spent` = `spent_before` + what the others did.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, db_index=False, related_name="counters")
    month = models.DateField(help_text="Its first day.")
    unit = models.CharField(max_length=10, choices=BudgetUnit.choices)
    monthly_limit = _amount()
    soft_only = models.BooleanField()
    spent_before = _amount(default=0, help_text="Of this month, before the budget was made.")
    spent = _amount(default=0)
    held = _amount(default=0)
    alerted_percent = models.PositiveSmallIntegerField(default=0, help_text="The highest that was told.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "month"], name="budget_counter_once"),
            models.CheckConstraint(
                name="budget_counter_not_negative",
                condition=Q(spent_before__gte=0, spent__gte=0, held__gte=0),
            ),
            models.CheckConstraint(name="budget_counter_limit_positive", condition=Q(monthly_limit__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"


class TierCounter(models.Model):
    """A user's calls that were to reach a provider: in a month, and on the last day that had any.

    Months and days are the platform's (`settings.PLATFORM_TIME_ZONE`): a user may be in several businesses.
    """

    user_id = models.BigIntegerField()
    month = models.DateField(help_text="Its first day.")
    requests = models.PositiveIntegerField(default=0)
    day = models.DateField()
    today = models.PositiveIntegerField(default=0, help_text="Of `requests`, those on `day`.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "month"], name="tier_counter_once")]
