from rest_framework import serializers

from .models import Payment


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    amount = serializers.DecimalField(
        source="amount_ghs", max_digits=14, decimal_places=2, help_text="In cedis."
    )
    message = serializers.CharField(
        source="gateway_response", help_text="In the payment company's words; may be empty."
    )

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
            "message",
            "created_at",
            "settled_at",
        ]
        read_only_fields = fields


class ReceivedSerializer(serializers.Serializer[None]):
    received = serializers.BooleanField()
