from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.core.phone import WalletPhoneField

from . import selectors
from .models import Payment, SavedCard
from .services import payments
from .types import Network, NextAction, PaymentMethod


class AttemptSerializer(serializers.ModelSerializer[Payment]):
    network = serializers.ChoiceField(choices=[*Network.choices, ("", "Not by a prompt on a phone")])

    class Meta:
        model = Payment
        fields = ["reference", "status", "method", "network", "created_at"]
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    amount = serializers.DecimalField(
        source="amount_ghs", max_digits=14, decimal_places=2, help_text="In cedis."
    )
    expires_at = serializers.DateTimeField(
        source="prompt_expires_at",
        allow_null=True,
        help_text="When the prompt on the phone is over; null without one.",
    )
    next_action = serializers.ChoiceField(choices=[*NextAction.choices, ("", "Nothing is left to do")])
    message = serializers.CharField(
        source="gateway_response", help_text="In the payment company's words; may be empty."
    )
    attempts = serializers.SerializerMethodField(help_text="All attempts at the same order, newest first.")

    class Meta:
        model = Payment
        fields = [
            "reference",
            "status",
            "purpose",
            "method",
            "amount",
            "currency",
            "channel",
            "payment_url",
            "next_action",
            "display_text",
            "expires_at",
            "message",
            "created_at",
            "settled_at",
            "attempts",
        ]
        read_only_fields = fields

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, payment: Payment) -> Any:
        return AttemptSerializer(selectors.attempts(payment), many=True).data


class CodeRequestSerializer(serializers.Serializer[Any]):
    otp = serializers.RegexField(
        r"^[A-Za-z0-9]{4,10}$",
        error_messages={"invalid": "Enter the code as you received it: 4 to 10 digits or letters."},
        write_only=True,
    )


class RetryRequestSerializer(serializers.Serializer[Any]):
    method = serializers.ChoiceField(
        choices=PaymentMethod.choices, required=False, help_text="MOMO where a phone is named, else PAYSTACK."
    )
    phone = WalletPhoneField(required=False, help_text="Is prompted; 055…, +233… or 233….")
    network = serializers.ChoiceField(choices=Network.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        default = PaymentMethod.MOMO if attrs.get("phone") else PaymentMethod.PAYSTACK
        way = {"method": default, "phone": "", "network": ""} | attrs
        if wrong := payments.problems(**way):
            raise serializers.ValidationError(wrong)
        return way


class SavedCardSerializer(serializers.ModelSerializer[SavedCard]):
    class Meta:
        model = SavedCard
        fields = ["id", "brand", "last4", "exp_month", "exp_year", "bank", "created_at"]
        read_only_fields = fields


class ReceivedSerializer(serializers.Serializer[None]):
    received = serializers.BooleanField()
