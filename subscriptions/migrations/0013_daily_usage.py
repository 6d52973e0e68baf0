"""Daily sums of AI uses, and the trigger that notices a use which came after its time was summed up."""

import django.db.models.deletion
from django.db import migrations, models

import config.core.models

# Only waits while a time is being closed (`services/rollups.py`, which takes the same lock alone), and reads
# the watermark as of after that wait: each statement of a volatile function has a snapshot of its own.
FORWARD = """
CREATE FUNCTION usage_leaves_a_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_advisory_xact_lock_shared(743101, uuid_hash(OLD.business_id));
        INSERT INTO subscriptions_staleusage (business_id, created_at)
        SELECT business_id, OLD.created_at FROM subscriptions_usagewatermark
         WHERE business_id = OLD.business_id AND closing_until > OLD.created_at;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_advisory_xact_lock_shared(743101, uuid_hash(NEW.business_id));
        INSERT INTO subscriptions_staleusage (business_id, created_at)
        SELECT business_id, NEW.created_at FROM subscriptions_usagewatermark
         WHERE business_id = NEW.business_id AND closing_until > NEW.created_at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_leaves_a_mark AFTER INSERT OR UPDATE OR DELETE ON subscriptions_aitransaction
    FOR EACH ROW EXECUTE FUNCTION usage_leaves_a_mark();
"""
BACKWARD = """
DROP TRIGGER usage_leaves_a_mark ON subscriptions_aitransaction;
DROP FUNCTION usage_leaves_a_mark();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("subscriptions", "0012_licences")]

    operations = [
        migrations.CreateModel(
            name="StaleUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(help_text="Of the use.")),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsageWatermark",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.business",
                    ),
                ),
                ("timezone", models.CharField(help_text="Whose days the sums are of.", max_length=40)),
                (
                    "rolled_until",
                    models.DateTimeField(help_text="Uses before this moment are in the sums.", null=True),
                ),
                (
                    "closing_until",
                    models.DateTimeField(
                        help_text="From here on, a use that is logged with an earlier time leaves a StaleUsage.",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rolled_until__isnull", True),
                            models.Q(
                                ("closing_until__gte", models.F("rolled_until")),
                                ("closing_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="usage_watermark_closed_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyFeatureUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("feature", models.CharField(max_length=60)),
                ("requests", models.BigIntegerField()),
                ("successes", models.BigIntegerField()),
                ("cached", models.BigIntegerField()),
                ("local", models.BigIntegerField()),
                ("credits", models.DecimalField(decimal_places=2, max_digits=20)),
                ("cost_ghs", models.DecimalField(decimal_places=8, max_digits=24, verbose_name="cost (GHS)")),
                (
                    "success_time_ms",
                    models.BigIntegerField(help_text="Sum of the response times of successes."),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "daily feature usage",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business", "day", "feature"), name="daily_feature_usage_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("feature", models.CharField(max_length=60)),
                (
                    "model",
                    models.CharField(
                        blank=True, help_text="Empty where no provider was asked.", max_length=120
                    ),
                ),
                ("source", models.CharField(max_length=10)),
                ("status", models.CharField(max_length=10)),
                ("user_id", models.BigIntegerField(null=True)),
                ("requests", models.BigIntegerField()),
                ("credits", models.DecimalField(decimal_places=2, max_digits=20)),
                (
                    "revenue_ghs",
                    models.DecimalField(decimal_places=6, max_digits=22, verbose_name="revenue (GHS)"),
                ),
                (
                    "cost_usd",
                    config.core.models.UsdField(decimal_places=8, max_digits=22, verbose_name="cost (USD)"),
                ),
                ("cost_ghs", models.DecimalField(decimal_places=8, max_digits=24, verbose_name="cost (GHS)")),
                (
                    "response_time_ms",
                    models.BigIntegerField(help_text="Sum; divide that of successes by their requests."),
                ),
                ("input_tokens", models.BigIntegerField()),
                ("cached_tokens", models.BigIntegerField()),
                ("output_tokens", models.BigIntegerField()),
                ("reasoning_tokens", models.BigIntegerField()),
                (
                    "attempts",
                    models.BigIntegerField(help_text="Calls of a provider, repairs and fallbacks included."),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "daily usage",
                "indexes": [models.Index(fields=["day"], name="daily_usage_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business", "day", "feature", "model", "source", "status", "user_id"),
                        name="daily_usage_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
