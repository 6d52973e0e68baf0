"""The shape of an insight: the words, and beside them what was computed here."""

from typing import Any

from rest_framework import serializers

from ai_features.facts import rfm
from ai_features.routing.data_questions import INTENTS


def _ghs(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, **options)


def _count(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(**options)


class InsightOutput(serializers.Serializer):
    answer = serializers.CharField(max_length=2400, help_text="Two to six sentences for the owner.")
    figures_used = serializers.ListField(
        child=serializers.CharField(max_length=300),
        min_length=1,
        max_length=12,
        help_text="What the answer rests on, e.g. Owed: GHS 1,200.",
    )
    next_step = serializers.CharField(max_length=600, help_text="The one thing to do first.")


class InsightCustomer(serializers.Serializer):
    rank = _count()
    customer = serializers.CharField()
    code = serializers.CharField(allow_null=True)
    spent_ghs = _ghs(allow_null=True)
    purchases = _count(allow_null=True)
    days_since = _count(allow_null=True, help_text="Days since the last purchase or visit.")
    balance_ghs = _ghs(allow_null=True)
    segment = serializers.ChoiceField(list(rfm.SEGMENTS), allow_null=True)


class InsightTotals(serializers.Serializer):
    customers = _count()
    spent_ghs = _ghs(allow_null=True)
    average_spend_ghs = _ghs(allow_null=True)
    purchases = _count(allow_null=True)
    average_purchases = serializers.DecimalField(max_digits=10, decimal_places=1, allow_null=True)
    average_purchase_ghs = _ghs(allow_null=True)
    debtors = _count(allow_null=True)
    owed_ghs = _ghs(allow_null=True)
    average_debt_ghs = _ghs(allow_null=True)


class InsightRetention(serializers.Serializer):
    """Per cent of those of whom it is known."""

    lapsed_after_days = _count()
    active = _count(allow_null=True)
    active_percent = _count(allow_null=True)
    lapsed = _count(allow_null=True)
    lapsed_spent_ghs = _ghs(allow_null=True)
    bought_again_percent = _count(allow_null=True, help_text="Of the buyers, those who bought twice or more.")
    retained_percent = _count(
        allow_null=True, help_text="Of those who bought in the period before, who did so again."
    )
    retained_money_percent = _count(allow_null=True, help_text="What they spend now against then.")
    came_without_buying = _count(help_text="Seen lately, but not bought.")


class InsightConcentration(serializers.Serializer):
    """Of the money spent."""

    largest_percent = _count()
    top_5_percent = _count()
    top_fifth_customers = _count()
    top_fifth_percent = _count()
    hhi = _count(help_text="Herfindahl-Hirschman index, 0 to 10,000.")


class InsightSegment(serializers.Serializer):
    segment = serializers.ChoiceField(list(rfm.SEGMENTS))
    name = serializers.CharField()
    customers = _count()
    customers_percent = _count()
    spent_ghs = _ghs()
    spent_percent = _count()
    owed_ghs = _ghs()
    action = serializers.CharField(help_text="What is usually done.")


class InsightGroup(serializers.Serializer):
    group = serializers.CharField()
    customers = _count()
    spent_ghs = _ghs()
    spent_percent = _count(allow_null=True)
    average_spend_ghs = _ghs(allow_null=True)
    active_percent = _count(allow_null=True)
    owed_ghs = _ghs()


class InsightGroups(serializers.Serializer):
    field = serializers.CharField()
    groups = InsightGroup(many=True)


class InsightResult(InsightOutput):
    simple_question = serializers.ChoiceField(
        list(INTENTS), allow_null=True, help_text="The simple question that was answered here, without AI."
    )
    customers = InsightCustomer(many=True, help_text="Whom a simple question asked for, in order.")
    segments = InsightSegment(many=True, help_text="By RFM; empty when fewer than five can be scored.")
    totals = InsightTotals()
    retention = InsightRetention()
    concentration = InsightConcentration(allow_null=True)
    lapsed_valuable = InsightCustomer(many=True, help_text="Whom to win back: the first twenty.")
    groups = InsightGroups(many=True)
