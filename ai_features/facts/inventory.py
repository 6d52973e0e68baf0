"""The figures of a shop's articles, rounded as a person would read them, the most money at risk first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from ai_features.facts import demand, stock
from config.core import money

Row = dict[str, Any]
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Rhythm:
    """What a series of daily or weekly sales needs and how much of it counts.

    A year of days, three of weeks: with weekly sales a year is the season, and one counts from three on.
    """

    days: int
    noun: str
    season: int
    fewest: int
    kept: int


RHYTHMS = {
    "daily": Rhythm(days=1, noun="day", season=7, fewest=28, kept=365),
    "weekly": Rhythm(days=7, noun="week", season=52, fewest=12, kept=156),
}


def assess(item: Row, *, index: int, rhythm: Rhythm, until: date, review_days: int) -> Row:
    """Everything known of one article. `index` is its place in the request; `until` the last day sold."""
    series = history(item["sales"], rhythm)
    pattern = demand.pattern(series)
    horizon = math.ceil((item["lead_time_days"] + review_days) / rhythm.days)
    forecast = demand.choose(series, season=rhythm.season, horizon=horizon)
    article = _article(item, rhythm, review_days)
    plan = stock.plan(article, forecast)
    whole = all(float(value).is_integer() for value in (*item["sales"], item["stock"], item["pack_size"]))
    short, too_much = quantity(plan.short, whole), quantity(plan.too_much, whole)
    price = item["unit_price"] if "unit_price" in item else item["unit_cost"]
    lost, tied_up = _cedis(short, price), _cedis(too_much, item["unit_cost"])
    return {
        "index": index,
        "sku": item["sku"],
        "name": item.get("name") or item["sku"],
        "action": _action(article, plan),
        "demand": pattern.label,
        "method": forecast.method if pattern.label != "none" else "none",
        "mase": _hundredths(forecast.mase),
        "naive_mase": _hundredths(forecast.naive_mase),
        "forecast": _range(plan.forecast, whole),
        "weeks": [_range(week, whole) for week in plan.weeks],
        "stock": _plain(item["stock"]),
        "on_order": _plain(item["on_order"]),
        "days_left": plan.days_left,
        "runs_out_on": None if plan.days_left is None else _day(until, plan.days_left + 1),
        "last_sold_days_ago": article.idle_days,
        "safety_stock": level(plan.safety_stock, whole),
        "reorder_point": level(plan.reorder_point, whole),
        "order_quantity": _plain(plan.order),
        "order_packs": int(plan.order / article.pack),
        "order_cost_ghs": money.ghs(plan.order * item["unit_cost"]),
        "short": short,
        "lost_sales_ghs": lost,
        "too_much": too_much,
        "tied_up_ghs": tied_up,
        "money_at_risk_ghs": lost + tied_up,
    }


def history(sales: Sequence[Any], rhythm: Rhythm) -> list[float]:
    """The last of it that counts, from the first sale on: before that the article was not there yet.

    Never fewer periods than are needed.
    """
    kept = [float(value) for value in sales[-rhythm.kept :]]
    first = next((place for place, value in enumerate(kept) if value > 0), 0)
    return kept[min(first, len(kept) - rhythm.fewest) :]


def by_risk(rows: list[Row]) -> list[Row]:
    """The most money at risk first; of equals what runs out sooner, then as they were sent."""
    return sorted(
        rows,
        key=lambda row: (
            -row["money_at_risk_ghs"],
            math.inf if row["days_left"] is None else row["days_left"],
            row["index"],
        ),
    )


def sums(rows: list[Row]) -> Row:
    """The same articles together."""
    return {
        "articles": len(rows),
        "to_order": sum(row["order_quantity"] > 0 for row in rows),
        "order_cost_ghs": sum((row["order_cost_ghs"] for row in rows), money.ZERO),
        "running_out": sum(row["action"] == "order_now" for row in rows),
        "dead": sum(row["action"] == "dead_stock" for row in rows),
        "lost_sales_ghs": sum((row["lost_sales_ghs"] for row in rows), money.ZERO),
        "tied_up_ghs": sum((row["tied_up_ghs"] for row in rows), money.ZERO),
        "money_at_risk_ghs": sum((row["money_at_risk_ghs"] for row in rows), money.ZERO),
    }


def quantity(value: float, whole: bool) -> Decimal:
    """Whole units from ten on, below that and for what is sold by weight tenths."""
    exact = Decimal(value)
    rounded = exact.quantize(Decimal(1) if whole and exact >= 10 else _TENTH, ROUND_HALF_UP)
    return _plain(rounded)


def level(value: float, whole: bool) -> Decimal:
    """A stock to keep: rounded up, to whole units where whole units are sold."""
    return _plain(Decimal(max(0.0, value - 1e-9)).quantize(Decimal(1) if whole else _TENTH, ROUND_CEILING))


def _article(item: Row, rhythm: Rhythm, review_days: int) -> stock.Article:
    sales = item["sales"]
    idle = next((place for place, value in enumerate(reversed(sales)) if value > 0), None)
    return stock.Article(
        stock=float(item["stock"]),
        on_order=float(item["on_order"]),
        lead_days=item["lead_time_days"],
        review_days=review_days,
        pack=item["pack_size"],
        service_level=float(item["service_level"]),
        days=rhythm.days,
        history_days=len(sales) * rhythm.days,
        idle_days=None if idle is None else idle * rhythm.days,
    )


def _action(article: stock.Article, plan: stock.Plan) -> str:
    if plan.dead:
        return "dead_stock"
    if plan.order:
        return "order_now" if article.stock + article.on_order <= plan.reorder_point else "order"
    return "too_much" if plan.too_much > 0 else "enough"


def _cedis(units: Decimal, each_ghs: Decimal) -> Decimal:
    """Of the quantity as it is shown, in whole cedis: an estimate has no pesewas."""
    return (units * each_ghs).quantize(Decimal(1), ROUND_HALF_UP)


def _day(start: date, days: int) -> str:
    return (start + timedelta(days=days)).isoformat()


def _range(found: stock.Range, whole: bool) -> Row:
    return {
        "days": found.days,
        "expected": quantity(found.expected, whole),
        "low": quantity(found.low, whole),
        "high": quantity(found.high, whole),
    }


def _hundredths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _plain(value: Any) -> Decimal:
    """5 and not 5.0 or 5.000."""
    return Decimal(money.text(Decimal(value)))
