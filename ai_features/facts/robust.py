"""Statistics that a few odd values do not spoil: outliers, trend, differences between groups.

Plain rank and median methods, exact in Decimal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median

ZERO = Decimal(0)
OUTLIER = Decimal("3.5")
FEWEST_FOR_OUTLIERS = 8
FEWEST_FOR_TREND = 10
# The 95% points of chi-square by degrees of freedom. 3.841 is 1.96 squared: the two-sided normal test.
_CHI_SQUARE = dict(enumerate(map(Decimal, ("3.841", "5.991", "7.815", "9.488", "11.070", "12.592")), 1))


def modified_z(values: Sequence[Decimal]) -> list[Decimal]:
    """How far each value is from the median, in robust standard deviations.

    0.6745 × (x - median) ÷ MAD; above 3.5 a value is an outlier (Iglewicz and Hoaglin, How to Detect and
    Handle Outliers, 1993). Where more than half of the values are equal the MAD is 0; then
    (x - median) ÷ (1.253314 × mean absolute deviation), as IBM SPSS does. All 0 when all values are equal.
    """
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    mad = median(distances)
    if mad:
        return [Decimal("0.6745") * (value - middle) / mad for value in values]
    mean_distance = sum(distances, ZERO) / len(distances)
    if not mean_distance:
        return [ZERO] * len(values)
    return [(value - middle) / (Decimal("1.253314") * mean_distance) for value in values]


def odd(
    values: Mapping[str, Decimal], usual: Mapping[str, Decimal] | None = None
) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Name, value, what is usual and modified z of each outlier, in the order given; none of fewer than 8.

    With `usual` the distances from it are compared; otherwise the median of all is usual.
    """
    if len(values) < FEWEST_FOR_OUTLIERS:
        return []
    if usual is None:
        usual = dict.fromkeys(values, median(values.values()))
    scores = modified_z([value - usual[name] for name, value in values.items()])
    return [
        (name, value, usual[name], z)
        for (name, value), z in zip(values.items(), scores, strict=True)
        if abs(z) > OUTLIER
    ]


def slope(points: Sequence[tuple[int, Decimal]]) -> Decimal:
    """Change of y for one step of x: the median of the slopes of all pairs (Theil 1950, Sen 1968).

    Pairs with the same x have none. At least two different x. Quadratic in the points.
    """
    return median(
        (y_later - y) / (x_later - x)
        for place, (x, y) in enumerate(points)
        for x_later, y_later in points[place + 1 :]
        if x_later != x
    )


def direction(series: Sequence[Decimal]) -> int:
    """1 for a series that rises, -1 for one that falls, 0 when chance alone may do that (5%, two-sided).

    Mann and Kendall's test with 1 taken off S for continuity; its normal approximation holds from 10 on.
    """
    score, variance = mann_kendall(series)
    if max(abs(score) - 1, 0) ** 2 <= _CHI_SQUARE[1] * variance:
        return 0
    return 1 if score > 0 else -1


def mann_kendall(series: Sequence[Decimal]) -> tuple[int, Decimal]:
    """S, the pairs that rise less the pairs that fall, and its variance corrected for ties.

    Mann (1945), Kendall (Rank Correlation Methods, 1975).
    """
    score = sum(
        (later > value) - (later < value)
        for place, value in enumerate(series)
        for later in series[place + 1 :]
    )
    return score, Decimal(_weight(len(series)) - sum(map(_weight, Counter(series).values()))) / 18


def groups_differ(groups: Mapping[int, Sequence[Decimal]]) -> bool:
    """Whether two to seven groups differ by more than chance alone would do (5%), by Kruskal and Wallis."""
    return kruskal_wallis(groups) > _CHI_SQUARE[len(groups) - 1]


def kruskal_wallis(groups: Mapping[int, Sequence[Decimal]]) -> Decimal:
    """H = 12 ÷ (n(n+1)) × Σ R² ÷ size of each group - 3(n+1), over 1 - Σ(t³ - t) ÷ (n³ - n) for ties.

    R is the sum of a group's ranks, t how often a value occurs (Kruskal and Wallis, 1952). 0 when all values
    are equal.
    """
    values = [value for group in groups.values() for value in group]
    count, ranks = len(values), _ranks(values)
    untied = 1 - Decimal(sum(size**3 - size for size in Counter(values).values())) / (count**3 - count)
    if not untied:
        return ZERO
    squares = sum((sum((ranks[v] for v in group), ZERO) ** 2 / len(group) for group in groups.values()), ZERO)
    return (12 * squares / (count * (count + 1)) - 3 * (count + 1)) / untied


def _weight(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)


def _ranks(values: Sequence[Decimal]) -> dict[Decimal, Decimal]:
    """Value → its rank from 1; equal values share the mean of theirs."""
    ranks: dict[Decimal, Decimal] = {}
    before = 0
    for value, count in sorted(Counter(values).items()):
        ranks[value] = before + Decimal(count + 1) / 2
        before += count
    return ranks
