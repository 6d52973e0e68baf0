"""All tables of payments."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import config.core.models
import payments.models.payments


class Migration(migrations.Migration):
    initial = True

    # An installation that has run these has run this.
    replaces = [
        ("payments", "0001_initial"),
        ("payments", "0002_money_back_and_direct"),
        ("payments", "0003_history_of_refunds_and_answers_to_disputes"),
        ("payments", "0004_longer_payment_url"),
        ("payments", "0005_forgotten_cards"),
    ]

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                (
                    "sealed_code",
                    models.TextField(
                        blank=True,
                        editable=False,
                        help_text="The gateway's code, encrypted. Empty once forgotten.",
                    ),
                ),
                (
                    "signature",
                    models.CharField(help_text="The same whenever this card pays.", max_length=100),
                ),
                ("email", models.EmailField(help_text="The gateway binds the code to it.", max_length=254)),
                ("brand", models.CharField(blank=True, max_length=40)),
                ("bank", models.CharField(blank=True, max_length=80)),
                ("last4", models.CharField(max_length=4)),
                ("exp_month", models.SmallIntegerField()),
                ("exp_year", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "forgotten_at",
                    models.DateTimeField(
                        blank=True, help_text="When the gateway was told, after it was removed.", null=True
                    ),
                ),
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
                        condition=models.Q(("forgotten_at__isnull", True), ("removed_at__isnull", False)),
                        fields=["removed_at"],
                        name="card_to_forget",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("business", "gateway", "signature"),
                        name="card_saved_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("exp_month__gte", 1), ("exp_month__lte", 12)), name="card_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signature", ""), _negated=True),
                            models.Q(
                                models.Q(
                                    models.Q(("sealed_code", ""), _negated=True),
                                    ("forgotten_at__isnull", True),
                                ),
                                models.Q(
                                    ("forgotten_at__isnull", False),
                                    ("removed_at__isnull", False),
                                    ("sealed_code", ""),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="card_has_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=payments.models.payments.new_reference,
                        editable=False,
                        max_length=50,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        help_text="What the caller sells, in the caller's words.", max_length=40
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("MOMO", "Mobile money"),
                            ("PAYSTACK", "Card or mobile money"),
                            ("STRIPE", "Card from abroad"),
                        ],
                        max_length=20,
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                (
                    "amount_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, help_text="What was asked for.", max_digits=14
                    ),
                ),
                ("currency", models.CharField(default="GHS", max_length=3)),
                ("email", models.EmailField(max_length=254)),
                (
                    "callback_url",
                    models.CharField(
                        blank=True, help_text="Where the browser goes afterwards.", max_length=500
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("SUCCESSFUL", "Successful"),
                            ("FAILED", "Failed"),
                            ("REFUNDED", "Refunded"),
                            ("REVIEW", "Review"),
                        ],
                        default="PENDING",
                        editable=False,
                        max_length=12,
                    ),
                ),
                (
                    "phone",
                    models.CharField(blank=True, help_text="0XXXXXXXXX: prompted there.", max_length=10),
                ),
                (
                    "network",
                    models.CharField(
                        blank=True,
                        choices=[("mtn", "MTN MoMo"), ("vod", "Telecel Cash"), ("atl", "AT Money")],
                        max_length=3,
                    ),
                ),
                (
                    "save_card",
                    models.BooleanField(default=False, help_text="Keep the card if it can be charged again."),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Set before the charge is sent: it is never sent again.",
                        null=True,
                    ),
                ),
                (
                    "next_action",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approve_on_phone", "Approve the prompt on the phone"),
                            ("enter_otp", "Enter the code"),
                            ("open_url", "Open the payment page"),
                            ("wait", "Wait"),
                        ],
                        max_length=20,
                    ),
                ),
                ("display_text", models.CharField(blank=True, help_text="For the payer.", max_length=300)),
                (
                    "prompt_open",
                    models.BooleanField(default=False, help_text="A prompt may be on the phone."),
                ),
                ("prompt_expires_at", models.DateTimeField(blank=True, null=True)),
                ("payment_url", models.CharField(blank=True, max_length=2000)),
                ("access_code", models.CharField(blank=True, max_length=100)),
                ("gateway_transaction_id", models.CharField(blank=True, max_length=40)),
                ("gateway_domain", models.CharField(blank=True, help_text="test or live", max_length=20)),
                ("gateway_response", models.CharField(blank=True, max_length=300)),
                ("channel", models.CharField(blank=True, max_length=40)),
                (
                    "paid_ghs",
                    config.core.models.GhsField(
                        blank=True,
                        decimal_places=2,
                        help_text="What the gateway says it collected.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "fees_ghs",
                    config.core.models.GhsField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                ("review_reason", models.CharField(blank=True, max_length=500)),
                (
                    "unapplied",
                    models.BooleanField(
                        default=False, help_text="Paid, but what it was for was paid already: to be refunded."
                    ),
                ),
                (
                    "refunded_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, default=0, help_text="Given back so far.", max_digits=14
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "next_check_at",
                    models.DateTimeField(blank=True, help_text="When we next ask by ourselves.", null=True),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="accounts.business",
                    ),
                ),
                (
                    "first_attempt",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for the first.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retries",
                        to="payments.payment",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        blank=True,
                        help_text="Charged.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.savedcard",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["business", "-created_at"], name="payment_of_business"),
                    models.Index(
                        condition=models.Q(("next_check_at__isnull", False)),
                        fields=["next_check_at"],
                        name="payment_to_check",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="payment_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["PENDING", "SUCCESSFUL", "FAILED", "REFUNDED", "REVIEW"])
                        ),
                        name="payment_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_ghs__gt", 0)), name="payment_amount_positive"
                    ),
                    models.CheckConstraint(condition=models.Q(("currency", "GHS")), name="payment_in_cedis"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at__isnull", False), ("status__in", ["SUCCESSFUL", "REFUNDED"])
                            ),
                            models.Q(
                                models.Q(("status__in", ["SUCCESSFUL", "REFUNDED"]), _negated=True),
                                ("settled_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_settled_at_iff_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "REVIEW"), _negated=True),
                            models.Q(("review_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="payment_review_has_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("gateway_transaction_id", ""), _negated=True),
                        fields=("gateway", "gateway_domain", "gateway_transaction_id"),
                        name="payment_gateway_transaction_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("prompt_open", True)),
                        fields=("phone",),
                        name="payment_one_prompt_per_phone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("prompt_open", False),
                            models.Q(
                                models.Q(("phone", ""), _negated=True), ("prompt_expires_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="payment_prompt_has_phone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("network", ""), ("phone", "")),
                            models.Q(("phone__regex", "^0\\d{9}$"), ("network__in", ["mtn", "vod", "atl"])),
                            _connector="OR",
                        ),
                        name="payment_phone_with_network",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refunded_ghs", 0),
                            models.Q(
                                ("paid_ghs__isnull", False),
                                ("refunded_ghs__gt", 0),
                                ("refunded_ghs__lte", models.F("paid_ghs")),
                                ("status__in", ["SUCCESSFUL", "REFUNDED"]),
                            ),
                            _connector="OR",
                        ),
                        name="payment_refunded_within_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "REFUNDED"), _negated=True),
                            ("refunded_ghs__gt", 0),
                            _connector="OR",
                        ),
                        name="payment_refunded_means_some",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                ("gateway_settlement_id", models.CharField(max_length=40)),
                ("status", models.CharField(max_length=20)),
                (
                    "total_ghs",
                    config.core.models.GhsField(decimal_places=2, help_text="Collected.", max_digits=14),
                ),
                ("fees_ghs", config.core.models.GhsField(decimal_places=2, max_digits=14)),
                (
                    "deductions_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, default=0, help_text="Refunds and lost disputes.", max_digits=14
                    ),
                ),
                ("paid_out_ghs", config.core.models.GhsField(decimal_places=2, max_digits=14)),
                ("settled_on", models.DateField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "gateway_settlement_id"), name="settlement_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                ("body_sha256", models.CharField(max_length=64, unique=True)),
                ("event", models.CharField(blank=True, max_length=80)),
                ("reference", models.CharField(blank=True, db_index=True, max_length=100)),
                ("body", models.TextField()),
                ("signed_with", models.CharField(help_text="current or previous key", max_length=10)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(help_text="When the sweep takes it up, if no task has."),
                ),
                ("last_error", models.CharField(blank=True, max_length=500)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("applied", "Applied: the payment was checked with the gateway"),
                            ("kept", "Kept: nothing here acts on such an event"),
                            ("unknown_reference", "Unknown reference: nothing credited"),
                            ("unreadable", "Unreadable: signed, but not in the documented shape"),
                            ("unconfirmed", "Unconfirmed: the gateway never agreed when asked"),
                            ("failed", "Failed: processing it went wrong too often"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("processed_at__isnull", True)),
                        fields=["next_attempt_at"],
                        name="webhook_to_process",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("processed_at__isnull", True), ("outcome", "")),
                            models.Q(
                                ("processed_at__isnull", False),
                                (
                                    "outcome__in",
                                    [
                                        "applied",
                                        "kept",
                                        "unknown_reference",
                                        "unreadable",
                                        "unconfirmed",
                                        "failed",
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="webhook_outcome_iff_processed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway_dispute_id", models.CharField(max_length=40, unique=True)),
                (
                    "amount_ghs",
                    config.core.models.GhsField(
                        decimal_places=2, help_text="What the payer wants back.", max_digits=14
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open: we have to answer"),
                            ("ANSWERED", "Answered: the bank decides"),
                            ("WON", "Won: the money stays"),
                            ("LOST", "Lost: the money is gone"),
                        ],
                        default="OPEN",
                        max_length=10,
                    ),
                ),
                ("gateway_status", models.CharField(blank=True, max_length=40)),
                ("resolution", models.CharField(blank=True, max_length=40)),
                ("category", models.CharField(blank=True, max_length=80)),
                (
                    "message",
                    models.CharField(blank=True, help_text="The payer's, or the bank's.", max_length=500),
                ),
                ("due_at", models.DateTimeField(help_text="When it is lost unless answered.")),
                (
                    "warned_at",
                    models.DateTimeField(blank=True, help_text="The last warning sent about it.", null=True),
                ),
                (
                    "next_check_at",
                    models.DateTimeField(blank=True, help_text="When we next ask, or go on.", null=True),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accept", "Accept: the payer gets the money back"),
                            ("decline", "Decline: the payment was right"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answer_message", models.CharField(blank=True, max_length=500)),
                (
                    "answer_refund_ghs",
                    config.core.models.GhsField(
                        blank=True,
                        decimal_places=2,
                        help_text="What the payer gets back.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("evidence_id", models.CharField(blank=True, max_length=40)),
                ("uploaded_filename", models.CharField(blank=True, max_length=200)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answered_by", models.BigIntegerField(blank=True, null=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "history",
                    models.JSONField(
                        blank=True, default=list, help_text="[moment, state, message], oldest first."
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "OPEN")), fields=["due_at"], name="dispute_to_answer"
                    ),
                    models.Index(
                        condition=models.Q(("next_check_at__isnull", False)),
                        fields=["next_check_at"],
                        name="dispute_to_check",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_ghs__gt", 0)), name="dispute_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["OPEN", "ANSWERED", "WON", "LOST"])),
                        name="dispute_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("status__in", ["WON", "LOST"])),
                            models.Q(
                                models.Q(("status__in", ["WON", "LOST"]), _negated=True),
                                ("closed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_closed_at_iff_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer", ""),
                            models.Q(
                                ("answer__in", ["accept", "decline"]),
                                ("answer_refund_ghs__gte", 0),
                                models.Q(("answer_message", ""), _negated=True),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_answer_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_check_at__isnull", True), ("status__in", ["WON", "LOST"])),
                            models.Q(
                                models.Q(("status__in", ["WON", "LOST"]), _negated=True),
                                ("next_check_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_asked_about_until_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor_id", models.BigIntegerField()),
                ("action", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="payment_action_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("amount_ghs", config.core.models.GhsField(decimal_places=2, max_digits=14)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "Requested"),
                            ("PENDING", "Pending"),
                            ("PROCESSING", "Processing"),
                            ("NEEDS_ATTENTION", "Needs Attention"),
                            ("PROCESSED", "Processed"),
                            ("FAILED", "Failed"),
                        ],
                        default="REQUESTED",
                        editable=False,
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "requested_by",
                    models.BigIntegerField(blank=True, help_text="Empty: made at the gateway.", null=True),
                ),
                ("gateway_refund_id", models.CharField(blank=True, max_length=40)),
                ("gateway_message", models.CharField(blank=True, max_length=300)),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True, help_text="Set before it is sent to the gateway.", null=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, help_text="How often it was sent.")),
                (
                    "next_check_at",
                    models.DateTimeField(blank=True, help_text="When we next send or ask.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "history",
                    models.JSONField(
                        blank=True, default=list, help_text="[moment, state, message], oldest first."
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_check_at__isnull", False)),
                        fields=["next_check_at"],
                        name="refund_to_check",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_ghs__gt", 0)), name="refund_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "REQUESTED",
                                    "PENDING",
                                    "PROCESSING",
                                    "NEEDS_ATTENTION",
                                    "PROCESSED",
                                    "FAILED",
                                ],
                            )
                        ),
                        name="refund_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("status__in", ["PROCESSED", "FAILED"])),
                            models.Q(
                                models.Q(("status__in", ["PROCESSED", "FAILED"]), _negated=True),
                                ("finished_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="refund_finished_at_iff_finished",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ["REQUESTED", "PENDING", "PROCESSING", "NEEDS_ATTENTION"])
                        ),
                        fields=("payment",),
                        name="refund_one_open_per_payment",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("gateway_refund_id", ""), _negated=True),
                        fields=("gateway_refund_id",),
                        name="refund_gateway_id_once",
                    ),
                ],
            },
        ),
    ]
