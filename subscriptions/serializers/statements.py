"""Bodies of the statement and of the list of AI uses."""

from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from subscriptions.models import AITransaction, CreditEntry

from .billing import amount as credits_field

MOST_DAYS = 366
_FORMATS = [("json", "one page as JSON"), ("csv", "everything as a download")]


class PeriodSerializer(serializers.Serializer[Any]):
    """`from` and `to`: local days of the business, both included. Needs `today` in the context."""

    to = serializers.DateField(required=False, help_text="Last day; without it, today.")
    format = serializers.ChoiceField(choices=_FORMATS, default="json")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        start = serializers.DateField(required=False, help_text=self.from_help)
        return {"from": start, **super().get_fields()}

    from_help = "First day; without it, the first of the month of `to`. At most 366 days."

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today: date = self.context["today"]
        last = attrs.get("to", today)
        first = attrs.get("from", self.first_day(last))
        for name, day in (("from", attrs.get("from")), ("to", attrs.get("to"))):
            if day is not None and day > today:
                raise _wrong(name, f"This day is in the future; today is {today}.", "in_the_future")
        if first is not None and first > last:
            raise _wrong("from", f"The first day must not be after the last, {last}.", "after_the_end")
        if first is not None and last - first >= timedelta(days=MOST_DAYS):
            longest = last - timedelta(days=MOST_DAYS - 1)
            detail = f"At most {MOST_DAYS} days at once: for those to {last}, start at {longest} or later."
            raise _wrong("from", detail, "too_long")
        return {**attrs, "from": first, "to": last}

    def first_day(self, last: date) -> date | None:
        return last.replace(day=1)


class UsesQuerySerializer(PeriodSerializer):
    from_help = "First day; without it, from the beginning. At most 366 days."
    feature = serializers.SlugField(max_length=60, required=False)
    status = serializers.ChoiceField(choices=AITransaction.Status.choices, required=False)
    source = serializers.ChoiceField(choices=AITransaction.Source.values, required=False)  # type: ignore[assignment]
    member = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Id of a member of the business."
    )

    def first_day(self, last: date) -> date | None:
        return None


class StatementLineSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="entry.pk")
    created_at = serializers.DateTimeField(source="entry.created_at")
    kind = serializers.ChoiceField(source="entry.kind", choices=CreditEntry.Kind.choices)
    description = serializers.CharField()
    amount = credits_field(source="entry.amount", help_text="Credits that came (or, negative, went).")
    debt_change = credits_field(source="entry.debt_change")
    balance_after = credits_field(source="entry.balance_after")
    request_id = serializers.UUIDField(allow_null=True, help_text="See `/api/ai/requests/{id}/`.")
    purchase_id = serializers.UUIDField(allow_null=True, help_text="See `ai/purchases/{id}/`.")
    addon_id = serializers.UUIDField(allow_null=True)
    refund_id = serializers.UUIDField(allow_null=True)


class KindTotalSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=CreditEntry.Kind.choices)
    entries = serializers.IntegerField()
    amount = credits_field()
    debt_change = credits_field()


class StatementSerializer(serializers.Serializer[Any]):
    """Opening balance + the amounts = closing balance. The totals are of the period, not of the page."""

    to = serializers.DateField()
    timezone = serializers.CharField()
    opening_balance = credits_field()
    closing_balance = credits_field()
    totals = KindTotalSerializer(many=True)
    results = StatementLineSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateField(), **super().get_fields()}


class UseSerializer(serializers.Serializer[Any]):
    """Costs, tokens and revenue are there for platform staff alone."""

    id = serializers.IntegerField()
    request_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    feature = serializers.CharField()
    status = serializers.ChoiceField(choices=AITransaction.Status.choices)
    source = serializers.ChoiceField(AITransaction.Source.values)  # type: ignore[assignment]
    error_code = serializers.CharField(allow_blank=True)
    partial = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Some items were delivered, and only those charged."
    )
    late = serializers.BooleanField(help_text="Charged after its reservation had ended.")
    credits_charged = credits_field()
    response_time_ms = serializers.IntegerField()
    member = serializers.IntegerField(source="membership_id", allow_null=True)
    email = serializers.EmailField(allow_null=True, help_text="Of the member.")


class UseWithCostSerializer(UseSerializer):
    model = serializers.CharField(allow_blank=True)
    input_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    reasoning_tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=18, decimal_places=8)
    cost_ghs = serializers.DecimalField(max_digits=18, decimal_places=8)
    revenue_ghs = serializers.DecimalField(max_digits=16, decimal_places=6)


def _wrong(field: str, detail: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: serializers.ErrorDetail(detail, code=code)})
