"""What staff see of the platform's figures. Costs of single calls are fractions of a cent: more places."""

from typing import Any

from rest_framework import serializers

from .billing import amount


def _ratio(help_text: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=2, allow_null=True, help_text=f"{help_text} Null without a divisor."
    )


class SumsSerializer(serializers.Serializer[Any]):
    queries = serializers.IntegerField()
    successes = serializers.IntegerField()
    paid = serializers.IntegerField(help_text="Answered by a model.")
    local = serializers.IntegerField()
    cached = serializers.IntegerField()
    credits = amount()
    revenue_ghs = amount(help_text="Value of the grants that were burnt.")
    cost_usd = serializers.DecimalField(max_digits=20, decimal_places=8)
    cost_ghs = amount()
    margin_ghs = amount()
    margin = _ratio("100 × (1 - cost ÷ revenue).")
    roi = _ratio("100 × (revenue - cost) ÷ cost.")
    cost_per_query = serializers.DecimalField(
        max_digits=20, decimal_places=8, allow_null=True, help_text="USD"
    )
    queries_per_usd = _ratio("Queries ÷ cost in USD.")
    local_ratio = _ratio("Percent of the queries.")


class DaySumsSerializer(SumsSerializer):
    day = serializers.DateField()


class FeatureSumsSerializer(SumsSerializer):
    feature = serializers.CharField()


class ModelSumsSerializer(SumsSerializer):
    model = serializers.CharField()


class BusinessSumsSerializer(SumsSerializer):
    business_id = serializers.UUIDField()
    name = serializers.CharField()


class UserSumsSerializer(SumsSerializer):
    user_id = serializers.IntegerField()
    email = serializers.CharField()


class MoneySerializer(serializers.Serializer[Any]):
    """In GHS, tax included."""

    sales_ghs = amount()
    refunds_ghs = amount()
    net_sales_ghs = amount()
    recognised_ghs = amount(help_text="Paid credits that were burnt or expired.")
    of_it_expired_ghs = amount()
    deferred_ghs = amount(help_text="Paid credits that are unspent now.")


class OpportunitySerializer(serializers.Serializer[Any]):
    business_id = serializers.UUIDField()
    name = serializers.CharField()
    free_credits = amount()
    used = amount()
    uses = serializers.IntegerField(help_text="In the period.")


class UserAnalyticsSerializer(serializers.Serializer[Any]):
    period_days = serializers.IntegerField()
    totals = SumsSerializer()
    by_day = DaySumsSerializer(many=True)
    by_feature = FeatureSumsSerializer(many=True)
    by_model = ModelSumsSerializer(many=True)


class AnalyticsSerializer(UserAnalyticsSerializer):
    by_business = BusinessSumsSerializer(many=True)
    top_users = UserSumsSerializer(many=True)
    money = MoneySerializer()
    conversion_opportunities = OpportunitySerializer(many=True)


class PlaceSerializer(serializers.Serializer[Any]):
    """One membership of the user, with what is left of its role's allowance today."""

    business_id = serializers.UUIDField()
    business = serializers.CharField()
    role = serializers.CharField()
    daily_limit_usd = serializers.DecimalField(max_digits=12, decimal_places=2)
    used_today_usd = serializers.DecimalField(max_digits=20, decimal_places=8)
    remaining_today_usd = serializers.DecimalField(max_digits=20, decimal_places=8)


class UserUsageSerializer(UserAnalyticsSerializer):
    user_id = serializers.IntegerField()
    email = serializers.CharField()
    places = PlaceSerializer(many=True)
