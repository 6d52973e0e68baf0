"""Shapes of the AI endpoints."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

from ai_features import selectors
from ai_features.models import AIJob, AIJobPart


def _amount(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, **kwargs)


class FreshMixin(serializers.Serializer):
    fresh = serializers.BooleanField(
        default=False, help_text="Ask the model again instead of a stored answer."
    )
    ask_ai = serializers.BooleanField(
        default=False, help_text="Ask the AI instead of taking an answer that could be made here, free."
    )


class EnvelopeSerializer(serializers.Serializer):
    """The answer of every feature."""

    id = serializers.UUIDField()
    feature = serializers.CharField()
    source = serializers.ChoiceField(["ai", "cached", "local"])  # type: ignore[assignment]
    result = serializers.JSONField()
    credits_charged = _amount()
    new_balance = _amount(allow_null=True, help_text="null while the charge is being confirmed.")
    low_credit_warning = serializers.BooleanField()
    model = serializers.CharField(allow_null=True)
    response_time_ms = serializers.IntegerField()
    notice = serializers.CharField(allow_null=True)
    indicator = serializers.CharField(help_text="Where it came from and what it cost, to show beside it.")


class RoutingSerializer(serializers.Serializer):
    """Why a free question was answered where it was."""

    route = serializers.ChoiceField(["local", "ai"])
    intent = serializers.CharField()
    reason = serializers.CharField()
    confidence = serializers.DecimalField(
        max_digits=3, decimal_places=2, help_text="Share of the words that speak for it, 0 to 1."
    )


class AskEnvelopeSerializer(EnvelopeSerializer):
    """The answer to a free question."""

    routing = RoutingSerializer(allow_null=True)


class LocalAnswerSerializer(serializers.Serializer):
    """About the account. `figures` are those of the text; `see` is the endpoint that says it all."""

    answer = serializers.CharField()
    figures = serializers.DictField()
    see = serializers.CharField(allow_null=True)
    free_questions = serializers.ListField(child=serializers.CharField())


class StoredAnswerSerializer(serializers.Serializer):
    """A call as it was stored: its answer, or why there is none."""

    id = serializers.UUIDField()
    feature = serializers.CharField()
    status = serializers.ChoiceField(["answered", "succeeded", "failed"])
    source = serializers.ChoiceField(["ai", "cached", "local"])  # type: ignore[assignment]
    result = serializers.JSONField(allow_null=True)
    credits_charged = _amount()
    model = serializers.SerializerMethodField()
    response_time_ms = serializers.IntegerField()
    notice = serializers.SerializerMethodField()
    error_code = serializers.SerializerMethodField()
    repeats = serializers.UUIDField(source="repeats_id", allow_null=True)
    routing = RoutingSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()

    def get_model(self, request: Any) -> str | None:
        return request.model or None

    def get_notice(self, request: Any) -> str | None:
        return request.notice or None

    def get_error_code(self, request: Any) -> str | None:
        return request.error_code or None


class MessageSerializer(serializers.Serializer):
    role = serializers.CharField()
    content = serializers.CharField()


class SentSerializer(serializers.Serializer):
    """Exactly what left for the provider; an empty list when nothing did."""

    id = serializers.UUIDField()
    model = serializers.SerializerMethodField()
    messages = serializers.SerializerMethodField()

    def get_model(self, request: Any) -> str | None:
        return request.model or None

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, request: Any) -> list[dict[str, str]]:
        return request.sent or []


class ReceiptGrantSerializer(serializers.Serializer):
    source = serializers.CharField()  # type: ignore[assignment]
    credits = _amount()
    unit_value_ghs = serializers.DecimalField(max_digits=12, decimal_places=6)


class TokensSerializer(serializers.Serializer):
    input = serializers.IntegerField()
    cached = serializers.IntegerField()
    output = serializers.IntegerField()
    reasoning = serializers.IntegerField()


class ReceiptSerializer(serializers.Serializer):
    """What one call held, charged and gave back. What it cost us is for staff."""

    STAFF_ONLY = ("revenue_ghs", "provider_cost_usd", "provider_cost_ghs", "tokens")

    transaction_id = serializers.IntegerField()
    status = serializers.ChoiceField(["success", "failed", "abandoned"])
    source = serializers.ChoiceField(["ai", "cached", "local"])  # type: ignore[assignment]
    held = _amount()
    captured = _amount()
    returned = _amount()
    late = serializers.BooleanField(help_text="Charged after the reservation had ended.")
    grants = ReceiptGrantSerializer(many=True)
    model = serializers.CharField(allow_null=True)
    price_version = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    revenue_ghs = serializers.DecimalField(max_digits=16, decimal_places=6, required=False)
    provider_cost_usd = serializers.DecimalField(max_digits=18, decimal_places=8, required=False)
    provider_cost_ghs = serializers.DecimalField(max_digits=18, decimal_places=8, required=False)
    tokens = TokensSerializer(required=False)

    def to_representation(self, receipt: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(receipt)
        if not self.context.get("is_staff"):
            for name in self.STAFF_ONLY:
                shown.pop(name)
        return shown


class JobCreateSerializer(serializers.Serializer):
    """What to do with each of up to fifty items. `items` have the shape of the feature's own input."""

    feature = serializers.CharField(max_length=60)
    items = serializers.ListField(
        child=serializers.JSONField(encoder=JSONEncoder),  # which knows Decimal: every fraction is one here
        min_length=1,
        max_length=50,
    )


class JobItemSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    status = serializers.ChoiceField(AIJobPart.Status.choices)
    request_id = serializers.UUIDField(allow_null=True)
    result = serializers.JSONField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    detail = serializers.CharField()


class JobSummarySerializer(serializers.Serializer):
    """How far a job is. `percent` counts every item that has ended, well or not."""

    id = serializers.UUIDField()
    feature = serializers.CharField()
    status = serializers.ChoiceField(AIJob.Status.choices)
    total = serializers.IntegerField()
    done = serializers.SerializerMethodField()
    failed = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    credits_charged = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def _count(self, job: Any, *statuses: str) -> int:
        return sum(1 for item in selectors.job_items(job) if item["status"] in statuses)

    def get_done(self, job: Any) -> int:
        return self._count(job, "done")

    def get_failed(self, job: Any) -> int:
        return self._count(job, "failed")

    def get_percent(self, job: Any) -> int:
        return 100 * self._count(job, "done", "failed", "cancelled") // job.total

    @extend_schema_field(_amount())
    def get_credits_charged(self, job: Any) -> Any:
        return selectors.job_charge(job)


class JobSerializer(JobSummarySerializer):
    items = serializers.SerializerMethodField()

    @extend_schema_field(JobItemSerializer(many=True))
    def get_items(self, job: Any) -> list[dict[str, Any]]:
        return selectors.job_items(job)


class LastGoodAnswerSerializer(serializers.Serializer):
    """What the AI last answered to the same question of the same role, with the same names in it."""

    source = serializers.ChoiceField(["ai", "cached", "local"])  # type: ignore[assignment]
    request_id = serializers.UUIDField(help_text="The call that was paid for it.")
    result = serializers.JSONField()
    credits_charged = _amount(help_text="0")
    model = serializers.CharField()
    answered_at = serializers.DateTimeField()
    age = serializers.CharField(help_text="In words: 3 days.")
    notice = serializers.CharField()


class AIErrorSerializer(serializers.Serializer):
    """Every refusal: a code, what to do, and data that depends on the code."""

    code = serializers.CharField()
    detail = serializers.CharField()
    request_id = serializers.UUIDField(
        required=False, help_text="Its receipt shows that nothing was charged."
    )
    local_answer = serializers.JSONField(required=False, help_text="A plain answer made without AI; free.")
    last_good_answer = LastGoodAnswerSerializer(
        required=False, help_text="The AI's last answer to this question, however old; free."
    )
    free_questions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What can be asked here without the AI."
    )
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(), required=False
    )
