"""Bodies of the budget and quota endpoints. Amounts are in the budget's unit, percentages rounded down."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from subscriptions.models import Budget, BudgetUnit
from subscriptions.selectors import budgets

from .billing import amount

_LEAST = Decimal("0.01")
_SCOPES = ["business", "member", "feature"]


class BudgetChangeSerializer(serializers.Serializer[Any]):
    limit = amount(
        min_value=_LEAST,
        required=False,
        source="monthly_limit",
        help_text="A month's: credits, or US dollars of provider cost.",
    )
    soft_only = serializers.BooleanField(required=False, help_text="Tells, but never refuses an answer.")


class BudgetCreateSerializer(BudgetChangeSerializer):
    unit = serializers.ChoiceField(choices=BudgetUnit.choices)
    limit = amount(
        min_value=_LEAST,
        source="monthly_limit",
        help_text="A month's: credits, or US dollars of provider cost.",
    )
    member_id = serializers.IntegerField(required=False, min_value=1, help_text="Limits this member alone.")
    feature = serializers.CharField(max_length=60, required=False, help_text="Limits this feature alone.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "member_id" in attrs and "feature" in attrs:
            raise serializers.ValidationError(
                {"feature": "Limit a member or a feature, not both: leave one of them out."}, code="invalid"
            )
        return attrs


class BudgetUseSerializer(serializers.Serializer[Any]):
    """How far a budget is used, for whoever it limits."""

    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=_SCOPES)
    feature = serializers.CharField(allow_null=True)
    unit = serializers.ChoiceField(choices=BudgetUnit.choices)
    soft_only = serializers.BooleanField()
    percent = amount(help_text="Spent, of the limit; 100 and more refuses paid answers unless soft only.")
    period = serializers.DateField(help_text="First day of the month, in the business's time zone.")
    resets_at = serializers.DateTimeField()


class BudgetSerializer(BudgetUseSerializer):
    member_id = serializers.IntegerField(allow_null=True)
    limit = amount()
    spent = amount()
    held = amount(help_text="What running calls may add.")
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Any) -> Any:
        line = budgets.as_line(instance) if isinstance(instance, Budget) else instance
        return super().to_representation(line)


class RequestQuotaSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


class TierQuotaSerializer(serializers.Serializer[Any]):
    tier = serializers.CharField()
    today = RequestQuotaSerializer()
    this_month = RequestQuotaSerializer()


class RoleQuotaSerializer(serializers.Serializer[Any]):
    """The member's daily allowance. What providers cost is shown to platform staff alone."""

    role = serializers.CharField()
    used_percent = amount()
    left_percent = amount()
    limit_usd = amount(required=False, help_text="For platform staff only.")
    used_usd = amount(required=False, help_text="For platform staff only.")
    resets_at = serializers.DateTimeField()


class QuotaSerializer(serializers.Serializer[Any]):
    requests = TierQuotaSerializer(help_text="Requests that reach a provider; others don't count.")
    daily_allowance = RoleQuotaSerializer(help_text="By role; running calls count as used.")
    budgets = BudgetUseSerializer(many=True, help_text="Those that limit the caller.")
