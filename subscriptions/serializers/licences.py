"""Bodies of `licences/` and `tier/`."""

from typing import Any

from rest_framework import serializers

from subscriptions.models import Licence, LicenceMonth
from subscriptions.selectors import licences

from .billing import StartedSerializer, WayToPaySerializer, amount


class LicenceRequestSerializer(WayToPaySerializer):
    kind = serializers.ChoiceField(choices=Licence.Kind.choices)
    plan = serializers.SlugField(
        max_length=40, help_text="GET /api/subscriptions/tier/ lists those of api_tier."
    )
    user = serializers.IntegerField(
        required=False,
        min_value=1,
        help_text="The `id` of a member of the business (GET /api/business/members/); you, if left out.",
    )


class LicencePriceSerializer(serializers.Serializer[Any]):
    usd = amount(source="price_usd")
    fx_rate = serializers.DecimalField(max_digits=12, decimal_places=6, help_text="GHS for one USD.")
    ghs = amount(source="price_ghs", help_text="Tax inclusive: what is paid.")


class LicenceMonthSerializer(serializers.Serializer[Any]):
    """One month of a licence. Its days change when a higher plan goes first, or something is refunded."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(source="licence.kind", choices=Licence.Kind.choices)
    plan = serializers.CharField()
    plan_name = serializers.CharField()
    user = serializers.EmailField(source="licence.user.email", help_text="Whose it is.")
    status = serializers.SerializerMethodField(
        help_text="active, waiting (behind what is used first), expired or suspended once it is paid; pending"
        " until then; taken_back with its money; unapplied: paid while suspended, to be refunded."
    )
    price = LicencePriceSerializer(source="*")
    payment_reference = serializers.CharField(source="payment.reference")
    starts_at = serializers.DateTimeField(allow_null=True, help_text="Null until it is paid.")
    expires_at = serializers.DateTimeField(source="ends_at", allow_null=True)
    created_at = serializers.DateTimeField()

    def get_status(self, month: LicenceMonth) -> str:
        return licences.state(month, now=month.asked_at)  # type: ignore[attr-defined]  # the selector's


class LicenceOrderSerializer(StartedSerializer):
    licence_id = serializers.UUIDField(source="pk")
    kind = serializers.ChoiceField(source="licence.kind", choices=Licence.Kind.choices)
    plan = serializers.CharField()
    plan_name = serializers.CharField()
    user = serializers.EmailField(source="licence.user.email", help_text="Whose it will be.")
    price = LicencePriceSerializer(source="*")


class TierPlanSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="plan.slug")
    name = serializers.CharField(source="plan.name")
    requests_per_day = serializers.IntegerField(source="plan.requests_per_day")
    requests_per_month = serializers.IntegerField(source="plan.requests_per_month")
    price_usd = amount(source="plan.price_usd")
    price_ghs = amount(help_text="A month at today's rate, tax inclusive.")


class TierSerializer(serializers.Serializer[Any]):
    tier = serializers.CharField(source="tier.slug")
    name = serializers.CharField(source="tier.name")
    reason = serializers.ChoiceField(choices=["licence", "paid_credits", "addon", "free"])
    because = serializers.CharField(help_text="The reason in words.")
    requests_per_day = serializers.IntegerField(source="tier.requests_per_day")
    requests_per_month = serializers.IntegerField(source="tier.requests_per_month")
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Of the licence, where that is the reason."
    )
    suspended = serializers.BooleanField(help_text="Your licence is suspended and counts as free.")
    tiers = TierPlanSerializer(many=True)
