"""What to order and when, what is short and what too much: from a forecast and what is on the shelf.

An article is looked at every `review_days`, and what is ordered then comes `lead_days` later: what is there
must last for both together, the protection interval (Silver, Pyke & Thomas 2017, chapter 7, "(R, S)"). Errors
are taken as normal. Quantities are floats, packs Decimal; money is not dealt with here.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

from ai_features.facts.demand import Forecast

# Nobody asked for it in so many days: dead. What lasts longer than the second is too much.
DEAD_AFTER_DAYS = 90
TOO_MUCH_DAYS = 180
LOOK_AHEAD_DAYS = 365
_INTERVAL = NormalDist().inv_cdf(0.9)  # 80 of 100 outcomes lie within


@dataclass(frozen=True)
class Article:
    """`days` of a period: 1 or 7. `idle_days` since the last sale; None when there was none."""

    stock: float
    on_order: float
    lead_days: int
    review_days: int
    pack: Decimal
    service_level: float
    days: int
    history_days: int
    idle_days: int | None


@dataclass(frozen=True)
class Range:
    """Expected quantity sold in so many days; 80 of 100 outcomes lie between `low` and `high`."""

    days: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Plan:
    """`days_left` is None when what is there lasts longer than a year."""

    forecast: Range
    weeks: list[Range]
    safety_stock: float
    reorder_point: float
    order: Decimal
    days_left: int | None
    short: float
    too_much: float
    dead: bool


class Outlook:
    """Expected sales and their standard error for any number of days from now."""

    def __init__(self, forecast: Forecast, days: int) -> None:
        steps = math.ceil(LOOK_AHEAD_DAYS / days)
        self._forecast, self._days = forecast, days
        self._sums = [0.0]
        for expected in forecast.expected(steps):
            self._sums.append(self._sums[-1] + expected)

    def sold_in(self, days: float) -> float:
        """Within a period sales are spread evenly."""
        whole, part = divmod(days / self._days, 1)
        before = self._sums[int(whole)]
        return before + part * (self._sums[int(whole) + 1] - before) if part else before

    def sigma_of(self, days: float) -> float:
        return self._forecast.sigma_of(days / self._days)

    def days_until(self, quantity: float) -> int | None:
        """Whole days that a quantity lasts; None when it lasts longer than a year."""
        if self._sums[-1] <= quantity:
            return None
        place = next(place for place, total in enumerate(self._sums) if total > quantity) - 1
        in_period = self._sums[place + 1] - self._sums[place]
        return math.floor((place + (quantity - self._sums[place]) / in_period) * self._days + 1e-9)

    def between(self, start: int, end: int) -> Range:
        expected = self.sold_in(end) - self.sold_in(start)
        spread = _INTERVAL * self.sigma_of(end - start)
        return Range(end - start, expected, max(0.0, expected - spread), expected + spread)


def plan(article: Article, forecast: Forecast) -> Plan:
    """Safety stock is z × the standard error of sales in the lead time, and the reorder point has it in it.

    Ordered is what is missing, in whole packs, up to what the protection interval needs at the service level.
    """
    outlook = Outlook(forecast, article.days)
    z = NormalDist().inv_cdf(article.service_level)
    lead, protected = article.lead_days, article.lead_days + article.review_days
    available = article.stock + article.on_order
    dead = article.stock > 0 and _is_dead(article)
    safety = z * outlook.sigma_of(lead)
    reorder_point = outlook.sold_in(lead) + safety
    order = Decimal(0)
    if not dead:
        target = outlook.sold_in(protected) + z * outlook.sigma_of(protected)
        order = packs(target - available, article.pack)
    short = 0.0 if dead else max(0.0, outlook.sold_in(protected) - available)
    too_much = article.stock if dead else max(0.0, article.stock - outlook.sold_in(TOO_MUCH_DAYS) - safety)
    return Plan(
        forecast=outlook.between(0, protected),
        weeks=_weeks(outlook, protected),
        safety_stock=safety,
        reorder_point=reorder_point,
        order=order,
        days_left=outlook.days_until(article.stock),
        short=short,
        too_much=too_much,
        dead=dead,
    )


def packs(quantity: float, pack: Decimal) -> Decimal:
    """Units in the fewest whole packs that hold the quantity; a millionth of a pack is forgiven."""
    return max(0, math.ceil(quantity / float(pack) - 1e-6)) * pack


def _is_dead(article: Article) -> bool:
    idle = article.history_days if article.idle_days is None else article.idle_days
    return idle >= DEAD_AFTER_DAYS


def _weeks(outlook: Outlook, days: int) -> list[Range]:
    return [outlook.between(start, min(start + 7, days)) for start in range(0, days, 7)]
