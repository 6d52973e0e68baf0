import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ai_features.models.fields import DecimalJSONField
from config.core.models import CreditsField


class AIRequest(models.Model):
    """One answered or failed AI call: what was asked (sanitised), what left, what came back, what it charged.

    A row is written when the outcome is known. While a call runs, its open hold is the record of it; a paid
    answer is `answered` from the moment it is stored until its charge is confirmed.
    """

    class Status(models.TextChoices):
        ANSWERED = "answered", "answered, charge not confirmed yet"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    class Source(models.TextChoices):
        AI = "ai"
        CACHED = "cached"
        LOCAL = "local"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    feature = models.CharField(max_length=60)
    prompt_version = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    error_code = models.CharField(max_length=60, blank=True, default="")
    request_data = DecimalJSONField(help_text="The validated input, sanitised.")
    sent = DecimalJSONField(null=True, help_text="The messages exactly as they left; empty when nothing did.")
    result = DecimalJSONField(null=True)
    notice = models.CharField(max_length=300, blank=True, default="")
    flags = ArrayField(
        models.CharField(max_length=40), default=list, help_text="Suspicious, but let through."
    )
    routing = DecimalJSONField(
        null=True, help_text="Of a free question: route, intent, reason, confidence; empty for a feature."
    )
    credits_charged = CreditsField(default=0)
    hold_id = models.BigIntegerField(null=True)
    transaction_id = models.BigIntegerField(null=True)
    model = models.CharField(max_length=120, blank=True, default="")
    usage = DecimalJSONField(null=True, help_text="Tokens and cost of all attempts together.")
    response_time_ms = models.PositiveIntegerField(default=0)
    idempotency_key = models.CharField(max_length=255, null=True)
    question_key = models.CharField(
        max_length=64,
        null=True,
        editable=False,
        help_text="A keyed hash that calls with the same question share; only of whole answers of the AI.",
    )
    repeats = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="repeated_by", help_text="The call this one repeats."
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        verbose_name = "AI request"
        constraints = [
            models.CheckConstraint(
                name="ai_request_status", condition=Q(status__in=["answered", "succeeded", "failed"])
            ),
            models.CheckConstraint(
                name="ai_request_charges_answers_only",
                condition=Q(credits_charged=0)
                | Q(
                    credits_charged__gt=0,
                    status__in=["answered", "succeeded"],
                    source="ai",
                    result__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-created_at"], name="ai_request_by_business"),
            models.Index(
                fields=["business", "idempotency_key"],
                name="ai_request_by_key",
                condition=Q(idempotency_key__isnull=False),
            ),
            models.Index(
                fields=["business", "question_key", "-created_at"],
                name="ai_request_last_good",
                condition=Q(status="succeeded", source="ai", question_key__isnull=False),
            ),
            models.Index(fields=["finished_at"], name="ai_request_answered", condition=Q(status="answered")),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.status}"
