"""The shape of a credit assessment: the model's words, and beside them what was computed here."""

from typing import Any

from rest_framework import serializers


def _ghs(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, **options)


class CreditOutput(serializers.Serializer):
    """The model's words."""

    explanation = serializers.CharField(
        max_length=1500, help_text="Three to six sentences: what is recommended and which facts carry it."
    )
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=400),
        min_length=1,
        max_length=6,
        help_text="Two to five, the weightiest first, one sentence each.",
    )
    next_steps = serializers.ListField(
        child=serializers.CharField(max_length=400),
        min_length=1,
        max_length=5,
        help_text="What the shop does now, one short sentence each.",
    )


class CreditFactor(serializers.Serializer):
    name = serializers.CharField()
    points = serializers.IntegerField()
    maximum = serializers.IntegerField()
    why = serializers.CharField()


class CreditHistory(serializers.Serializer):
    invoices = serializers.IntegerField(help_text="Those that were paid or are past due.")
    months = serializers.DecimalField(max_digits=6, decimal_places=1)
    monthly_purchases_ghs = _ghs(help_text="An average month's purchases on credit.")
    supported_limit_ghs = _ghs(help_text="What these purchases would support at this score.")
    overdue_ghs = _ghs()
    oldest_overdue_days = serializers.IntegerField()
    trend = serializers.ChoiceField(["improving", "steady", "worsening"])


class CreditResult(CreditOutput):
    """With what was computed here. The points of the factors add up to the score."""

    recommendation = serializers.ChoiceField(["approve", "approve_reduced", "decline"])
    amount_ghs = _ghs(help_text="The recommended limit.")
    terms_days = serializers.IntegerField(help_text="Days to pay; 0 means cash on delivery.")
    confidence = serializers.ChoiceField(["high", "medium", "low"])
    score = serializers.IntegerField(min_value=0, max_value=100)
    factors = CreditFactor(many=True)
    conditions = serializers.ListField(child=serializers.CharField())
    history = CreditHistory()
    advisory = serializers.CharField()
