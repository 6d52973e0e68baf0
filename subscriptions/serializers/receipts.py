"""Bodies of the purchase and receipt endpoints."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from payments.types import NextAction, PaymentMethod, PaymentStatus, RefundStatus
from subscriptions.models import AICreditPurchase, DocumentKind
from subscriptions.selectors import purchases, refundable

from .billing import amount

_REFUNDABLE = "Whether a refund can be asked for now: within 7 days, and something of it is unspent."
_REFUNDABLE_AMOUNT = "Cedis that would go back if it were asked for now; 0 when it can't be."


class OrderAttemptSerializer(serializers.Serializer[Any]):
    """One attempt to pay."""

    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=PaymentStatus.choices)
    method = serializers.ChoiceField(choices=PaymentMethod.choices)
    channel = serializers.CharField(help_text="How it was paid, in the gateway's word; empty until then.")
    next_action = serializers.ChoiceField(
        choices=NextAction.choices, allow_blank=True, help_text="Empty: nothing is left to do."
    )
    payment_url = serializers.CharField(help_text="The payment page, if there is one.")
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class PurchaseRowSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pack_type = serializers.CharField()
    pack_name = serializers.CharField()
    price = amount(source="price_ghs", help_text="Cedis, tax inclusive.")
    credits = amount(help_text="Without bonus.")
    bonus_credits = amount()
    total_credits = amount()
    status = serializers.ChoiceField(choices=AICreditPurchase.Status.choices)
    payment = serializers.SerializerMethodField(help_text="The attempt that paid, else the last one.")
    receipt_number = serializers.CharField(allow_null=True, help_text="Null until it is paid.")
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    refundable = serializers.SerializerMethodField(help_text=_REFUNDABLE)
    refundable_amount = serializers.SerializerMethodField(help_text=_REFUNDABLE_AMOUNT)

    @extend_schema_field(OrderAttemptSerializer)
    def get_payment(self, purchase: AICreditPurchase) -> Any:
        return OrderAttemptSerializer(purchases.current_attempt(purchase=purchase)).data

    def get_refundable(self, purchase: AICreditPurchase) -> bool:
        return refundable.for_owner_ghs(purchase=purchase) > 0

    @extend_schema_field(amount())
    def get_refundable_amount(self, purchase: AICreditPurchase) -> Any:
        return refundable.for_owner_ghs(purchase=purchase)


class MoneyBackSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="Of the payment it goes back from.")
    amount = amount(source="amount_ghs")
    status = serializers.ChoiceField(choices=RefundStatus.choices)
    credit_note = serializers.CharField(allow_null=True, help_text="Its number, once the money is back.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PurchaseDetailSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="purchase.pk")
    pack_type = serializers.CharField(source="purchase.pack_type")
    pack_name = serializers.CharField(source="purchase.pack_name")
    price = amount(source="purchase.price_ghs", help_text="Cedis, tax inclusive.")
    credits = amount(source="purchase.credits", help_text="Without bonus.")
    bonus_credits = amount(source="purchase.bonus_credits")
    total_credits = amount(source="purchase.total_credits")
    status = serializers.ChoiceField(source="purchase.status", choices=AICreditPurchase.Status.choices)
    payment = OrderAttemptSerializer(help_text="The attempt that paid, else the last one.")
    receipt_number = serializers.CharField(source="receipt", allow_null=True)
    created_at = serializers.DateTimeField(source="purchase.created_at")
    completed_at = serializers.DateTimeField(source="purchase.completed_at", allow_null=True)
    refundable = serializers.BooleanField(help_text=_REFUNDABLE)
    refundable_amount = amount(help_text=_REFUNDABLE_AMOUNT)
    attempts = OrderAttemptSerializer(many=True)
    refunds = MoneyBackSerializer(many=True)


class TaxLineSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=4, help_text="0.15 for 15%")
    amount = amount(source="amount_ghs")


class TaxReceiptSerializer(serializers.Serializer[Any]):
    """Everything as it was on the day. On a credit note the amounts are what went back."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=DocumentKind.choices, help_text="SK: receipt, CN: credit note.")
    corrects = serializers.CharField(
        source="corrects.number", default=None, allow_null=True, help_text="A credit note's receipt."
    )
    issued_at = serializers.DateTimeField(source="created_at")
    seller_name = serializers.CharField()
    seller_tin = serializers.CharField(allow_blank=True)
    seller_address = serializers.CharField(allow_blank=True)
    customer_name = serializers.CharField()
    customer_email = serializers.EmailField()
    description = serializers.CharField()
    credits = amount(help_text="Without bonus. Of the sale, also on a credit note.")
    bonus_credits = amount()
    base = amount(source="base_ghs", help_text="Net of taxes. Base and taxes add up to the total.")
    taxes = TaxLineSerializer(many=True)
    total = amount(source="total_ghs")
    payment_method = serializers.CharField(help_text="MOMO, PAYSTACK or STRIPE.")
    channel = serializers.CharField(allow_blank=True)
    payment_reference = serializers.CharField(source="reference")
