"""Bodies of the billing endpoints. Credits and cedis are numbers with two decimals."""

from typing import Any

from rest_framework import serializers

PAYMENT_METHODS = ["MOMO", "PAYSTACK", "STRIPE"]
NETWORKS = ["mtn", "vod", "atl"]


def amount(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, **kwargs)


class GrantSerializer(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]  # a field named as an attribute of Field
    credits = amount()
    remaining = amount()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    frozen = serializers.BooleanField(help_text="Unusable while the payer's bank disputes the payment.")


class AddonDetailsSerializer(serializers.Serializer[Any]):
    price = amount()
    credits = amount()
    next_renewal = serializers.DateTimeField(allow_null=True, help_text="Null once it is cancelled.")


class RunwaySerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(allow_null=True, help_text="Null while nothing was used in 14 days.")
    text = serializers.CharField()
    per_feature = serializers.DictField(child=serializers.IntegerField())


class CreditsSerializer(serializers.Serializer[Any]):
    balance = amount()
    total_purchased = amount()
    total_used = amount()
    has_monthly_addon = serializers.BooleanField()
    monthly_addon_details = AddonDetailsSerializer(allow_null=True)
    held = amount(help_text="Reserved by calls that are running.")
    available = amount(help_text="What can be spent now.")
    debt = amount(help_text="Paid first by the next credits.")
    grants = GrantSerializer(many=True)
    runway = RunwaySerializer()


class CheckSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    has_credits = serializers.BooleanField(source="ok")
    required = amount()  # type: ignore[assignment]
    available = amount()
    shortfall = amount()


class TrialSerializer(serializers.Serializer[Any]):
    credits_added = amount()
    new_balance = amount()
    message = serializers.CharField()


class PurchaseRequestSerializer(serializers.Serializer[Any]):
    pack_type = serializers.CharField(max_length=20)
    payment_method = serializers.ChoiceField(choices=PAYMENT_METHODS)
    amount = amount(required=False, help_text="Cedis, for a CUSTOM pack only.")
    phone = serializers.CharField(max_length=20, required=False, help_text="For mobile money.")
    network = serializers.ChoiceField(choices=NETWORKS, required=False)
    callback_url = serializers.URLField(
        max_length=500, required=False, help_text="Where the browser goes after paying."
    )


class PackDetailsSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="pack_type")
    price = amount(source="price_ghs")
    credits = amount()
    bonus = amount(source="bonus_credits")
    total_credits = amount()


class PurchaseSerializer(serializers.Serializer[Any]):
    purchase_id = serializers.UUIDField(source="pk")
    payment_reference = serializers.CharField(source="payment.reference")
    payment_url = serializers.CharField(source="payment.payment_url")
    pack_details = PackDetailsSerializer(source="*")


class VerifyRequestSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField(max_length=100)


class VerifySerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    credits_added = amount()
    new_balance = amount()
    message = serializers.CharField()


class PendingSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    status = serializers.CharField()
    message = serializers.CharField()


class UsageQuerySerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=365, default=30)


class UsageRowSerializer(serializers.Serializer[Any]):
    requests = serializers.IntegerField()
    successful_requests = serializers.IntegerField()
    credits = amount()


class FeatureUsageSerializer(UsageRowSerializer):
    feature = serializers.CharField()
    name = serializers.CharField()


class DailyUsageSerializer(UsageRowSerializer):
    day = serializers.DateField()


class UsageStatsSerializer(serializers.Serializer[Any]):
    period_days = serializers.IntegerField()
    current_balance = amount()
    total_credits_used = amount()
    total_requests = serializers.IntegerField()
    successful_requests = serializers.IntegerField()
    success_rate = amount(help_text="Per cent.")
    total_cost_ghs = amount(required=False, help_text="What the providers cost; for platform staff only.")
    avg_response_time_ms = serializers.IntegerField()
    feature_breakdown = FeatureUsageSerializer(many=True)
    most_used_feature = serializers.CharField(allow_null=True)
    daily = DailyUsageSerializer(many=True)
    cached = serializers.IntegerField()
    local = serializers.IntegerField()


class RefundRequestSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, default="Asked for by the buyer.")


class RefundSerializer(serializers.Serializer[Any]):
    refund_id = serializers.UUIDField(source="refund.pk")
    status = serializers.CharField(source="refund.status", help_text="PROCESSED once the money is back.")
    refund_amount = amount(source="refund.amount_ghs", help_text="Cedis.")
    credits_taken = amount(source="credits", help_text="They come back should the refund fail.")
    message = serializers.CharField()


class AddonRequestSerializer(serializers.Serializer[Any]):
    payment_method = serializers.ChoiceField(choices=PAYMENT_METHODS, default="PAYSTACK")
    callback_url = serializers.URLField(max_length=500, required=False)


class AddonSerializer(serializers.Serializer[Any]):
    addon_id = serializers.UUIDField()
    monthly_price = amount(source="addon.price_ghs")
    monthly_credits = amount(source="addon.credits")
    next_renewal = serializers.DateTimeField(help_text="If it is paid now.")
    payment_url = serializers.CharField(source="payment.payment_url")
    payment_reference = serializers.CharField(source="payment.reference")


class CancelRequestSerializer(serializers.Serializer[Any]):
    immediate = serializers.BooleanField(default=False)


class CancelSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    cancelled_immediately = serializers.BooleanField()
    message = serializers.CharField()
