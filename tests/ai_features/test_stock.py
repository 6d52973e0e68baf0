"""Stock figures against hand-worked ones."""

from decimal import Decimal

import pytest

from ai_features.facts import stock
from ai_features.facts.demand import Forecast
from ai_features.facts.smoothing import Path

Z95 = 1.6448536269514722  # of the normal distribution


def forecast(rate: float = 4.0, sigma: float = 3.0, *, tested: int = 9) -> Forecast:
    """`rate` a period; totals over 9 periods miss by 3, so single periods by 1."""
    return Forecast("exponential smoothing", Path([rate]), 0, 0.8, 1.0, sigma, tested)


def article(**changes: object) -> stock.Article:
    usual = {
        "stock": 20.0,
        "on_order": 0.0,
        "lead_days": 4,
        "review_days": 5,
        "pack": Decimal(12),
        "service_level": 0.95,
        "days": 1,
        "history_days": 100,
        "idle_days": 0,
    }
    return stock.Article(**(usual | changes))  # type: ignore[arg-type]


def test_a_plan_by_hand() -> None:
    """4 a day, 4 days to deliver, looked at every 5: 36 in 9 days, error 3; in 4 days 16, error 2."""
    plan = stock.plan(article(), forecast())

    assert plan.safety_stock == pytest.approx(Z95 * 2)  # 3.29
    assert plan.reorder_point == pytest.approx(16 + Z95 * 2)  # 19.29
    assert plan.order == 24  # 36 + 4.93 - 20 = 20.93 in packs of 12
    assert plan.days_left == 5
    assert plan.short == 16
    assert (plan.forecast.days, plan.forecast.expected) == (9, 36)
    assert plan.forecast.low == pytest.approx(36 - 1.2815515655446004 * 3)
    assert plan.forecast.high == pytest.approx(36 + 1.2815515655446004 * 3)
    assert [(week.days, week.expected) for week in plan.weeks] == [(7, 28), (2, 8)]
    assert (plan.too_much, plan.dead) == (0, False)


@pytest.mark.parametrize(
    ("there", "ordered"),
    [
        ({"stock": 40.0}, 12),  # 0.93 are missing
        ({"stock": 41.0}, 0),
        ({"stock": 20.0, "on_order": 21.0}, 0),
        ({"stock": 0.0}, 48),
        ({"stock": 0.0, "pack": Decimal("0.5")}, 41),
        ({"stock": 20.0, "service_level": 0.5}, 24),  # 16
        ({"stock": 24.0, "service_level": 0.5}, 12),  # exactly a pack
    ],
)
def test_ordered_is_what_is_missing_in_whole_packs(there: dict, ordered: int) -> None:
    assert stock.plan(article(**there), forecast()).order == ordered


@pytest.mark.parametrize(
    ("changes", "dead", "too_much"),
    [
        ({"idle_days": 89}, False, 0),
        ({"idle_days": 90}, True, 20),
        ({"idle_days": None, "history_days": 89}, False, 0),
        ({"idle_days": None, "history_days": 90}, True, 20),
        ({"idle_days": 90, "stock": 0.0}, False, 0),
        ({"stock": 1000.0}, False, 1000 - 720 - Z95 * 2),
    ],
)
def test_what_is_dead_and_what_is_too_much(changes: dict, dead: bool, too_much: float) -> None:
    plan = stock.plan(article(**changes), forecast())

    assert plan.dead is dead
    assert plan.too_much == pytest.approx(too_much)
    assert not (dead and plan.order)


def test_weekly_sales_are_spread_over_their_days() -> None:
    """14 a week, 28 after two weeks; totals over 4 weeks miss by 4, so those of one by 2."""
    plan = stock.plan(article(days=7, lead_days=7, review_days=3), forecast(14.0, 4.0, tested=4))

    assert plan.forecast.expected == pytest.approx(20)
    assert plan.safety_stock == pytest.approx(Z95 * 2)
    assert plan.days_left == 10


@pytest.mark.parametrize(("left", "days"), [(0.0, 0), (3.9, 0), (4.0, 1), (1459.0, 364), (1460.0, None)])
def test_days_left_are_whole_days_and_end_with_the_year(left: float, days: int | None) -> None:
    assert stock.plan(article(stock=left), forecast()).days_left == days


def test_without_sales_nothing_runs_out_and_nothing_is_ordered() -> None:
    plan = stock.plan(article(idle_days=None, history_days=30), forecast(0.0, 0.0))

    assert (plan.order, plan.days_left, plan.short, plan.too_much) == (0, None, 0, 20)
