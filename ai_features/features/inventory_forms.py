"""What the inventory forecast takes, what it asks of the model and what it delivers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from ai_features.facts import inventory
from ai_features.features.fields import Text

MAX_ARTICLES = 500
# The model sees this many; what it costs does not grow with the shop.
EXPLAINED = 12
_MAX_PERIODS = 1100
_MOST = 1_000_000
_ERRORS_SHOWN = 5
_FINEST = -3  # a gram of a kilogram
ACTIONS = {
    "order_now": "order now",
    "order": "order at this look",
    "enough": "there is enough",
    "too_much": "there is too much",
    "dead_stock": "nobody buys it",
}
ACTION_CODES = list(ACTIONS)
DEMANDS = ["smooth", "erratic", "intermittent", "lumpy", "none"]
METHODS = [
    *("naive", "seasonal naive", "exponential smoothing", "Holt", "Holt-Winters"),
    *("Croston", "SBA", "TSB", "none"),
]


class SalesField(serializers.ListField):
    """Quantities, oldest first. Checked in one go: there are up to half a million of them."""

    child = serializers.DecimalField(max_digits=10, decimal_places=3, min_value=0)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > _MAX_PERIODS:
            raise serializers.ValidationError(f"At most {_MAX_PERIODS} quantities.", code="max_length")
        problems = dict(_problems(data))
        if problems:
            shown = list(problems.items())[:_ERRORS_SHOWN]
            raise serializers.ValidationError({str(place): [problem] for place, problem in shown})
        return data


def _problems(data: list[Any]) -> Iterator[tuple[int, str]]:
    for place, value in enumerate(data):
        if type(value) is int:
            if 0 <= value <= _MOST:
                continue
        elif isinstance(value, Decimal) and value.is_finite():
            exponent = value.as_tuple().exponent
            if 0 <= value <= _MOST and isinstance(exponent, int) and exponent >= _FINEST:
                continue
        else:
            yield place, "Send a number; 0 for a period in which nothing was sold."
            continue
        yield place, f"Quantities are 0 to {_MOST}, with up to three decimals; leave returns out."


class ArticleInput(serializers.Serializer):
    sku = Text(max_length=60)
    name = serializers.CharField(max_length=120, required=False)
    sales = SalesField(help_text="Quantity sold in each day or week, oldest first, 0 where nothing was sold.")
    stock = serializers.DecimalField(
        max_digits=10,
        decimal_places=3,
        min_value=Decimal(0),
        help_text="On hand, without what is on order.",
    )
    on_order = serializers.DecimalField(
        max_digits=10, decimal_places=3, min_value=Decimal(0), default=Decimal(0)
    )
    unit_cost = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=Decimal(0), help_text="GHS"
    )
    unit_price = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        min_value=Decimal(0),
        required=False,
        help_text="GHS; values lost sales. Without it they are valued at cost.",
    )
    lead_time_days = serializers.IntegerField(
        min_value=0, max_value=180, default=7, help_text="From order to delivery."
    )
    pack_size = serializers.DecimalField(
        max_digits=8, decimal_places=3, min_value=Decimal("0.001"), default=Decimal(1)
    )
    service_level = serializers.DecimalField(
        max_digits=4,
        decimal_places=3,
        min_value=Decimal("0.5"),
        max_value=Decimal("0.999"),
        default=Decimal("0.95"),
        help_text="Share of order cycles without a stock-out: 0.5 to 0.999.",
    )


class ForecastInput(serializers.Serializer):
    sales_until = serializers.DateField(help_text="The last day that the sales cover.")
    granularity = serializers.ChoiceField(list(inventory.RHYTHMS), default="daily")
    review_days = serializers.IntegerField(
        min_value=1, max_value=90, default=7, help_text="How often you look what to order."
    )
    skus = serializers.ListField(child=ArticleInput(), min_length=1, max_length=MAX_ARTICLES)

    def validate_sales_until(self, day: date) -> date:
        if not 2000 <= day.year <= 2100:
            raise serializers.ValidationError("A date of this century, please.", code="invalid")
        return day

    def validate_skus(self, articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: dict[str, int] = {}
        for place, article in enumerate(articles):
            first = seen.setdefault(article["sku"], place)
            if first != place:
                problem = f"The same code as skus.{first}; send each article once."
                raise serializers.ValidationError({str(place): {"sku": [problem]}}, code="duplicate")
        return articles


class Advice(serializers.Serializer):
    rank = serializers.IntegerField(help_text="As given.")
    advice = serializers.CharField(max_length=600, help_text="What to do and why, up to 40 words.")


class ForecastOutput(serializers.Serializer):
    summary = serializers.CharField(
        max_length=1200, help_text="The state of the stock and what to do first, up to 80 words."
    )
    items = serializers.ListField(
        child=Advice(), max_length=EXPLAINED, help_text="One for each of `items`, in the same order."
    )


class RangeResult(serializers.Serializer):
    days = serializers.IntegerField()
    expected = serializers.DecimalField(max_digits=12, decimal_places=1)
    low = serializers.DecimalField(max_digits=12, decimal_places=1, help_text="80 of 100 outcomes are above")
    high = serializers.DecimalField(max_digits=12, decimal_places=1, help_text="and below these.")


class ArticleResult(serializers.Serializer):
    index = serializers.IntegerField(help_text="Its place in `skus`.")
    sku = serializers.CharField()
    name = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CODES)
    demand = serializers.ChoiceField(DEMANDS)
    method = serializers.ChoiceField(METHODS)
    mase = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    naive_mase = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        allow_null=True,
        help_text="The same of repeating past sales.",
    )
    forecast = RangeResult(help_text="Sales until an order of the next look would be here.")
    weeks = RangeResult(many=True)
    stock = serializers.DecimalField(max_digits=10, decimal_places=3)
    on_order = serializers.DecimalField(max_digits=10, decimal_places=3)
    days_left = serializers.IntegerField(allow_null=True, help_text="null: more than a year.")
    runs_out_on = serializers.DateField(allow_null=True)
    last_sold_days_ago = serializers.IntegerField(allow_null=True)
    safety_stock = serializers.DecimalField(max_digits=12, decimal_places=1)
    reorder_point = serializers.DecimalField(max_digits=12, decimal_places=1)
    order_quantity = serializers.DecimalField(max_digits=15, decimal_places=3)
    order_packs = serializers.IntegerField()
    order_cost_ghs = serializers.DecimalField(max_digits=25, decimal_places=2)
    short = serializers.DecimalField(max_digits=12, decimal_places=1, help_text="Missing without an order.")
    lost_sales_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)
    too_much = serializers.DecimalField(max_digits=12, decimal_places=1)
    tied_up_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)
    money_at_risk_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)


class AdviceResult(Advice):
    index = serializers.IntegerField(help_text="Its place in `skus`.")
    sku = serializers.CharField()
    name = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CODES)
    money_at_risk_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)


class TotalsResult(serializers.Serializer):
    articles = serializers.IntegerField()
    to_order = serializers.IntegerField()
    order_cost_ghs = serializers.DecimalField(max_digits=25, decimal_places=2)
    running_out = serializers.IntegerField(help_text="At or below their reorder point.")
    dead = serializers.IntegerField()
    lost_sales_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)
    tied_up_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)
    money_at_risk_ghs = serializers.DecimalField(max_digits=25, decimal_places=0)


class LeftOutResult(serializers.Serializer):
    field = serializers.CharField(help_text="As in `skus.3.sales`.")
    sku = serializers.CharField()
    have = serializers.IntegerField()
    need = serializers.IntegerField()


class ForecastResult(serializers.Serializer):
    """The model's words for the articles with the most at stake, and the figures of all of them."""

    summary = serializers.CharField()
    items = AdviceResult(many=True)
    sales_until = serializers.DateField()
    totals = TotalsResult()
    articles = ArticleResult(many=True, help_text="The most money at risk first.")
    left_out = LeftOutResult(many=True, help_text="Not forecast: too few periods of sales.")
