"""All tables of the AI features."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import ai_features.models.fields
import config.core.models


class Migration(migrations.Migration):
    initial = True

    # An installation that has run these has run this.
    replaces = [
        ("ai_features", "0001_requests"),
        ("ai_features", "0002_jobs"),
        ("ai_features", "0003_question_key"),
        ("ai_features", "0004_routing"),
        ("ai_features", "0005_false_positives"),
    ]

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AIJob",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
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
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                ("feature", models.CharField(max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveSmallIntegerField(help_text="Items.")),
                (
                    "sealed_items",
                    models.TextField(
                        blank=True,
                        editable=False,
                        help_text="What was asked, encrypted; gone once the job has ended.",
                    ),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        help_text="Whoever looks from then on may take it up; empty once it has ended.",
                        null=True,
                    ),
                ),
                ("cancel_requested_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "AI job",
                "indexes": [
                    models.Index(fields=["business", "-created_at", "-id"], name="ai_job_of_business"),
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["next_attempt_at"],
                        name="ai_job_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at__isnull", True),
                                ("next_attempt_at__isnull", False),
                                ("status__in", ["queued", "running"]),
                                models.Q(("sealed_items", ""), _negated=True),
                            ),
                            models.Q(
                                ("finished_at__isnull", False),
                                ("next_attempt_at__isnull", True),
                                ("sealed_items", ""),
                                ("status__in", ["done", "cancelled"]),
                            ),
                            _connector="OR",
                        ),
                        name="ai_job_due_until_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total__gte", 1), ("total__lte", 50)), name="ai_job_size"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AIRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
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
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                ("feature", models.CharField(max_length=60)),
                ("prompt_version", models.CharField(max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("answered", "answered, charge not confirmed yet"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("ai", "Ai"), ("cached", "Cached"), ("local", "Local")], max_length=10
                    ),
                ),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                (
                    "request_data",
                    ai_features.models.fields.DecimalJSONField(help_text="The validated input, sanitised."),
                ),
                (
                    "sent",
                    ai_features.models.fields.DecimalJSONField(
                        help_text="The messages exactly as they left; empty when nothing did.", null=True
                    ),
                ),
                ("result", ai_features.models.fields.DecimalJSONField(null=True)),
                ("notice", models.CharField(blank=True, default="", max_length=300)),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        default=list,
                        help_text="Suspicious, but let through.",
                        size=None,
                    ),
                ),
                (
                    "routing",
                    ai_features.models.fields.DecimalJSONField(
                        help_text="Of a free question: route, intent, reason, confidence; empty for a feature.",
                        null=True,
                    ),
                ),
                (
                    "credits_charged",
                    config.core.models.CreditsField(decimal_places=2, default=0, max_digits=14),
                ),
                ("hold_id", models.BigIntegerField(null=True)),
                ("transaction_id", models.BigIntegerField(null=True)),
                ("model", models.CharField(blank=True, default="", max_length=120)),
                (
                    "usage",
                    ai_features.models.fields.DecimalJSONField(
                        help_text="Tokens and cost of all attempts together.", null=True
                    ),
                ),
                ("response_time_ms", models.PositiveIntegerField(default=0)),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                (
                    "question_key",
                    models.CharField(
                        editable=False,
                        help_text="A keyed hash that calls with the same question share; only of whole answers of the AI.",
                        max_length=64,
                        null=True,
                    ),
                ),
                (
                    "repeats",
                    models.ForeignKey(
                        help_text="The call this one repeats.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="repeated_by",
                        to="ai_features.airequest",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "AI request",
                "indexes": [
                    models.Index(fields=["business", "-created_at"], name="ai_request_by_business"),
                    models.Index(
                        condition=models.Q(("idempotency_key__isnull", False)),
                        fields=["business", "idempotency_key"],
                        name="ai_request_by_key",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("question_key__isnull", False), ("source", "ai"), ("status", "succeeded")
                        ),
                        fields=["business", "question_key", "-created_at"],
                        name="ai_request_last_good",
                    ),
                    models.Index(
                        condition=models.Q(("status", "answered")),
                        fields=["finished_at"],
                        name="ai_request_answered",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["answered", "succeeded", "failed"])),
                        name="ai_request_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_charged", 0),
                            models.Q(
                                ("credits_charged__gt", 0),
                                ("result__isnull", False),
                                ("source", "ai"),
                                ("status__in", ["answered", "succeeded"]),
                            ),
                            _connector="OR",
                        ),
                        name="ai_request_charges_answers_only",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AIJobPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="ai_features.aijob",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("size", models.PositiveSmallIntegerField(help_text="Items.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ai_features.airequest",
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=60)),
                ("error_detail", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "part of an AI job",
                "constraints": [
                    models.UniqueConstraint(fields=("job", "number"), name="ai_job_part_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("request__isnull", True), ("status__in", ["waiting", "cancelled"])),
                            ("status", "done"),
                            models.Q(
                                ("request__isnull", True),
                                ("status", "failed"),
                                models.Q(("error_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ai_job_part_status",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FalsePositive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
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
                ("rule", models.CharField(max_length=40)),
                ("text_hash", models.CharField(max_length=64)),
                ("request_id", models.UUIDField(help_text="The call it was marked on.")),
                ("marked_by_id", models.BigIntegerField()),
                ("note", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "false positive",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business", "rule", "text_hash"), name="false_positive_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="false_positive_has_note"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InjectionFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.business"
                    ),
                ),
                ("request_id", models.UUIDField(db_index=True)),
                ("feature", models.CharField(max_length=60)),
                ("rule", models.CharField(max_length=40)),
                (
                    "mode",
                    models.CharField(
                        choices=[("block", "block"), ("redact", "redact"), ("flag", "flag")], max_length=6
                    ),
                ),
                ("field", models.CharField(help_text="Where in the body of the request.", max_length=200)),
                ("text_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "suspicious text",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["block", "redact", "flag"])),
                        name="injection_finding_mode",
                    )
                ],
            },
        ),
    ]
