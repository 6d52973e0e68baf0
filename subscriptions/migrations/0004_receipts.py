"""Receipts: numbered, and final once issued. PostgreSQL refuses UPDATE and DELETE on them."""

import django.db.models.deletion
from django.db import migrations, models

import config.core.models

FORWARD = """
CREATE FUNCTION receipt_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: an issued receipt never changes, a credit note corrects it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_is_final();
"""
BACKWARD = """
DROP TRIGGER append_only ON subscriptions_receipt;
DROP FUNCTION receipt_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("payments", "0002_money_back_and_direct"),
        ("subscriptions", "0003_paid_by"),
    ]

    operations = [
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
                    models.CharField(help_text="For example SK-2026-000123.", max_length=20, unique=True),
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
                        help_text="Without bonus. Of the sale, also on a credit note.",
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
                            ("bonus_credits__gte", 0),
                            ("credits__gt", 0),
                            ("total_ghs__gt", 0),
                        ),
                        name="receipt_amounts",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
