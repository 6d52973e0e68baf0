"""Forecasting methods for demand, each as one pass through a series that remembers where it stood.

A `Path` holds the state after every period, so that a forecast can be made from any of them without a look at
what came later: that is what a back-test needs. Plain floats: quantities, never money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

Series = Sequence[float]


@dataclass(frozen=True)
class Path:
    """State t is what is known after the first t periods.

    `season[t + k]` belongs to the (k + 1)th period after them, for k below `length`. `early` is the sum
    of the squared one-step errors up to the period that a fit ends at, `error` that of all periods.
    """

    level: Sequence[float]
    trend: Sequence[float] | None = None
    season: Sequence[float] | None = None
    length: int = 1
    damping: float = 1.0
    early: float = 0.0
    error: float = 0.0

    def forecast(self, at: int, steps: int, *, trend_for: int | None = None) -> list[float]:
        """The `steps` periods after the first `at`, never below nothing.

        A trend goes on for `trend_for` periods and then stays where it is.
        """
        level = self.level[at]
        if self.trend is None:
            expected = [level] * steps
        else:
            slope, last = self.trend[at], steps if trend_for is None else trend_for
            expected = []
            for step in range(steps):
                if step < last:
                    slope *= self.damping
                    level += slope
                expected.append(level)
        if self.season is not None:
            cycle = self.season[at : at + self.length]
            expected = [value + cycle[step % self.length] for step, value in enumerate(expected)]
        return [max(value, 0.0) for value in expected]


def seasonal_naive(series: Series, length: int) -> Path:
    """Again what was sold one season ago; with length 1 what was sold last. The measure of the others."""
    return Path([0.0] * (len(series) + 1), None, [*[0.0] * length, *series], length)


def simple(series: Series, alpha: float, *, start: float | None = None, fit: int = 0) -> Path:
    """Simple exponential smoothing (Brown 1956): level += a·e."""
    level = series[0] if start is None else start
    levels, error, early = [level], 0.0, 0.0
    for place, value in enumerate(series):
        if place == fit:
            early = error
        miss = value - level
        error += miss * miss
        level += alpha * miss
        levels.append(level)
    return Path(levels, early=early, error=error)


def holt(
    series: Series,
    alpha: float,
    beta: float,
    damping: float = 1.0,
    *,
    start: tuple[float, float] | None = None,
    fit: int = 0,
) -> Path:
    """Holt's linear trend (Holt 1957): level += slope + a·e, slope += a·b·e.

    Starts from the first few periods. With `damping` below 1 the trend fades by it each period (Gardner &
    McKenzie 1985).
    """
    few = min(len(series) - 1, 4)
    rise = (series[few] - series[0]) / few if few else 0.0
    level, slope = start or (series[0] - rise, rise)
    levels, slopes, error, early = [level], [slope], 0.0, 0.0
    both = alpha * beta
    for place, value in enumerate(series):
        if place == fit:
            early = error
        slope *= damping
        miss = value - level - slope
        error += miss * miss
        level += slope + alpha * miss
        slope += both * miss
        levels.append(level)
        slopes.append(slope)
    return Path(levels, slopes, damping=damping, early=early, error=error)


Start = tuple[float, float, Sequence[float]]


def holt_winters(
    series: Series, length: int, alpha: float, beta: float, gamma: float, *, start: Start, fit: int = 0
) -> Path:
    """Additive Holt-Winters (Winters 1960), error-correction form of Hyndman & Athanasopoulos, fpp3, 8.3.

    `start`: level, slope and seasonal deviations before the first period.
    """
    level, slope, first = start
    levels, slopes, season, error, early = [level], [slope], list(first), 0.0, 0.0
    both = alpha * beta
    for place, value in enumerate(series):
        if place == fit:
            early = error
        deviation = season[place]
        miss = value - level - slope - deviation
        error += miss * miss
        season.append(deviation + gamma * miss)
        level += slope + alpha * miss
        slope += both * miss
        levels.append(level)
        slopes.append(slope)
    return Path(levels, slopes, season, length, early=early, error=error)


def seasonal_start(series: Series, length: int, *, trend: bool = True) -> Start:
    """A start for Holt-Winters from the first two seasons, which must be there.

    The slope is the change of their means, the deviations are the mean of both seasons' around that line.
    """
    first = sum(series[:length]) / length
    second = sum(series[length : 2 * length]) / length
    slope = (second - first) / length
    middle = (length - 1) / 2
    deviations = [
        (series[k] - first + series[k + length] - second) / 2 - slope * (k - middle) for k in range(length)
    ]
    if not trend:
        return first, 0.0, deviations
    return first - slope * (middle + 1), slope, deviations


def croston(series: Series, alpha: float, *, bias: float = 1.0, fit: int = 0) -> Path:
    """Croston (1972): smoothed size of a demand ÷ smoothed interval between demands; both move with a demand.

    `bias` 1 - alpha/2 takes off what Croston's forecast is too high by (Syntetos & Boylan 2005).
    """
    levels, rate, error, early = [0.0], 0.0, 0.0, 0.0
    size = interval = 0.0
    since = 1
    for place, value in enumerate(series):
        if place == fit:
            early = error
        error += (value - rate) * (value - rate)
        if value > 0:
            if interval:
                size += alpha * (value - size)
                interval += alpha * (since - interval)
            else:
                size, interval = value, since
            rate = bias * size / interval
            since = 1
        else:
            since += 1
        levels.append(rate)
    return Path(levels, early=early, error=error)


def sba(series: Series, alpha: float, *, fit: int = 0) -> Path:
    """Syntetos & Boylan (2005): Croston's forecast × (1 - alpha/2)."""
    return croston(series, alpha, bias=1 - alpha / 2, fit=fit)


def tsb(series: Series, alpha: float, beta: float, *, fit: int = 0) -> Path:
    """Teunter, Syntetos & Babai (2011): smoothed chance of a demand × smoothed size.

    The chance falls in every period without a demand, so what is no longer asked for fades away.
    """
    size = next((value for value in series if value > 0), 0.0)
    chance = 1.0 if series[0] > 0 else 0.0
    levels, rate, error, early = [0.0, chance * size], chance * size, 0.0, 0.0
    for place, value in enumerate(series[1:], 1):
        if place == fit:
            early = error
        miss = value - rate
        error += miss * miss
        if value > 0:
            chance += beta * (1 - chance)
            size += alpha * (value - size)
        else:
            chance -= beta * chance
        rate = chance * size
        levels.append(rate)
    return Path(levels, early=early, error=error)


def totals(series: Series) -> list[float]:
    """Sums of the first 0, 1, 2 … periods."""
    return list(accumulate(series, initial=0.0))
