"""The storefront plan, and receipts for what sells no credits."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import config.core.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("payments", "0005_forgotten_cards"),
        ("subscriptions", "0008_addon_life"),
    ]

    operations = [
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
            ],
        ),
        migrations.RemoveConstraint(
            model_name="receipt",
            name="receipt_amounts",
        ),
        migrations.AlterField(
            model_name="receipt",
            name="credits",
            field=config.core.models.CreditsField(
                decimal_places=2,
                help_text="Without bonus; 0 where none were sold. Of the sale, also on a credit note.",
                max_digits=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("bonus_credits__gte", 0), ("credits__gte", 0), ("total_ghs__gt", 0)),
                name="receipt_amounts",
            ),
        ),
        migrations.AddField(
            model_name="storefrontperiod",
            name="grant",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscriptions.creditgrant",
            ),
        ),
        migrations.AddField(
            model_name="storefrontperiod",
            name="paid_by",
            field=models.OneToOneField(
                help_text="The attempt that did.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="storefrontperiod",
            name="payment",
            field=models.OneToOneField(
                help_text="The first attempt to pay for it.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="storefrontplan",
            name="business",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="storefront_plans",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="storefrontplan",
            name="card",
            field=models.ForeignKey(
                help_text="Charged at each renewal: the one that last paid, or was saved when it paid.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.savedcard",
            ),
        ),
        migrations.AddField(
            model_name="storefrontperiod",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="periods",
                to="subscriptions.storefrontplan",
            ),
        ),
        migrations.AddIndex(
            model_name="storefrontplan",
            index=models.Index(
                condition=models.Q(("status", "ACTIVE")),
                fields=["next_step_at"],
                name="storefront_plan_to_look_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "ACTIVE")),
                fields=("business",),
                name="storefront_plan_one_active",
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontplan",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="storefrontplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_step_at__isnull", False), ("status", "ACTIVE")),
                    models.Q(models.Q(("status", "ACTIVE"), _negated=True), ("next_step_at__isnull", True)),
                    _connector="OR",
                ),
                name="storefront_plan_looked_at_while_active",
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_price_ghs__gt", 0),
                    ("next_storefronts__gt", 0),
                    ("price_ghs__gt", 0),
                    ("storefronts__gt", 0),
                ),
                name="storefront_plan_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("added", 0)), fields=("plan", "number"), name="storefront_month_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontperiod",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="storefrontperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("added__gte", 0), ("price_ghs__gt", 0), ("storefronts__gt", models.F("added"))
                ),
                name="storefront_period_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="storefrontperiod",
            constraint=models.CheckConstraint(
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
        ),
    ]
