"""Bodies of the add-on's endpoints."""

from typing import Any

from rest_framework import serializers

from .billing import AddonSerializer, amount


class OwedSerializer(serializers.Serializer[Any]):
    amount = amount(source="amount_ghs")
    starts_at = serializers.DateTimeField(help_text="Of the month that is due.")
    ends_at = serializers.DateTimeField()
    pay_by = serializers.DateTimeField(help_text="Then the add-on lapses.")
    payment_reference = serializers.CharField(source="reference", help_text="Empty until it is asked for.")
    payment_url = serializers.CharField(
        source="link", help_text="A page where anybody pays it, also days later; empty until it is asked for."
    )


class AddonCardSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    brand = serializers.CharField()
    last4 = serializers.CharField()


class MonthSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="0 for the first.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    price = amount(source="paid_by.paid_ghs")
    rolled_over = amount(
        allow_null=True,
        help_text="Kept from the months before; null while a running call may use them.",
    )
    payment_reference = serializers.CharField(source="paid_by.reference")
    receipt_number = serializers.CharField(allow_null=True)


STATUSES = ["PENDING", "ACTIVE", "DUE", "CANCELLED", "LAPSED", "REFUNDED", "UNAPPLIED"]


class AddonOverviewSerializer(serializers.Serializer[Any]):
    addon_id = serializers.UUIDField(source="addon.pk")
    status = serializers.ChoiceField(
        choices=STATUSES, help_text="DUE: the next month is not paid, and its credits can't be used."
    )
    monthly_price = amount(source="addon.price_ghs")
    monthly_credits = amount(source="addon.credits")
    rollover_cap = amount(source="addon.rollover_cap")
    period_end = serializers.DateTimeField(
        source="addon.period_end", allow_null=True, help_text="Of the last paid month."
    )
    next_renewal = serializers.DateTimeField(allow_null=True, help_text="Null unless it will be renewed.")
    card = AddonCardSerializer(
        source="addon.card", allow_null=True, help_text="Charged at renewals; null: its owner is asked."
    )
    cancelled_at = serializers.DateTimeField(source="addon.cancelled_at", allow_null=True)
    owed = OwedSerializer(allow_null=True)
    periods = MonthSerializer(many=True, help_text="The last 12 paid months, newest first.")


class RenewalSerializer(AddonSerializer):
    next_renewal = serializers.DateTimeField(help_text="The end of the month that is due.")
