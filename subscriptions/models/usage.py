"""Daily sums of AI uses; only `subscriptions/services/rollups.py` writes them.

Up to a business's `rolled_until` its uses are in the sums; only days that a `StaleUsage` falls on are not:
until the next run, read their AITransactions. A day is a calendar day in the watermark's time zone.
"""

from django.db import models

from config.core.models import UsdField


class DailyUsage(models.Model):
    """All uses of one kind on one local day of a business. Sums over every use, whatever its status."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, db_index=False, related_name="+")
    day = models.DateField()
    feature = models.CharField(max_length=60)
    model = models.CharField(max_length=120, blank=True, help_text="Empty where no provider was asked.")
    source = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    user_id = models.BigIntegerField(null=True)
    requests = models.BigIntegerField()
    credits = models.DecimalField(max_digits=20, decimal_places=2)
    revenue_ghs = models.DecimalField("revenue (GHS)", max_digits=22, decimal_places=6)
    cost_usd = UsdField("cost (USD)", max_digits=22)
    cost_ghs = models.DecimalField("cost (GHS)", max_digits=24, decimal_places=8)
    response_time_ms = models.BigIntegerField(help_text="Sum; divide that of successes by their requests.")
    input_tokens = models.BigIntegerField()
    cached_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    reasoning_tokens = models.BigIntegerField()
    attempts = models.BigIntegerField(help_text="Calls of a provider, repairs and fallbacks included.")

    class Meta:
        verbose_name_plural = "figures"
        constraints = [
            models.UniqueConstraint(
                fields=["business", "day", "feature", "model", "source", "status", "user_id"],
                name="daily_usage_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["day"], name="daily_usage_by_day")]


class DailyFeatureUsage(models.Model):
    """The same uses by day and feature alone: as few rows for a shop with a hundred members as for one."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, db_index=False, related_name="+")
    day = models.DateField()
    feature = models.CharField(max_length=60)
    requests = models.BigIntegerField()
    successes = models.BigIntegerField()
    cached = models.BigIntegerField()
    local = models.BigIntegerField()
    credits = models.DecimalField(max_digits=20, decimal_places=2)
    cost_ghs = models.DecimalField("cost (GHS)", max_digits=24, decimal_places=8)
    success_time_ms = models.BigIntegerField(help_text="Sum of the response times of successes.")

    class Meta:
        verbose_name_plural = "daily feature usage"
        constraints = [
            models.UniqueConstraint(fields=["business", "day", "feature"], name="daily_feature_usage_once")
        ]


class UsageWatermark(models.Model):
    """How far the uses of a business are summed up, and by which days."""

    business = models.OneToOneField("accounts.Business", models.PROTECT, primary_key=True, related_name="+")
    timezone = models.CharField(max_length=40, help_text="Whose days the sums are of.")
    rolled_until = models.DateTimeField(null=True, help_text="Uses before this moment are in the sums.")
    closing_until = models.DateTimeField(
        null=True, help_text="From here on, a use that is logged with an earlier time leaves a StaleUsage."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="usage_watermark_closed_first",
                condition=models.Q(rolled_until__isnull=True)
                | models.Q(closing_until__isnull=False, closing_until__gte=models.F("rolled_until")),
            )
        ]


class EntryTotal(models.Model):
    """All entries of one kind of a business up to and including `entry_id`, by id: for statements.

    Entries are only added, with ids in the order of their balances, so that a row once written stays right.
    """

    business = models.ForeignKey("accounts.Business", models.PROTECT, db_index=False, related_name="+")
    entry_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    entries = models.BigIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    debt_change = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business", "entry_id", "kind"], name="entry_total_once")
        ]


class StaleUsage(models.Model):
    """A use that was logged or changed after its time was summed up; a trigger writes these."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(help_text="Of the use.")
