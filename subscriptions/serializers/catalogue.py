"""Body of the price list."""

from typing import Any

from rest_framework import serializers

from .billing import amount


class PackSerializer(serializers.Serializer[Any]):
    """`savings` and `recommended` are there only where they say something."""

    type = serializers.CharField()
    name = serializers.CharField()
    price = amount(source="price_ghs", allow_null=True, help_text="Null for a custom amount.")
    min_price = amount(source="min_price_ghs", required=False, help_text="For a custom amount.")
    max_price = amount(source="max_price_ghs", required=False, help_text="For a custom amount.")
    credits = amount(allow_null=True, help_text="Without bonus. Null for a custom amount.")
    bonus_credits = amount()
    total_credits = amount(allow_null=True)
    cost_per_credit = amount(help_text="Cedis.")
    savings = serializers.CharField(required=False)
    recommended = serializers.BooleanField(required=False)


class FeatureCostSerializer(serializers.Serializer[Any]):
    """`popular` and `needs_addon` are there only where they are true."""

    feature = serializers.CharField(source="slug")
    name = serializers.CharField()
    credits = amount()
    description = serializers.CharField()
    category = serializers.CharField()
    popular = serializers.BooleanField(required=False)
    needs_addon = serializers.BooleanField(required=False)


class AddonOfferSerializer(serializers.Serializer[Any]):
    available = serializers.BooleanField()
    price = amount(source="price_ghs", allow_null=True)
    credits = amount(allow_null=True)
    description = serializers.CharField(allow_blank=True)
    savings = serializers.CharField(allow_blank=True)


class PricingSerializer(serializers.Serializer[Any]):
    credit_packs = PackSerializer(many=True)
    feature_costs = FeatureCostSerializer(many=True)
    monthly_addon = AddonOfferSerializer()
