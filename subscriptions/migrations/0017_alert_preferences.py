import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("subscriptions", "0016_entries_of_revenue")]

    operations = [
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
                        condition=Q(sealed_webhook_url="", webhook_host="")
                        | (~Q(sealed_webhook_url="") & ~Q(webhook_host="")),
                        name="alert_webhook_has_a_host",
                    )
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
        migrations.AddField(
            model_name="alertdelivery",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("sent", "Sent"), ("skipped", "nobody wants it there"), ("gave_up", "Gave Up")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="alertdelivery",
            constraint=models.CheckConstraint(
                condition=Q(outcome="", due_at__isnull=False)
                | Q(outcome="sent", due_at__isnull=True, sent_at__isnull=False)
                | Q(outcome__in=["skipped", "gave_up"], due_at__isnull=True, sent_at__isnull=True),
                name="alert_delivery_due_until_it_ends",
            ),
        ),
    ]
