"""How an article sells, and which method has forecast it best so far."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ai_features.facts.smoothing import (
    Path,
    Series,
    croston,
    holt,
    holt_winters,
    sba,
    seasonal_naive,
    seasonal_start,
    simple,
    tsb,
)

# Syntetos, Boylan & Croston (2005), "On the categorization of demand patterns".
ADI_CUT_OFF = 1.32
CV2_CUT_OFF = 0.49
# What is weighed: enough to tell methods apart, few enough for 500 articles in one request.
_ALPHAS = (0.05, 0.1, 0.2, 0.4, 0.7)
_TRENDS = tuple(product((0.1, 0.3, 0.7), (0.1, 0.3), (0.9,)))
_SEASONS = tuple(product((0.1, 0.4), (0.0, 0.05), (0.1, 0.3, 0.7)))
_SIZES = (0.1, 0.2)
_FADES = ((0.1, 0.05), (0.2, 0.1))
_ORIGINS = 20


@dataclass(frozen=True)
class Pattern:
    """`adi`: periods for each one with a sale. `cv2`: squared coefficient of variation of the sales."""

    label: str  # smooth, erratic, intermittent, lumpy, none
    adi: float | None
    cv2: float | None


def pattern(series: Series) -> Pattern:
    """The class of Syntetos, Boylan & Croston: how often it sells × how much the quantities differ."""
    sold = [value for value in series if value > 0]
    if not sold:
        return Pattern("none", None, None)
    adi = len(series) / len(sold)
    mean = sum(sold) / len(sold)
    cv2 = sum((value - mean) ** 2 for value in sold) / len(sold) / mean**2
    often, steady = adi < ADI_CUT_OFF, cv2 < CV2_CUT_OFF
    label = ("smooth" if steady else "erratic") if often else ("intermittent" if steady else "lumpy")
    return Pattern(label, adi, cv2)


@dataclass(frozen=True)
class Forecast:
    """The method chosen and what it expects of every period to come.

    `mase`: its mean absolute error in the back-test ÷ that of the seasonal naive within the fitted part
    (Hyndman & Koehler 2006), None when the naive was never wrong there; `naive_mase` is the naive's own.
    `sigma` is the root mean square error of totals over `tested` periods.
    """

    method: str
    path: Path
    periods: int
    mase: float | None
    naive_mase: float | None
    sigma: float
    tested: int

    def expected(self, steps: int) -> list[float]:
        """A trend goes on for as long as it was tested, no longer."""
        return self.path.forecast(self.periods, steps, trend_for=self.tested)

    def sigma_of(self, periods: float) -> float:
        """Standard error of the total of so many periods, whose errors are taken as independent."""
        return self.sigma * math.sqrt(periods / self.tested)


def choose(series: Series, *, season: int, horizon: int) -> Forecast:
    """The method with the smallest squared error over `horizon` periods, from up to 20 rolling origins.

    In the back-test the settings of a method are those that did best before the first origin; the method that
    wins then goes on with those that did best in all periods. At most a quarter of the series is forecast at
    once. A season counts from three whole seasons on. Needs four periods.
    """
    periods = len(series)
    length = season if periods >= 3 * season else 1
    tested = max(1, min(horizon, periods // 4))
    first = max(periods // 2, 2 * length if length > 1 else 1)
    origins = _origins(first, periods - tested)
    scale = naive_error(series[:first], length)
    tried = [
        (_errors(min(paths, key=lambda path: path.early), series, origins, tested), method, paths)
        for method, paths in _fitted(series, length, first)
    ]
    errors, method, paths = min(tried, key=lambda one: one[0].square)
    return Forecast(
        method=method,
        path=min(paths, key=lambda path: path.error),
        periods=periods,
        mase=errors.absolute / scale if scale else None,
        naive_mase=tried[0][0].absolute / scale if scale else None,
        sigma=math.sqrt(errors.of_totals),
        tested=tested,
    )


def naive_error(series: Series, length: int) -> float:
    """Mean absolute error of forecasting each period by the one a season before."""
    misses = [abs(value - before) for before, value in zip(series, series[length:], strict=False)]
    return sum(misses) / len(misses) if misses else 0.0


def _origins(first: int, last: int) -> range:
    return range(last, first - 1, -max(1, math.ceil((last - first + 1) / _ORIGINS)))


@dataclass(frozen=True)
class _Errors:
    """Means over the origins: squared and absolute error of a period, squared error of the total."""

    square: float
    absolute: float
    of_totals: float


def _errors(path: Path, series: Series, origins: Sequence[int], steps: int) -> _Errors:
    square = absolute = of_totals = 0.0
    flat = path.trend is None and path.season is None
    for at in origins:
        actual = series[at : at + steps]
        if flat:
            level = path.level[at]
            misses = [value - level for value in actual]
        else:
            misses = [value - then for value, then in zip(actual, path.forecast(at, steps), strict=True)]
        square += sum([miss * miss for miss in misses])
        absolute += sum(map(abs, misses))
        of_totals += sum(misses) ** 2
    count = len(origins)
    return _Errors(square / count / steps, absolute / count / steps, of_totals / count)


def _fitted(series: Series, length: int, fit: int) -> Iterator[tuple[str, list[Path]]]:
    """Every method with all its settings; the naive comes first."""
    yield "seasonal naive" if length > 1 else "naive", [seasonal_naive(series, length)]
    yield "exponential smoothing", [simple(series, alpha, fit=fit) for alpha in _ALPHAS]
    if length > 1:
        yield "Holt-Winters", _seasonal(series, length, fit)
    zeros = sum([value == 0 for value in series])
    if (len(series) - zeros) * ADI_CUT_OFF > len(series):  # sold often
        yield "Holt", [holt(series, alpha, beta, damping, fit=fit) for alpha, beta, damping in _TRENDS]
        return
    yield "Croston", [croston(series, alpha, fit=fit) for alpha in _SIZES]
    yield "SBA", [sba(series, alpha, fit=fit) for alpha in _SIZES]
    yield "TSB", [tsb(series, alpha, beta, fit=fit) for alpha, beta in _FADES]


def _seasonal(series: Series, length: int, fit: int) -> list[Path]:
    """With a trend and without one."""
    moving = seasonal_start(series, length)
    level = seasonal_start(series, length, trend=False)
    return [
        holt_winters(series, length, alpha, beta, gamma, start=moving if beta else level, fit=fit)
        for alpha, beta, gamma in _SEASONS
    ]
