"""What a figure does over the days of a report: trend, weekdays, odd days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any

from ai_features.facts import robust
from ai_features.facts.amounts import ghs
from ai_features.facts.report_columns import ADDED_UP

# So many dates of a weekday are needed before it is compared with others.
FEWEST_OF_A_WEEKDAY = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DIRECTIONS = {1: "rising", -1: "falling", 0: "none"}


def add_up(values: Sequence[Decimal], role: str) -> Decimal:
    """The sum; the plain average of rates. At least one value."""
    total = sum(values, Decimal(0))
    return total if role in ADDED_UP else total / len(values)


@dataclass(frozen=True)
class Series:
    """One value for each day, or for each week or month when the rows are so far apart; oldest first."""

    values: Mapping[date, Decimal]

    @property
    def unit(self) -> str:
        """month: all on the first of one; week: all on the same weekday; day otherwise."""
        days = list(self.values)
        if len(days) > 1 and all(day.day == 1 for day in days):
            return "month"
        if len(days) > 1 and all((later - day).days % 7 == 0 for day, later in pairwise(days)):
            return "week"
        return "day"

    @cached_property
    def by_weekday(self) -> dict[int, list[Decimal]]:
        """The weekdays that can be compared; none when the rows are weeks or months."""
        found: dict[int, list[Decimal]] = {}
        if self.unit == "day":
            for day, value in self.values.items():
                found.setdefault(day.weekday(), []).append(value)
        enough = {weekday: found[weekday] for weekday in sorted(found)}
        enough = {weekday: values for weekday, values in enough.items() if len(values) >= FEWEST_OF_A_WEEKDAY}
        return enough if len(enough) > 1 else {}

    @cached_property
    def has_pattern(self) -> bool:
        """Whether weekdays differ more than chance explains."""
        return bool(self.by_weekday) and robust.groups_differ(self.by_weekday)

    @cached_property
    def usual(self) -> dict[date, Decimal]:
        """What each day brings as a rule: its weekday's median where weekdays differ, else that of all."""
        overall = median(self.values.values())
        levels = {weekday: median(values) for weekday, values in self.by_weekday.items()}
        if not self.has_pattern:
            levels = {}
        return {day: levels.get(day.weekday(), overall) for day in self.values}

    def trend(self) -> dict[str, Any] | None:
        """Theil and Sen's slope and Mann and Kendall's direction, weekdays levelled out; of ten on."""
        if len(self.values) < robust.FEWEST_FOR_TREND:
            return None
        level = [value - self.usual[day] for day, value in self.values.items()]
        places = [self._place(day) for day in self.values]
        return {
            "direction": _DIRECTIONS[robust.direction(level)],
            "per": self.unit,
            "slope": ghs(robust.slope(list(zip(places, level, strict=True)))),
            "points": len(level),
            "method": "Theil-Sen slope, Mann-Kendall test at 5%",
        }

    def weekdays(self) -> dict[str, Any] | None:
        """The median of each weekday that occurs at least four times, and whether they really differ."""
        if not self.by_weekday:
            return None
        typical = {weekday: median(values) for weekday, values in self.by_weekday.items()}
        best, weakest = max(typical, key=lambda day: typical[day]), min(typical, key=lambda day: typical[day])
        return {
            "clear": self.has_pattern,
            "best": WEEKDAYS[best] if self.has_pattern else None,
            "weakest": WEEKDAYS[weakest] if self.has_pattern else None,
            "typical": [
                {"weekday": WEEKDAYS[weekday], "value": ghs(value), "days": len(self.by_weekday[weekday])}
                for weekday, value in typical.items()
            ],
            "method": "medians, Kruskal-Wallis test at 5%",
        }

    def outliers(self) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """As `robust.odd`; where weekdays differ, each day is compared with its own."""
        named = {day.isoformat(): value for day, value in self.values.items()}
        usual = {day.isoformat(): value for day, value in self.usual.items()}
        return robust.odd(named, usual)

    def notes(self) -> list[str]:
        """What is missing for more."""
        notes = []
        have, need = len(self.values), robust.FEWEST_FOR_TREND
        if have < need:
            notes.append(f"A trend needs {need} dates; there are {have}.")
        if self.unit == "day" and not self.by_weekday:
            notes.append(f"A weekday pattern needs {FEWEST_OF_A_WEEKDAY} dates of each weekday.")
        return notes

    def _place(self, day: date) -> int:
        if self.unit == "month":
            return day.year * 12 + day.month
        return day.toordinal() // (7 if self.unit == "week" else 1)
