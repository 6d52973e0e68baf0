"""Forecasting methods against published figures, and the choice among them against seasonal naive."""

import statistics

import pytest

from ai_features.facts import demand, smoothing
from tests.ai_features.public_series import SERIES
from tests.faults.report import Record, cell, note

PBS = SERIES["PBS"][1]
# Yearly oil production of Saudi Arabia 1996-2007 and air passengers of Australia 1990-2004: the data of
# statsmodels' notebook "Exponential smoothing", from Hyndman & Athanasopoulos, Forecasting, chapter 7.
OIL = [
    *(446.6565, 454.4733, 455.663, 423.6322, 456.2713, 440.5881),
    *(425.3325, 485.1494, 506.0482, 526.792, 514.2689, 494.211),
]
AIR = [
    *(17.5534, 21.86, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535),
    *(30.1857, 31.5797, 32.5776, 33.4774, 39.0216, 41.3864, 41.5966),
]
# Visitor nights in Australia a quarter, 2005-2010, from the same notebook.
VISITORS = [
    *(41.727458, 24.041850, 32.328103, 37.328708, 46.213153, 29.346326, 36.482910, 42.977719),
    *(48.901525, 31.180221, 37.717881, 40.420211, 51.206863, 31.887228, 40.978263, 43.772491),
    *(55.558567, 33.850915, 42.076383, 45.642292, 59.766780, 35.191877, 44.319737, 47.913736),
]
SELDOM = [0, 0, 3, 0, 0, 0, 2, 0, 5, 0, 0, 1] * 5


@pytest.mark.parametrize(("alpha", "published"), [(0.1, 0.8688921), (0.5, 0.6754646), (0.05, 1.405808)])
def test_croston_gives_the_figures_of_r(alpha: float, published: float) -> None:
    """R's forecast::croston on the PBS series, as in sktime's test_Croston_against_r_implementation."""
    [found] = smoothing.croston(PBS, alpha).forecast(len(PBS), 1)

    assert found == pytest.approx(published, abs=1e-5)


def test_croston_by_hand() -> None:
    """Starts at size 2, interval 3. 7 after 1: 2.5, 2.8. 5 after 4: 2.75, 2.92. 3 after 5: 2.775, 3.128."""
    series = [0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3]
    path = smoothing.croston(series, 0.1)

    assert path.level[:3] == [0, 0, 0]
    assert path.level[3] == pytest.approx(2 / 3)
    assert path.level[4] == path.level[7] == pytest.approx(2.5 / 2.8)
    assert path.level[13] == pytest.approx(2.775 / 3.128, abs=1e-12)


@pytest.mark.parametrize(
    ("path", "published"),
    [
        (smoothing.croston(SELDOM, 0.1), 0.921),
        (smoothing.sba(SELDOM, 0.1), 0.875),
        (smoothing.tsb(SELDOM, 0.2, 0.2), 1.124),
    ],
    ids=["Croston", "SBA", "TSB"],
)
def test_seldom_demand_gives_the_figures_of_statsforecast(path: smoothing.Path, published: float) -> None:
    """CrostonClassic, CrostonSBA and TSB of statsforecast 2.1.1."""
    assert round(path.forecast(len(SELDOM), 1)[0], 3) == published


@pytest.mark.parametrize(("alpha", "published"), [(0.2, 484.80246538), (0.6, 501.83745447)])
def test_simple_smoothing_gives_the_figures_of_statsmodels(alpha: float, published: float) -> None:
    """statsmodels 0.15.0: SimpleExpSmoothing from the first value."""
    assert smoothing.simple(OIL, alpha).forecast(len(OIL), 1)[0] == pytest.approx(published, abs=1e-8)


def test_holt_gives_the_figures_of_statsmodels() -> None:
    """statsmodels 0.15.0: Holt(AIR) with level 17.5534 and trend 4.3066 known."""
    path = smoothing.holt(AIR, 0.8, 0.2, start=(17.5534, 4.3066))

    assert path.forecast(15, 3) == pytest.approx([43.75700399, 45.59356235, 47.43012071], abs=1e-8)


def test_damped_holt_gives_the_figures_of_statsmodels() -> None:
    """statsmodels 0.15.0: ETSModel(AIR, damped_trend=True) from 17 and 4, smoothed with .8, .16, .9."""
    path = smoothing.holt(AIR, 0.8, 0.2, 0.9, start=(17.0, 4.0))

    published = [42.95834853, 44.03312491, 45.00042365, 45.87099252, 46.6545045]
    assert path.forecast(15, 5) == pytest.approx(published, abs=1e-8)


def test_holt_winters_gives_the_figures_of_statsmodels() -> None:
    """statsmodels 0.15.0: ETSModel(VISITORS, AAA) from this start, smoothed with .3, .03, .4."""
    path = smoothing.holt_winters(VISITORS, 4, 0.3, 0.1, 0.4, start=(33.0, 0.5, [8.0, -9.0, -1.0, 2.0]))

    published = [60.03967026, 37.68101344, 46.55034268, 50.26318591, 62.22504317]
    assert path.forecast(24, 5) == pytest.approx(published, abs=1e-8)
    assert path.error == pytest.approx(72.81503452, abs=1e-8)


