"""All tables of credits and what is sold, with their triggers."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import config.core.models

from . import _triggers


class Migration(migrations.Migration):
    initial = True

    # An installation that has run these has run this.
    replaces = [
        ("subscriptions", "0001_initial"),
        ("subscriptions", "0002_append_only"),
        ("subscriptions", "0003_paid_by"),
        ("subscriptions", "0004_receipts"),
        ("subscriptions", "0005_freeze_and_take_back"),
        ("subscriptions", "0006_addon_period_name"),
        ("subscriptions", "0007_alerts"),
        ("subscriptions", "0008_addon_life"),
        ("subscriptions", "0009_budgets"),
        ("subscriptions", "0010_alert_arming"),
        ("subscriptions", "0011_storefront_plan"),
        ("subscriptions", "0012_licences"),
        ("subscriptions", "0013_daily_usage"),
        ("subscriptions", "0014_margin"),
        ("subscriptions", "0015_adjustments"),
        ("subscriptions", "0016_entries_of_revenue"),
        ("subscriptions", "0017_alert_preferences"),
        ("subscriptions", "0018_entry_totals"),
        ("subscriptions", "0019_name_of_figures"),
    ]

    dependencies = [
        ("accounts", "0001_initial"),
        ("payments", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrialClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("business_id", models.UUIDField(unique=True)),
                ("email_hash", models.CharField(max_length=64, unique=True)),
                ("phone_hash", models.CharField(max_length=64, null=True, unique=True)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AddonPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(max_length=200)),
                (
                    "price_ghs",
                    config.core.models.GhsField(decimal_places=2, max_digits=14, verbose_name="price (GHS)"),
                ),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "rollover_cap",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        help_text="Unused add-on credits kept at renewal, at most.",
                        max_digits=14,
                    ),
                ),
                ("savings", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "verbose_name": "add-on plan",
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="addon_plan_dated_once"),
                    models.CheckConstraint(
                        condition=models.Q(("credits__gt", 0), ("price_ghs__gt", 0)),
                        name="addon_plan_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AIModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.CharField(help_text="provider/model", max_length=120)),
                ("provider", models.SlugField(max_length=40)),
                ("name", models.CharField(help_text="As the provider calls it.", max_length=80)),
                ("input_usd", config.core.models.UsdField(decimal_places=8, max_digits=18)),
                ("cached_input_usd", config.core.models.UsdField(decimal_places=8, max_digits=18)),
                ("output_usd", config.core.models.UsdField(decimal_places=8, max_digits=18)),
                (
                    "reasoning_effort",
                    models.CharField(blank=True, help_text="Sent when set, e.g. none.", max_length=20),
                ),
                ("shutdown_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "AI model",
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="ai_model_dated_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cached_input_usd__gte", 0), ("input_usd__gt", 0), ("output_usd__gt", 0)
                        ),
                        name="ai_model_prices_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AIMonthlyAddon",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("user_id", models.BigIntegerField()),
                (
                    "price_ghs",
                    config.core.models.GhsField(decimal_places=2, max_digits=14, verbose_name="price (GHS)"),
                ),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "rollover_cap",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        default=50,
                        help_text="Unused credits kept at a renewal, at most.",
                        max_digits=14,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("ACTIVE", "active, or waiting for its renewal to be paid"),
                            ("CANCELLED", "Cancelled"),
                            ("LAPSED", "Lapsed"),
                            ("REFUNDED", "ended because the money for its current month went back"),
                            ("UNAPPLIED", "paid while another add-on was active; to be refunded"),
                        ],
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                (
                    "anchor_at",
                    models.DateTimeField(
                        help_text="Start of the first period; all are counted from it.", null=True
                    ),
                ),
                ("period_end", models.DateTimeField(help_text="Of the last paid month.", null=True)),
                ("renews", models.BooleanField(default=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "next_step_at",
                    models.DateTimeField(help_text="When we next look whether something is due.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ai_addons",
                        to="accounts.business",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        help_text="Charged at each renewal: the one that last paid, or was saved when it paid.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.savedcard",
                    ),
                ),
            ],
            options={
                "verbose_name": "monthly add-on",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "ACTIVE")),
                        fields=["next_step_at"],
                        name="addon_to_look_at",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "ACTIVE")),
                        fields=("business",),
                        name="addon_one_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ACTIVE"), _negated=True),
                            models.Q(
                                ("anchor_at__isnull", False),
                                ("period_end__gt", models.F("anchor_at")),
                                ("period_end__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="addon_active_has_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_step_at__isnull", False), ("status", "ACTIVE")),
                            models.Q(
                                models.Q(("status", "ACTIVE"), _negated=True), ("next_step_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="addon_looked_at_while_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits__gt", 0), ("price_ghs__gt", 0), ("rollover_cap__gte", 0)
                        ),
                        name="addon_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("low_credit", "Low Credit"),
                            ("budget", "Budget"),
                            ("expiry", "credits expire soon"),
                            ("unusual_spend", "Unusual Spend"),
                            ("renewal", "a month has to be paid"),
                            ("lapsed", "a subscription lapsed"),
                            ("licence", "a licence ends soon"),
                            ("fx_stale", "FX rate is old"),
                            ("margin_floor", "Margin Floor"),
                            ("ledger_broken", "Ledger Broken"),
                            ("provider_down", "Provider Down"),
                            ("model_shutdown", "Model Shutdown"),
                            ("quota_refusals", "Quota Refusals"),
                            ("cost_budget", "platform's cost budget"),
                            ("error_rate", "Error Rate"),
                            ("slow_queries", "Slow Queries"),
                            ("payments", "a payment needs a person"),
                            ("support_ticket", "a user waits for a person"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("info", "Info"),
                            ("warning", "Warning"),
                            ("critical", "Critical"),
                            ("blocked", "Blocked"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="The cause: raising it twice tells once.", max_length=160, unique=True
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("text", models.TextField()),
                (
                    "link",
                    models.CharField(blank=True, help_text="Where one tap puts it right.", max_length=500),
                ),
                ("data", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["business", "-created_at", "-id"], name="alert_of_business")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["info", "warning", "critical", "blocked"])),
                        name="alert_severity_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("email", "Email"), ("webhook", "Webhook")], max_length=10),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sent", "Sent"),
                            ("skipped", "nobody wants it there"),
                            ("gave_up", "Gave Up"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="subscriptions.alert",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "alert deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="alert_delivery_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("alert", "channel"), name="alert_delivery_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sent_at__isnull", True), ("due_at__isnull", True), _connector="OR"
                        ),
                        name="alert_delivery_sent_is_not_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("outcome", "")),
                            models.Q(
                                ("due_at__isnull", True), ("outcome", "sent"), ("sent_at__isnull", False)
                            ),
                            models.Q(
                                ("due_at__isnull", True),
                                ("outcome__in", ["skipped", "gave_up"]),
                                ("sent_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="alert_delivery_due_until_it_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertPreferences",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="alert_preferences",
                        serialize=False,
                        to="accounts.business",
                    ),
                ),
                (
                    "silent_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        help_text="Kinds of alerts that are not mailed.",
                        size=None,
                    ),
                ),
                (
                    "email_managers",
                    models.BooleanField(
                        default=False, help_text="Mail to managers, too, not to owners alone."
                    ),
                ),
                ("sealed_webhook_url", models.TextField(blank=True, default="", editable=False)),
                ("webhook_host", models.CharField(blank=True, default="", max_length=253)),
            ],
            options={
                "verbose_name_plural": "alert preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sealed_webhook_url", ""), ("webhook_host", "")),
                            models.Q(
                                models.Q(("sealed_webhook_url", ""), _negated=True),
                                models.Q(("webhook_host", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="alert_webhook_has_a_host",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiTier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("requests_per_day", models.PositiveIntegerField()),
                ("requests_per_month", models.PositiveIntegerField()),
                ("price_usd", models.DecimalField(decimal_places=2, max_digits=8)),
            ],
            options={
                "verbose_name": "API tier",
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="api_tier_dated_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feature", models.CharField(blank=True, default="", max_length=60)),
                (
                    "unit",
                    models.CharField(
                        choices=[("usd", "US dollars of provider cost"), ("credits", "Credits")],
                        max_length=10,
                    ),
                ),
                ("monthly_limit", models.DecimalField(decimal_places=8, max_digits=18)),
                (
                    "soft_only",
                    models.BooleanField(default=False, help_text="Tells, but never refuses a call."),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business", "membership", "feature", "unit"),
                        name="budget_once",
                        nulls_distinct=False,
                        violation_error_message="There is a budget for this already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("monthly_limit__gt", 0)), name="budget_limit_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("membership__isnull", True), ("feature", ""), _connector="OR"),
                        name="budget_for_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__in", ["usd", "credits"])), name="budget_unit_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.")),
                (
                    "unit",
                    models.CharField(
                        choices=[("usd", "US dollars of provider cost"), ("credits", "Credits")],
                        max_length=10,
                    ),
                ),
                ("monthly_limit", models.DecimalField(decimal_places=8, max_digits=18)),
                ("soft_only", models.BooleanField()),
                (
                    "spent_before",
                    models.DecimalField(
                        decimal_places=8,
                        default=0,
                        help_text="Of this month, before the budget was made.",
                        max_digits=18,
                    ),
                ),
                ("spent", models.DecimalField(decimal_places=8, default=0, max_digits=18)),
                ("held", models.DecimalField(decimal_places=8, default=0, max_digits=18)),
                (
                    "alerted_percent",
                    models.PositiveSmallIntegerField(default=0, help_text="The highest that was told."),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counters",
                        to="subscriptions.budget",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("budget", "month"), name="budget_counter_once"),
                    models.CheckConstraint(
                        condition=models.Q(("held__gte", 0), ("spent__gte", 0), ("spent_before__gte", 0)),
                        name="budget_counter_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("monthly_limit__gt", 0)), name="budget_counter_limit_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BusinessAICredits",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="ai_credits",
                        serialize=False,
                        to="accounts.business",
                    ),
                ),
                ("balance", config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14)),
                ("held", config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14)),
                (
                    "debt",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        default=0,
                        help_text="Spent beyond the balance; paid first by the next grant.",
                        max_digits=14,
                    ),
                ),
                (
                    "total_purchased",
                    config.core.models.CreditsField(
                        decimal_places=2, default=0, help_text="Paid credits only.", max_digits=14
                    ),
                ),
                ("total_used", config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14)),
                (
                    "low_credit_threshold",
                    config.core.models.CreditsField(decimal_places=2, default=10, max_digits=14),
                ),
                (
                    "low_credit_armed",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        editable=False,
                        help_text="Falling below the threshold is told once; it has to rise to it before it is told again.",
                    ),
                ),
                (
                    "low_credit_crossings",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="How often it fell below: names the cause of each alert.",
                    ),
                ),
                (
                    "freeze_count",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="How often a grant was frozen or unfrozen: by it a hold sees that it looked too early.",
                    ),
                ),
                (
                    "budget_changes",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="How often a budget was made, changed or removed: the same for budgets.",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit accounts",
                "verbose_name_plural": "credit accounts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("held__gte", 0), ("held__lte", models.F("balance"))),
                        name="account_held_within_balance",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debt__gte", 0),
                            ("total_purchased__gte", 0),
                            (
                                "total_used__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("debt"), "*", models.Value(-1)
                                ),
                            ),
                        ),
                        name="account_totals_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChatLicencePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("price_usd", models.DecimalField(decimal_places=2, max_digits=8)),
                ("messages_per_day", models.PositiveIntegerField()),
                ("messages_per_hour", models.PositiveIntegerField()),
                ("messages_per_conversation", models.PositiveIntegerField()),
                ("open_conversations", models.PositiveIntegerField()),
                (
                    "assistants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        help_text="`all` for every one.",
                        size=None,
                    ),
                ),
                ("uploads", models.BooleanField(default=False)),
                ("streaming", models.BooleanField(default=False)),
                ("priority", models.BooleanField(default=False)),
                ("integrations", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slug", "effective_from"), name="chat_licence_plan_dated_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("addon", "Addon"),
                            ("trial", "Trial"),
                            ("monthly_free", "Monthly Free"),
                            ("adjustment", "Adjustment"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "key",
                    models.CharField(help_text="The cause, e.g. purchase:<id>.", max_length=120),
                ),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                ("remaining", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "unit_value_ghs",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="Price paid ÷ credits; 0 when free.",
                        max_digits=12,
                        verbose_name="unit value (GHS)",
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "frozen_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="While the money for it is disputed: unusable, as if expired then.",
                        null=True,
                    ),
                ),
                (
                    "taken_back",
                    config.core.models.CreditsField(
                        db_default=0,
                        decimal_places=2,
                        default=0,
                        help_text="Withdrawn or turned into debt because the money for it went back.",
                        max_digits=14,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.business"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("remaining__gt", 0)),
                        fields=["business", "expires_at"],
                        name="grant_live",
                    ),
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False), ("remaining__gt", 0)),
                        fields=["expires_at"],
                        name="grant_to_expire",
                    ),
                    models.Index(
                        condition=models.Q(("frozen_at__isnull", False)),
                        fields=["business"],
                        name="grant_frozen",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="grant_once_per_cause"),
                    models.CheckConstraint(
                        condition=models.Q(("taken_back__gte", 0), ("taken_back__lte", models.F("credits"))),
                        name="grant_taken_back_within_credits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits__gt", 0), ("remaining__gte", 0), ("remaining__lte", models.F("credits"))
                        ),
                        name="grant_remaining_within_credits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_value_ghs__gte", 0)), name="grant_unit_value"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["purchase", "addon", "trial", "monthly_free", "adjustment"])
                        ),
                        name="grant_source_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AICreditPurchase",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("user_id", models.BigIntegerField(null=True)),
                ("pack_type", models.CharField(max_length=20)),
                ("pack_name", models.CharField(max_length=80)),
                ("payment_method", models.CharField(max_length=10)),
                (
                    "price_ghs",
                    config.core.models.GhsField(decimal_places=2, max_digits=14, verbose_name="price (GHS)"),
                ),
                (
                    "credits",
                    config.core.models.CreditsField(
                        decimal_places=2, help_text="Without bonus.", max_digits=14
                    ),
                ),
                (
                    "bonus_credits",
                    config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("SUCCESSFUL", "Successful"),
                            ("REFUNDED", "Refunded"),
                        ],
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "paid_by",
                    models.OneToOneField(
                        help_text="The attempt that did.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        help_text="The first attempt to pay for it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.creditgrant",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit purchase",
                "indexes": [models.Index(fields=["business", "created_at"], name="purchase_by_business")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("completed_at__isnull", False),
                                ("grant__isnull", False),
                                ("paid_by__isnull", False),
                                ("status__in", ["SUCCESSFUL", "REFUNDED"]),
                            ),
                            models.Q(
                                ("completed_at__isnull", True),
                                ("grant__isnull", True),
                                ("paid_by__isnull", True),
                                ("status", "PENDING"),
                            ),
                            _connector="OR",
                        ),
                        name="purchase_granted_iff_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bonus_credits__gte", 0), ("credits__gt", 0), ("price_ghs__gt", 0)
                        ),
                        name="purchase_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AddonPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="0 for the first.")),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "rolled_over",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        help_text="Kept from the months before. Empty while a call still runs that may use them.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "paid_by",
                    models.OneToOneField(
                        help_text="The attempt that did.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        help_text="The first attempt to pay for it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "addon",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="periods",
                        to="subscriptions.aimonthlyaddon",
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.creditgrant",
                    ),
                ),
            ],
            options={
                "verbose_name": "add-on period",
                "indexes": [
                    models.Index(
                        condition=models.Q(("grant__isnull", False), ("rolled_over__isnull", True)),
                        fields=["addon"],
                        name="addon_period_to_roll_over",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("addon", "number"), name="addon_period_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__isnull", True),
                                ("grant__isnull", True),
                                ("paid_by__isnull", True),
                                ("starts_at__isnull", True),
                            ),
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("ends_at__isnull", False),
                                ("grant__isnull", False),
                                ("paid_by__isnull", False),
                                ("starts_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="addon_period_dated_iff_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rolled_over__isnull", True),
                            models.Q(
                                ("grant__isnull", False),
                                ("rolled_over__gte", 0),
                                ("rolled_over__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="addon_period_rolls_over_once_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditPack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("type", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                (
                    "price_ghs",
                    config.core.models.GhsField(
                        blank=True,
                        decimal_places=2,
                        help_text="Tax inclusive. Empty for a custom amount.",
                        max_digits=14,
                        null=True,
                        verbose_name="price (GHS)",
                    ),
                ),
                (
                    "min_price_ghs",
                    config.core.models.GhsField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="lowest price (GHS)",
                    ),
                ),
                (
                    "max_price_ghs",
                    config.core.models.GhsField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="highest price (GHS)",
                    ),
                ),
                (
                    "credits",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        help_text="Without bonus; for a custom amount, credits per cedi.",
                        max_digits=14,
                    ),
                ),
                (
                    "bonus_credits",
                    config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14),
                ),
                ("savings", models.CharField(blank=True, help_text="As shown, e.g. 20%.", max_length=20)),
                ("recommended", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("type", "effective_from"), name="pack_dated_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("max_price_ghs", None),
                                ("min_price_ghs", None),
                                ("price_ghs__gt", 0),
                                ("price_ghs__isnull", False),
                            ),
                            models.Q(
                                ("max_price_ghs__gte", models.F("min_price_ghs")),
                                ("max_price_ghs__isnull", False),
                                ("min_price_ghs__gt", 0),
                                ("min_price_ghs__isnull", False),
                                ("price_ghs", None),
                            ),
                            _connector="OR",
                        ),
                        name="pack_price_or_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bonus_credits__gte", 0), ("credits__gt", 0)),
                        name="pack_credits_positive",
                    ),
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
                "verbose_name_plural": "figures",
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
        migrations.CreateModel(
            name="EntryTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("entries", models.BigIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=20)),
                ("debt_change", models.DecimalField(decimal_places=2, max_digits=20)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("business", "entry_id", "kind"), name="entry_total_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Feature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(max_length=200)),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "category",
                    models.CharField(choices=[("basic", "basic"), ("premium", "premium")], max_length=20),
                ),
                ("popular", models.BooleanField(default=False)),
                ("needs_addon", models.BooleanField(default=False)),
                ("model_class", models.SlugField(max_length=40)),
                (
                    "max_output_tokens",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Of one answer, where less than its model class allows is enough.",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "AI feature",
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="feature_dated_once"),
                    models.CheckConstraint(
                        condition=models.Q(("credits__gt", 0)), name="feature_credits_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FreeCredits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "subsidy_share",
                    models.DecimalField(
                        decimal_places=4,
                        help_text="Share of the list price the margin floor counts as revenue.",
                        max_digits=5,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "free credits",
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="free_credits_dated_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("currency", models.CharField(max_length=3)),
                ("ghs", models.DecimalField(decimal_places=6, max_digits=12)),
                ("source", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "verbose_name": "FX rate",
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "effective_from"), name="fx_rate_dated_once"),
                    models.CheckConstraint(condition=models.Q(("ghs__gt", 0)), name="fx_rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Licence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("api_tier", "API tier"), ("support_chat", "Support chat")], max_length=20
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("suspended", "suspended: counts as free"),
                            ("expired", "expired: free again"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        help_text="The end of its last paid month; empty when free.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False), ("status", "active")),
                        fields=["expires_at"],
                        name="licence_to_expire",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="licence_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["api_tier", "support_chat"]),
                            ("status__in", ["active", "suspended", "expired"]),
                        ),
                        name="licence_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "expired"), _negated=True),
                            ("expires_at__isnull", False),
                            _connector="OR",
                        ),
                        name="licence_expired_had_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenceAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[("suspended", "Suspended"), ("unsuspended", "Unsuspended")], max_length=20
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("by_id", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "licence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="subscriptions.licence",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="licence_action_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenceMonth",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("ordered_by_id", models.BigIntegerField()),
                ("plan", models.SlugField(db_index=False, max_length=40)),
                ("plan_name", models.CharField(max_length=80)),
                (
                    "price_usd",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="price (USD)"),
                ),
                (
                    "fx_rate",
                    models.DecimalField(decimal_places=6, max_digits=12, verbose_name="GHS for one USD"),
                ),
                (
                    "price_ghs",
                    config.core.models.GhsField(decimal_places=2, max_digits=14, verbose_name="price (GHS)"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("paid", "Paid"),
                            ("taken_back", "its money is going back, or disputed"),
                            ("unapplied", "paid while nothing could be given; to be refunded"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("paid_at", models.DateTimeField(null=True)),
                (
                    "anchor_at",
                    models.DateTimeField(
                        help_text="Where the months of its row are counted from.", null=True
                    ),
                ),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "used",
                    models.DurationField(default=datetime.timedelta, help_text="Of it, before `starts_at`."),
                ),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "licence",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="months",
                        to="subscriptions.licence",
                    ),
                ),
                (
                    "paid_by",
                    models.OneToOneField(
                        help_text="The attempt that did.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        help_text="The first attempt to pay for it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["licence", "ends_at"], name="licence_month_of_licence"),
                    models.Index(fields=["business", "-created_at"], name="licence_month_of_business"),
                    models.Index(
                        condition=models.Q(("status", "paid")), fields=["ends_at"], name="licence_month_ends"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("anchor_at__isnull", True),
                                ("ends_at__isnull", True),
                                ("paid_at__isnull", True),
                                ("paid_by__isnull", True),
                                ("starts_at__isnull", True),
                                ("status__in", ["pending", "unapplied"]),
                            ),
                            models.Q(
                                ("anchor_at__isnull", False),
                                ("ends_at__gt", models.F("starts_at")),
                                ("ends_at__isnull", False),
                                ("paid_at__isnull", False),
                                ("paid_by__isnull", False),
                                ("starts_at__isnull", False),
                                ("status__in", ["paid", "taken_back"]),
                            ),
                            _connector="OR",
                        ),
                        name="licence_month_dated_iff_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "taken_back"), ("taken_back_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "taken_back"), _negated=True),
                                ("taken_back_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="licence_month_taken_back_at_iff_taken_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fx_rate__gt", 0), ("price_ghs__gt", 0), ("price_usd__gt", 0)),
                        name="licence_month_price",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("status", "paid")),
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[
                            (
                                models.Func(
                                    "licence_id", "licence_id", models.Value("[]"), function="int8range"
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "starts_at",
                                    "ends_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="licence_month_alone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelRoute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                (
                    "models_in_order",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        help_text="`provider/model`, first choice first.",
                        size=None,
                    ),
                ),
                ("max_output_tokens", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="model_route_dated_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="QuotaRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("code", models.CharField(max_length=40)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.business"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "user_id", "code"), name="quota_refusal_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(help_text="For example SK-2026-000123.", max_length=20),
                ),
                ("kind", models.CharField(choices=[("SK", "Receipt"), ("CN", "Credit note")], max_length=2)),
                ("year", models.PositiveSmallIntegerField()),
                ("sequence", models.PositiveIntegerField(help_text="1, 2, 3 … without a gap in a year.")),
                ("seller_name", models.CharField(max_length=120)),
                ("seller_tin", models.CharField(blank=True, max_length=40, verbose_name="seller's TIN")),
                ("seller_address", models.CharField(blank=True, max_length=200)),
                ("customer_name", models.CharField(max_length=120)),
                ("customer_email", models.EmailField(max_length=254)),
                ("description", models.CharField(max_length=200)),
                (
                    "credits",
                    config.core.models.CreditsField(
                        decimal_places=2,
                        help_text="Without bonus; 0 where none were sold. Of the sale, also on a credit note.",
                        max_digits=14,
                    ),
                ),
                (
                    "bonus_credits",
                    config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14),
                ),
                ("payment_method", models.CharField(max_length=20)),
                ("channel", models.CharField(blank=True, max_length=40)),
                ("reference", models.CharField(max_length=50)),
                (
                    "base_ghs",
                    config.core.models.GhsField(
                        decimal_places=2,
                        help_text="Total less taxes.",
                        max_digits=14,
                        verbose_name="net (GHS)",
                    ),
                ),
                ("taxes", models.JSONField(help_text="In order: name, rate, amount_ghs; decimals as text.")),
                (
                    "total_ghs",
                    config.core.models.GhsField(
                        decimal_places=2,
                        help_text="What was paid, or given back.",
                        max_digits=14,
                        verbose_name="total (GHS)",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        help_text="Of a credit note.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="subscriptions.receipt",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
                    ),
                ),
                (
                    "refund",
                    models.OneToOneField(
                        help_text="Of a credit note.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.refund",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["business", "-created_at", "-id"], name="receipt_of_business")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="receipt_number_once"),
                    models.UniqueConstraint(
                        fields=("kind", "year", "sequence"), name="receipt_sequence_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "SK")),
                        fields=("payment",),
                        name="receipt_once_per_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects__isnull", True), ("kind", "SK"), ("refund__isnull", True)),
                            models.Q(("corrects__isnull", False), ("kind", "CN"), ("refund__isnull", False)),
                            _connector="OR",
                        ),
                        name="receipt_corrects_iff_credit_note",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bonus_credits__gte", 0), ("credits__gte", 0), ("total_ghs__gt", 0)
                        ),
                        name="receipt_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=[("SK", "Receipt"), ("CN", "Credit note")], max_length=2)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "year"), name="receipt_counter_once")
                ],
            },
        ),
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
            name="StorefrontPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("user_id", models.BigIntegerField()),
                ("storefronts", models.SmallIntegerField()),
                (
                    "price_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, max_digits=14, verbose_name="price a month (GHS)"
                    ),
                ),
                ("next_storefronts", models.SmallIntegerField(help_text="From the next renewal on.")),
                (
                    "next_price_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, max_digits=14, verbose_name="next price a month (GHS)"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("ACTIVE", "active, or waiting for its renewal to be paid"),
                            ("CANCELLED", "Cancelled"),
                            ("LAPSED", "Lapsed"),
                            ("REFUNDED", "ended because the money for its current month went back"),
                            ("UNAPPLIED", "paid while another plan was active; to be refunded"),
                        ],
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                (
                    "anchor_at",
                    models.DateTimeField(
                        help_text="Start of the first period; all are counted from it.", null=True
                    ),
                ),
                ("period_end", models.DateTimeField(help_text="Of the last paid month.", null=True)),
                ("renews", models.BooleanField(default=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "next_step_at",
                    models.DateTimeField(help_text="When we next look whether something is due.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="storefront_plans",
                        to="accounts.business",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        help_text="Charged at each renewal: the one that last paid, or was saved when it paid.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.savedcard",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "ACTIVE")),
                        fields=["next_step_at"],
                        name="storefront_plan_to_look_at",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "ACTIVE")),
                        fields=("business",),
                        name="storefront_plan_one_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ACTIVE"), _negated=True),
                            models.Q(
                                ("anchor_at__isnull", False),
                                ("period_end__gt", models.F("anchor_at")),
                                ("period_end__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="storefront_plan_active_has_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_step_at__isnull", False), ("status", "ACTIVE")),
                            models.Q(
                                models.Q(("status", "ACTIVE"), _negated=True), ("next_step_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="storefront_plan_looked_at_while_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_price_ghs__gt", 0),
                            ("next_storefronts__gt", 0),
                            ("price_ghs__gt", 0),
                            ("storefronts__gt", 0),
                        ),
                        name="storefront_plan_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StorefrontPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="Of the month; 0 for the first.")),
                ("storefronts", models.SmallIntegerField(help_text="In all, from here on.")),
                (
                    "added",
                    models.SmallIntegerField(
                        default=0,
                        help_text="Storefronts added in the middle of the month; 0 for the month itself.",
                    ),
                ),
                (
                    "price_ghs",
                    config.core.models.GhsField(
                        decimal_places=2,
                        help_text="For so many storefronts.",
                        max_digits=14,
                        verbose_name="price a month (GHS)",
                    ),
                ),
                (
                    "free_credits",
                    config.core.models.CreditsField(
                        decimal_places=2, default=0, help_text="Given with the month.", max_digits=14
                    ),
                ),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "void_at",
                    models.DateTimeField(help_text="When all of its money had gone back.", null=True),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.creditgrant",
                    ),
                ),
                (
                    "paid_by",
                    models.OneToOneField(
                        help_text="The attempt that did.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        help_text="The first attempt to pay for it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="periods",
                        to="subscriptions.storefrontplan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("added", 0)),
                        fields=("plan", "number"),
                        name="storefront_month_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__isnull", True),
                                ("paid_by__isnull", True),
                                ("starts_at__isnull", True),
                                ("void_at__isnull", True),
                            ),
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("ends_at__isnull", False),
                                ("paid_by__isnull", False),
                                ("starts_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="storefront_period_dated_iff_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("added__gte", 0), ("price_ghs__gt", 0), ("storefronts__gt", models.F("added"))
                        ),
                        name="storefront_period_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("free_credits", 0), ("grant__isnull", True)),
                            models.Q(
                                ("added", 0),
                                ("free_credits__gt", 0),
                                ("grant__isnull", False),
                                ("paid_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="storefront_free_credits_with_paid_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StorefrontTariff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                (
                    "storefronts",
                    models.PositiveSmallIntegerField(help_text="0 for the price of each further storefront."),
                ),
                (
                    "price_ghs",
                    config.core.models.GhsField(decimal_places=2, max_digits=14, verbose_name="price (GHS)"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slug", "effective_from"), name="storefront_tariff_dated_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_from", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="Untick to withdraw it from this date on."),
                ),
                ("slug", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("rate", models.DecimalField(decimal_places=4, help_text="0.15 for 15%", max_digits=6)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "effective_from"), name="tax_rate_dated_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TierCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("month", models.DateField(help_text="Its first day.")),
                ("requests", models.PositiveIntegerField(default=0)),
                ("day", models.DateField()),
                ("today", models.PositiveIntegerField(default=0, help_text="Of `requests`, those on `day`.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user_id", "month"), name="tier_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("spent_usd", config.core.models.UsdField(decimal_places=8, default=0, max_digits=18)),
                ("held_usd", config.core.models.UsdField(decimal_places=8, default=0, max_digits=18)),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("membership", "day"), name="usage_counter_once"),
                    models.CheckConstraint(
                        condition=models.Q(("held_usd__gte", 0), ("spent_usd__gte", 0)),
                        name="usage_counter_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                (
                    "budget_counters",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        db_default=models.Value("{}"),
                        default=list,
                        size=None,
                    ),
                ),
                ("tier_counter_id", models.BigIntegerField(null=True)),
                ("feature", models.CharField(max_length=60)),
                ("request_id", models.UUIDField(unique=True)),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                ("credits", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                ("captured", config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14)),
                (
                    "predicted_cost_usd",
                    config.core.models.UsdField(decimal_places=8, default=0, max_digits=18),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("captured", "Captured"),
                            ("released", "Released"),
                            ("expired", "Expired"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.business"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.usagecounter",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["business", "created_at"],
                        name="hold_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["expires_at"], name="hold_lease"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("idempotency_key__isnull", False), ("state__in", ["open", "captured"])
                        ),
                        fields=("business", "idempotency_key"),
                        name="hold_key_charged_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("captured__gte", 0), ("captured__lte", models.F("credits")), ("credits__gt", 0)
                        ),
                        name="hold_captured_within_credits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tier_counter_id", 0), _negated=True),
                        name="hold_has_room_in_tier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("captured", 0), ("settled_at__isnull", True), ("state", "open")),
                            models.Q(("settled_at__isnull", False), ("state", "captured")),
                            models.Q(
                                ("captured", 0),
                                ("settled_at__isnull", False),
                                ("state__in", ["released", "expired"]),
                            ),
                            _connector="OR",
                        ),
                        name="hold_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("grant", "Grant"),
                            ("capture", "Capture"),
                            ("reversal", "Reversal"),
                            ("expiry", "Expiry"),
                            ("withdrawal", "Withdrawal"),
                            ("return", "Return"),
                            ("debt_payment", "Debt Payment"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "amount",
                    config.core.models.CreditsField(
                        decimal_places=2, help_text="Signed; the sum of its slices.", max_digits=14
                    ),
                ),
                ("debt_change", config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14)),
                ("balance_after", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "key",
                    models.CharField(help_text="The cause: doing it twice changes nothing.", max_length=120),
                ),
                (
                    "actor_id",
                    models.BigIntegerField(help_text="The admin who did it, if one did.", null=True),
                ),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Whose money went back, or stayed after all.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.creditgrant",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="subscriptions.credithold",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "credit entries",
                "indexes": [
                    models.Index(fields=["business", "id"], name="entry_statement"),
                    models.Index(
                        condition=models.Q(("kind__in", ["expiry", "reversal"])),
                        fields=["created_at"],
                        name="entry_of_revenue",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="entry_once_per_cause"),
                    models.CheckConstraint(
                        condition=models.Q(("balance_after__gte", 0)), name="entry_balance_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), ("debt_change", 0), _negated=True),
                        name="entry_moves_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gte", 0), ("kind__in", ["grant", "reversal", "return"])),
                            models.Q(
                                ("amount__lte", 0),
                                ("kind__in", ["capture", "expiry", "withdrawal", "debt_payment"]),
                            ),
                            _connector="OR",
                        ),
                        name="entry_sign",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "withdrawal"),
                            models.Q(("grant__isnull", False), ("kind", "return")),
                            models.Q(models.Q(("kind", "return"), _negated=True), ("grant__isnull", True)),
                            _connector="OR",
                        ),
                        name="entry_names_grant_of_money_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key__startswith", "adjustment:"), _negated=True),
                            models.Q(("actor_id__isnull", False), models.Q(("note", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="entry_adjustment_explained",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AITransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField(null=True)),
                ("request_id", models.UUIDField(unique=True)),
                (
                    "repeats_request_id",
                    models.UUIDField(help_text="The call whose answer was given again.", null=True),
                ),
                ("feature", models.CharField(max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[("success", "Success"), ("failed", "Failed"), ("abandoned", "Abandoned")],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("ai", "AI"), ("cached", "Cached"), ("local", "Local")], max_length=10
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=60)),
                ("partial", models.BooleanField(default=False)),
                (
                    "late",
                    models.BooleanField(
                        default=False, help_text="Captured after the hold's lease had ended."
                    ),
                ),
                (
                    "credits_charged",
                    config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14),
                ),
                (
                    "revenue_ghs",
                    models.DecimalField(
                        decimal_places=6,
                        default=0,
                        help_text="Value of the grants it really burnt.",
                        max_digits=16,
                        verbose_name="revenue (GHS)",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=120)),
                ("price_effective_from", models.DateTimeField(null=True)),
                ("input_tokens", models.PositiveIntegerField(default=0)),
                ("cached_tokens", models.PositiveIntegerField(default=0)),
                ("output_tokens", models.PositiveIntegerField(default=0)),
                ("reasoning_tokens", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "cost_usd",
                    config.core.models.UsdField(
                        decimal_places=8, default=0, max_digits=18, verbose_name="cost (USD)"
                    ),
                ),
                ("fx_rate", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                (
                    "cost_ghs",
                    models.DecimalField(
                        decimal_places=8, default=0, max_digits=18, verbose_name="cost (GHS)"
                    ),
                ),
                ("response_time_ms", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transaction",
                        to="subscriptions.credithold",
                    ),
                ),
            ],
            options={
                "verbose_name": "AI transaction",
                "indexes": [
                    models.Index(fields=["business", "created_at"], name="transaction_by_business"),
                    models.Index(fields=["created_at"], name="transaction_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credits_charged__gte", 0), ("source", "ai"), ("status", "success")),
                            ("credits_charged", 0),
                            _connector="OR",
                        ),
                        name="transaction_charges_success_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost_ghs__gte", 0), ("cost_usd__gte", 0), ("revenue_ghs__gte", 0)
                        ),
                        name="transaction_amounts_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditSlice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", config.core.models.CreditsField(decimal_places=2, max_digits=14)),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slices",
                        to="subscriptions.creditentry",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slices",
                        to="subscriptions.creditgrant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "grant"), name="slice_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="slice_not_zero"
                    ),
                ],
            },
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
            name="AddonCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "day",
                    models.SmallIntegerField(
                        help_text="After the renewal. Empty: the owner's own, or the gateway never got it.",
                        null=True,
                    ),
                ),
                ("open", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="subscriptions.addonperiod",
                    ),
                ),
            ],
            options={
                "verbose_name": "add-on charge",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("open", True)), fields=("period",), name="addon_charge_one_open"
                    ),
                    models.UniqueConstraint(fields=("period", "day"), name="addon_charge_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("day__isnull", True), ("day__in", [0, 1, 3, 7]), _connector="OR"),
                        name="addon_charge_day_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(_triggers.FINAL, _triggers.NOT_FINAL),
        migrations.RunSQL(_triggers.ORDER, _triggers.NO_ORDER),
        migrations.RunSQL(_triggers.MARK, _triggers.NO_MARK),
    ]
