"""Robust statistics against published examples and against scipy and pymannkendall."""

from decimal import Decimal

import pytest

from ai_features.facts import robust
from tests.ai_features.public_series import SERIES


def decimals(text: str) -> list[Decimal]:
    return [Decimal(number) for number in text.split()]


def test_the_example_of_iglewicz_and_hoaglin():
    """Its ordinary z-scores reach 1.91 only. Median 2.45, MAD 0.15: 0.6745 × 5.75 ÷ 0.15 and × 5.85."""
    values = decimals("2.1 2.6 2.4 2.5 2.3 2.1 2.3 2.6 8.2 8.3")

    scores = robust.modified_z(values)

    assert [round(z, 2) for z in scores[-2:]] == [Decimal("25.86"), Decimal("26.31")]
    assert scores[0] == Decimal("-0.35") / Decimal("0.15") * Decimal("0.6745")
    named = {str(place): value for place, value in enumerate(values)}
    assert [name for name, *_ in robust.odd(named)] == ["8", "9"]


def test_when_most_are_equal_the_mean_distance_counts():
    """Median 10, MAD 0, mean distance 90 ÷ 8 = 11.25: 90 ÷ (1.253314 × 11.25) = 6.38."""
    scores = robust.modified_z(decimals("10 10 10 10 10 10 10 100"))

    assert [round(z, 2) for z in scores] == [0] * 7 + [Decimal("6.38")]
    assert robust.modified_z(decimals("5 5 5")) == [0, 0, 0]


def test_seven_values_have_no_outlier():
    values = dict(zip("abcdefg", decimals("1 2 1 2 1 2 900"), strict=True))

    assert robust.odd(values) == []
    [found] = robust.odd({**values, "h": Decimal(1)})
    assert found[:3] == ("g", Decimal(900), Decimal("1.5"))


@pytest.mark.parametrize(
    ("name", "score", "variance", "slope", "way"),
    [  # pymannkendall 1.4.3 (original_test: s, var_s, trend) and scipy 1.17.1 (theilslopes)
        ("Nile", -1387, "112728.33", "-2.6", -1),
        ("AirPassengers", 8327, "335164.33", "2.4512163", 1),
        ("USAccDeaths", -287, "42315", "-8.3622931", 0),
        ("JohnsonJohnson", 3214, "66989.33", "0.1456203", 1),
        ("lynx", 395, "166746.33", "2.1914894", 0),
    ],
)
def test_trends_of_public_series(name, score, variance, slope, way):
    series = [Decimal(str(value)) for value in SERIES[name][1]]

    found = robust.mann_kendall(series)

    assert (found[0], round(found[1], 2)) == (score, Decimal(variance))
    assert robust.direction(series) == way
    assert round(robust.slope(list(enumerate(series))), 7) == Decimal(slope)


def test_gaps_count_in_the_slope():
    """Slopes of the pairs: 10, 10, 10, 50, 63.3, 170; the median is between 10 and 50."""
    points = list(zip((0, 1, 3, 4), decimals("0 10 30 200"), strict=True))

    assert robust.slope(points) == Decimal(30)
    assert robust.direction(decimals("7 7 7 7 7 7 7 7 7 7")) == 0


def test_kruskal_and_wallis_on_plant_growth():
    """R's `PlantGrowth` (Dobson 1983): kruskal.test gives 7.9882, and 1.7513 without the second treatment."""
    groups = {
        0: decimals("4.17 5.58 5.18 6.11 4.50 4.61 5.17 4.53 5.33 5.14"),
        1: decimals("4.81 4.17 4.41 3.59 5.87 3.83 6.03 4.89 4.32 4.69"),
        2: decimals("6.31 5.12 5.54 5.50 5.37 5.29 4.92 6.15 5.80 5.26"),
    }

    assert round(robust.kruskal_wallis(groups), 4) == Decimal("7.9882")
    assert robust.groups_differ(groups)
    del groups[2]
    assert round(robust.kruskal_wallis(groups), 4) == Decimal("1.7513")
    assert not robust.groups_differ(groups)
    assert not robust.groups_differ({0: decimals("3 3"), 1: decimals("3 3")})