def test_holt_winters_finds_a_pattern_without_noise() -> None:
    week = [10, 12, 15, 11, 9, 20, 25]
    series = [value + 0.5 * place for place, value in enumerate(week * 4)]
    path = smoothing.holt_winters(series, 7, 0.3, 0.1, 0.2, start=smoothing.seasonal_start(series, 7))

    assert path.error == pytest.approx(0, abs=1e-9)
    after = [value + 0.5 * (28 + place) for place, value in enumerate(week)]
    assert path.forecast(28, 7) == pytest.approx(after)


def test_a_trend_goes_on_as_long_as_it_was_tested_and_nothing_falls_below_nothing() -> None:
    path = smoothing.holt([10, 9, 8, 7, 6, 5], 0.5, 0.5)

    assert path.forecast(6, 8) == pytest.approx([4, 3, 2, 1, 0, 0, 0, 0])
    assert path.forecast(6, 4, trend_for=2) == pytest.approx([4, 3, 3, 3])


@pytest.mark.parametrize(
    ("series", "label", "adi", "cv2"),
    [
        ([4, 5, 6] * 4, "smooth", 1.0, (2 / 3) / 25),
        ([1, 1, 10] * 4, "erratic", 1.0, 18 / 16),
        ([0, 5, 0, 5] * 3, "intermittent", 2.0, 0.0),
        ([0, 1, 0, 9] * 3, "lumpy", 2.0, 16 / 25),
        # 33 ÷ 25 = 1.32 is the cut-off itself
        ([1] * 25 + [0] * 8, "intermittent", 1.32, 0.0),
        ([0] * 12, "none", None, None),
    ],
)
def test_the_classes_of_syntetos_and_boylan(series: list, label: str, adi: float, cv2: float) -> None:
    found = demand.pattern(series)

    assert (found.label, found.adi) == (label, adi)
    assert found.cv2 == (None if cv2 is None else pytest.approx(cv2))


@pytest.mark.parametrize(
    ("series", "season", "method"),
    [
        ([5, 5, 5, 5, 5, 9, 0] * 8, 7, "seasonal naive"),
        ([100 + 10 * place for place in range(40)], 1, "Holt"),
        ([100 + 10 * place + 50 * (place % 7) for place in range(56)], 7, "Holt-Winters"),
        ([7] * 40, 7, "seasonal naive"),
        ([0] * 40, 1, "naive"),
    ],
)
def test_a_series_without_noise_gets_the_method_that_fits(series: list, season: int, method: str) -> None:
    assert demand.choose(series, season=season, horizon=7).method == method


def test_a_back_test_by_hand() -> None:
    """One ahead from origins 4 to 7: the naive misses by 0, 0, 0, 3; before it missed by 2, 1, 4."""
    found = demand.choose([1, 3, 2, 6, 6, 6, 6, 3], season=1, horizon=1)

    assert (found.method, found.tested, found.expected(2)) == ("naive", 1, [3, 3])
    assert found.mase == found.naive_mase == pytest.approx((3 / 4) / (7 / 3))
    assert found.sigma == 1.5  # the root of 9 ÷ 4
    assert found.sigma_of(4) == 3.0


def test_what_comes_later_does_not_change_an_earlier_state() -> None:
    """Otherwise a back-test would look ahead."""
    for method in (
        lambda y: smoothing.simple(y, 0.3),
        lambda y: smoothing.holt(y, 0.3, 0.2, 0.9),
        lambda y: smoothing.holt_winters(y, 7, 0.3, 0.1, 0.2, start=smoothing.seasonal_start(y, 7)),
        lambda y: smoothing.croston(y, 0.1),
        lambda y: smoothing.tsb(y, 0.1, 0.1),
        lambda y: smoothing.seasonal_naive(y, 7),
    ):
        assert method(SELDOM).forecast(30, 9) == method(SELDOM[:30]).forecast(30, 9)


def test_better_than_seasonal_naive_on_public_series(record_property: Record) -> None:
    """A season (or six periods) ahead from up to eight origins, of data that the choice has not seen."""
    table, ratios = "Forecasts on public series, periods never seen", []
    for name, (season, series) in SERIES.items():
        ours, naive = zip(*_held_out(series, season), strict=True)
        ratios.append(statistics.mean(ours) / statistics.mean(naive))
        for column, value in (
            ("1 MASE, seasonal naive", statistics.mean(naive)),
            ("2 MASE, chosen", statistics.mean(ours)),
            ("3 chosen ÷ naive", ratios[-1]),
        ):
            cell(record_property, table, name, column, f"{value:.2f}")
    note(record_property, table, f"mean of chosen ÷ naive: {statistics.mean(ratios):.3f}")

    assert statistics.mean(ratios) < 0.95


def _held_out(series: list[float], season: int) -> list[tuple[float, float]]:
    """MASE (Hyndman & Koehler 2006) of the chosen method and of seasonal naive, at each origin."""
    steps = season if season > 1 else 6
    found = []
    for at in range(len(series) - steps, max(3 * season, 40), -steps)[:8]:
        known, later = series[:at], series[at : at + steps]
        scale = demand.naive_error(known, season)
        chosen = demand.choose(known, season=season, horizon=steps).expected(steps)
        naive = smoothing.seasonal_naive(known, season).forecast(at, steps)
        found.append((_mean_error(chosen, later) / scale, _mean_error(naive, later) / scale))
    return found


def _mean_error(expected: list[float], actual: list[float]) -> float:
    return statistics.mean(abs(a - b) for a, b in zip(expected, actual, strict=True))
