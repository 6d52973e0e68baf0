"""Bodies of the billing endpoints. Credits and cedis are numbers with two decimals."""

from typing import Any

from rest_framework import serializers

from config.core.phone import WalletPhoneField
from payments.services import payments
from payments.types import Network, NextAction, PaymentMethod


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


class WayToPaySerializer(serializers.Serializer[Any]):
    """How an order is paid: on the gateway's page, by a prompt on a phone, or with a saved card."""

    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    phone = WalletPhoneField(
        required=False, help_text="MOMO only: is prompted. 055…, +233… or 233…; without it, a page opens."
    )
    network = serializers.ChoiceField(choices=Network.choices, required=False, help_text="Of the phone.")
    card_id = serializers.IntegerField(
        required=False, min_value=1, help_text="PAYSTACK only: a saved card, charged at once."
    )
    save_card = serializers.BooleanField(
        required=False, help_text="PAYSTACK only: keep the card, to charge it again."
    )
    callback_url = serializers.URLField(
        max_length=500, required=False, help_text="Where the browser goes after paying."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = ("phone", "network", "card_id", "save_card")
        way = {name: attrs[name] for name in names if name in attrs}
        if wrong := payments.problems(method=attrs["payment_method"], **way):
            raise serializers.ValidationError(wrong)
        return attrs


class PurchaseRequestSerializer(WayToPaySerializer):
    pack_type = serializers.CharField(max_length=20)
    amount = amount(required=False, help_text="Cedis, for a CUSTOM pack only.")


class StartedSerializer(serializers.Serializer[Any]):
    """What the payer does now."""

    payment_reference = serializers.CharField(source="payment.reference")
    payment_status = serializers.CharField(source="payment.status")
    payment_url = serializers.CharField(
        source="payment.payment_url", help_text="The gateway's page, or ours while a prompt is open."
    )
    next_action = serializers.ChoiceField(
        source="payment.next_action", choices=[*NextAction.choices, ("", "Nothing is left to do")]
    )
    display_text = serializers.CharField(source="payment.display_text", help_text="For the payer.")
    expires_at = serializers.DateTimeField(
        source="payment.prompt_expires_at",
        allow_null=True,
        help_text="When the prompt is over; null without one.",
    )


class PackDetailsSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="pack_type")
    price = amount(source="price_ghs")
    credits = amount()
    bonus = amount(source="bonus_credits")
    total_credits = amount()


class PurchaseSerializer(StartedSerializer):
    purchase_id = serializers.UUIDField(source="pk")
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
    days = serializers.IntegerField(
        min_value=1,
        max_value=366,
        default=30,
        help_text="Today, in the business's time zone, and those before it.",
    )


class UsageRowSerializer(serializers.Serializer[Any]):
    requests = serializers.IntegerField()
    successful_requests = serializers.IntegerField()
    credits = amount()


class FeatureUsageSerializer(UsageRowSerializer):
    feature = serializers.CharField()
    name = serializers.CharField()


class DayUsageSerializer(UsageRowSerializer):
    day = serializers.DateField()


class UsageStatsSerializer(serializers.Serializer[Any]):
    period_days = serializers.IntegerField()
    period_start = serializers.DateField(help_text="First day, in the business's time zone.")
    period_end = serializers.DateField(help_text="Today there.")
    current_balance = amount()
    total_credits_used = amount()
    total_requests = serializers.IntegerField()
    successful_requests = serializers.IntegerField()
    success_rate = amount(help_text="Per cent.")
    total_cost_ghs = amount(required=False, help_text="What the providers cost; for platform staff only.")
    avg_response_time_ms = serializers.IntegerField(help_text="Of successful requests.")
    feature_breakdown = FeatureUsageSerializer(many=True)
    most_used_feature = serializers.CharField(allow_null=True)
    daily = DayUsageSerializer(many=True, help_text="Days with at least one use.")
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


class AddonRequestSerializer(WayToPaySerializer):
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.PAYSTACK)


class AddonSerializer(StartedSerializer):
    addon_id = serializers.UUIDField()
    monthly_price = amount(source="addon.price_ghs")
    monthly_credits = amount(source="addon.credits")
    next_renewal = serializers.DateTimeField(help_text="If it is paid now.")


class CancelRequestSerializer(serializers.Serializer[Any]):
    immediate = serializers.BooleanField(default=False)


class CancelSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    cancelled_immediately = serializers.BooleanField()
    message = serializers.CharField()
