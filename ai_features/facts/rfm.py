"""Recency, frequency and monetary scores from 1 to 5, and the segments they name.

The method: A. M. Hughes, "Strategic Database Marketing" (1994): customers are ordered by each measure and cut
into five groups of equal size, 5 the best. Segment names and their places follow the grid usual in the field:
recency against the mean of frequency and monetary.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

QUINTILES = 5
LEAST_CUSTOMERS = 5  # one for each score

# Name, and what is usually done.
SEGMENTS: dict[str, tuple[str, str]] = {
    "champions": ("Champions", "Thank them, show them new goods first and ask them to recommend the shop."),
    "loyal": ("Loyal customers", "Keep the goods they buy in stock and give a reward for coming back."),
    "potential_loyalists": ("Potential loyalists", "Offer something that goes with what they bought."),
    "new": ("New customers", "Welcome them and give a reason for a second visit."),
    "promising": ("Promising", "Remind them of the shop with a small offer."),
    "need_attention": ("Need attention", "Make an offer for a limited time on what they usually buy."),
    "about_to_sleep": ("About to sleep", "Send a friendly message before they forget the shop."),
    "at_risk": ("At risk", "Write to them by name with an offer on what they bought."),
    "cannot_lose": ("Cannot lose", "Call them, ask what went wrong and win them back."),
    "hibernating": ("Hibernating", "Send one offer; spend no more on them if it has no effect."),
}
# Rows: recency 5 to 1. Columns: the mean of frequency and monetary, 1 to 5.
_GRID = {
    5: ("new", "potential_loyalists", "potential_loyalists", "champions", "champions"),
    4: ("promising", "potential_loyalists", "potential_loyalists", "loyal", "loyal"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
}


@dataclass(frozen=True)
class Scores:
    recency: int
    frequency: int
    monetary: int

    @property
    def value(self) -> int:
        """The mean of frequency and monetary, half up."""
        return (self.frequency + self.monetary + 1) // 2

    @property
    def segment(self) -> str:
        return _GRID[self.recency][self.value - 1]


def quintiles(values: Sequence[int | Decimal]) -> list[int]:
    """The score of each value among all of them, 5 the highest.

    Equal values get equal scores: the quintile in which the middle of their places lies (mid-ranks). Without
    ties and with a count divisible by five these are exactly five groups of one size. Where all are equal,
    all get 3.
    """
    ordered = sorted(values)
    places = 2 * len(ordered)
    return [
        1 + QUINTILES * (bisect_left(ordered, value) + bisect_right(ordered, value)) // places
        for value in values
    ]


def scores(measures: Sequence[tuple[int, int, Decimal]]) -> list[Scores]:
    """Of customers given by days since the last purchase, number of purchases and money spent."""
    recency = quintiles([-days for days, _, _ in measures])
    frequency = quintiles([times for _, times, _ in measures])
    monetary = quintiles([spent for _, _, spent in measures])
    return [Scores(*three) for three in zip(recency, frequency, monetary, strict=True)]
