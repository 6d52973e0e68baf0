"""Bodies of the storefront plan."""

from typing import Any

from rest_framework import serializers

from payments.types import PaymentMethod
from subscriptions.models import StorefrontPlan

from .billing import StartedSerializer, WayToPaySerializer, amount


class StorefrontsSerializer(serializers.Serializer[Any]):
    storefronts = serializers.IntegerField(min_value=1, max_value=32767, help_text="In all, 100 at most.")


class StorefrontLineSerializer(serializers.Serializer[Any]):
    description = serializers.CharField()
    amount = amount(source="amount_ghs")


class StorefrontTaxSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=4)
    amount = amount(source="amount_ghs")


class StorefrontChangeCostSerializer(serializers.Serializer[Any]):
    pay_now = amount(source="now_ghs", help_text="For the rest of the month, by days; 0 for fewer.")
    from_renewal = amount(source="next_ghs", help_text="A month.")
    renews_at = serializers.DateTimeField()


class StorefrontQuoteSerializer(serializers.Serializer[Any]):
    storefronts = serializers.IntegerField()
    price = amount(source="price_ghs", help_text="Cedis a month, taxes included.")
    breakdown = StorefrontLineSerializer(source="lines", many=True)
    base = amount(source="base_ghs")
    taxes = StorefrontTaxSerializer(many=True)
    free_credits = amount(help_text="With each month; gone at its end.")
    change = StorefrontChangeCostSerializer(
        allow_null=True, help_text="Null without a plan that is paid and renews."
    )


class StorefrontSubscribeRequestSerializer(StorefrontsSerializer, WayToPaySerializer):
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.PAYSTACK)


class StorefrontSubscribedSerializer(StartedSerializer):
    plan_id = serializers.UUIDField()
    storefronts = serializers.IntegerField()
    monthly_price = amount(source="price_ghs")
    next_renewal = serializers.DateTimeField(help_text="If it is paid now.")


class StorefrontChangedSerializer(serializers.Serializer[Any]):
    storefronts = serializers.IntegerField(help_text="Paid for now.")
    next_storefronts = serializers.IntegerField(help_text="From the next renewal on, as agreed so far.")
    pay_now = amount(source="cost.now_ghs")
    from_renewal = amount(source="cost.next_ghs")
    renews_at = serializers.DateTimeField(source="cost.renews_at")
    payment = StartedSerializer(source="order", allow_null=True, help_text="Null when nothing is to pay now.")
    message = serializers.CharField()


class StorefrontOwedSerializer(serializers.Serializer[Any]):
    amount = amount(source="amount_ghs")
    storefronts = serializers.IntegerField()
    payment_reference = serializers.CharField(help_text="Empty for the minutes until it was asked for.")
    payment_url = serializers.CharField(help_text="Our page: pay there, by phone or card.")
    lapses_at = serializers.DateTimeField(help_text="Unless it is paid by then.")


class StorefrontPlanSerializer(serializers.Serializer[Any]):
    plan_id = serializers.UUIDField(source="plan.pk")
    status = serializers.ChoiceField(source="plan.status", choices=StorefrontPlan.Status.choices)
    storefronts = serializers.IntegerField(source="plan.storefronts")
    price = amount(source="plan.price_ghs", help_text="Cedis a month.")
    period_start = serializers.DateTimeField(source="month.starts_at")
    period_end = serializers.DateTimeField(source="plan.period_end")
    free_credits = amount(source="month.free_credits", help_text="That came with this month.")
    renews = serializers.BooleanField(source="plan.renews")
    next_renewal = serializers.DateTimeField(allow_null=True, help_text="Null once it is cancelled.")
    next_storefronts = serializers.IntegerField(source="plan.next_storefronts")
    next_price = amount(source="plan.next_price_ghs")
    owed = StorefrontOwedSerializer(allow_null=True, help_text="The renewal that waits to be paid.")
