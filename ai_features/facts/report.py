"""What a report shows: totals and their change, who leads, what moved, what is odd, trend and weekdays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ai_features.facts import report_columns as columns
from ai_features.facts.amounts import ghs, in_text, percent, tenth
from ai_features.facts.report_days import Series, add_up
from ai_features.facts.robust import odd

ZERO = Decimal(0)
SHOWN = 5
NOT_GIVEN = "not given"
# Periods that differ by more than an eighth (28 and 31 days do not) are compared by day, not row by row.
_ALIKE = 8

Row = Mapping[str, Any]
Span = tuple[date, date]
Figures = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """The rows and the totals sent for one period, both ends of which count."""

    span: Span
    rows: Sequence[Row] = ()
    totals: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def days(self) -> int:
        return (self.span[1] - self.span[0]).days + 1

    def values(self, heading: str) -> list[Decimal]:
        return [row[heading] for row in self.rows if row.get(heading) is not None]

    def by(self, label: str, heading: str, role: str) -> dict[str, Decimal]:
        """Label → sum or average, in the order of the rows."""
        groups: dict[str, list[Decimal]] = {}
        for row in self.rows:
            if row.get(heading) is not None:
                groups.setdefault(str(row.get(label) or NOT_GIVEN), []).append(row[heading])
        return {name: add_up(values, role) for name, values in groups.items()}


@dataclass(frozen=True, kw_only=True)
class Report:
    """`roles` has a role for every heading. `measure` and `group_by` are headings, when the caller chose."""

    kind: str
    roles: Mapping[str, str]
    now: Part
    before: Part | None = None
    measure: str | None = None
    group_by: str | None = None

    @property
    def numeric(self) -> list[str]:
        return [heading for heading, role in self.roles.items() if role in columns.NUMERIC]

    @property
    def main(self) -> str:
        """The column that matters most: as chosen, else the first of money that is not a cost, and so on."""
        if self.measure is not None:
            return self.measure

        def weight(heading: str) -> tuple[bool, ...]:
            role = self.roles[heading]
            is_bad = columns.better(heading, role, "other") < 0
            return (role != "money", is_bad, not columns.is_main(heading), role == "rate")

        return min(self.numeric, key=weight)

    @property
    def label(self) -> str | None:
        if self.group_by is not None:
            return self.group_by
        texts = [heading for heading, role in self.roles.items() if role in ("label", "name")]
        return next((one for one in texts if len({row.get(one) for row in self.now.rows}) > 1), None)

    @property
    def day(self) -> str | None:
        return next((heading for heading, role in self.roles.items() if role == "date"), None)

    @property
    def is_alike(self) -> bool:
        """Whether the periods are of about the same length."""
        if self.before is None:
            return False
        now, before = self.now.days, self.before.days
        return abs(now - before) * _ALIKE <= max(now, before)

    def series(self, heading: str) -> Series | None:
        if self.day is None:
            return None
        by_day: dict[date, list[Decimal]] = {}
        for row in self.now.rows:
            if row.get(self.day) is not None and row.get(heading) is not None:
                by_day.setdefault(row[self.day], []).append(row[heading])
        summed = {day: add_up(values, self.roles[heading]) for day, values in sorted(by_day.items())}
        return Series(summed) if summed else None


def of(report: Report) -> Figures:
    """All figures, rounded as they are shown. There must be a column of numbers."""
    main, label = report.main, report.label
    role = report.roles[main]
    groups = report.now.by(label, main, role) if label else {}
    series = report.series(main)
    risers, fallers = _movers(report, groups)
    top, bottom = _leaders(groups, role, _total(report.now, main, role))
    return {
        "measure": main,
        "group_by": label,
        "totals": [_compared(report, heading) for heading in sorted(report.numeric, key=lambda h: h != main)],
        "top": top,
        "bottom": bottom,
        "risers": risers,
        "fallers": fallers,
        "outliers": _outliers(report),
        "trend": series.trend() if series else None,
        "weekdays": series.weekdays() if series else None,
        "notes": _notes(report, series),
    }


def _total(part: Part | None, heading: str, role: str) -> Decimal | None:
    """As sent, else of the rows; None where there is nothing."""
    if part is None:
        return None
    if heading in part.totals:
        return part.totals[heading]
    values = part.values(heading)
    return add_up(values, role) if values else None


def _compared(report: Report, heading: str) -> Figures:
    role = report.roles[heading]
    now, before = _total(report.now, heading, role), _total(report.before, heading, role)
    change = None if now is None or before is None else ghs(now) - ghs(before)
    by_day = None
    if now is not None and before is not None and report.before and role in columns.ADDED_UP:
        days = report.now.days, report.before.days
        by_day = growth(now * days[1], before * days[0]) if days[0] != days[1] else None
    moved = by_day if by_day is not None else change
    good = columns.better(heading, role, report.kind) * (moved or ZERO)
    return {
        "column": heading,
        "role": role,
        "value": None if now is None else ghs(now),
        "previous": None if before is None else ghs(before),
        "change": change,
        "change_percent": None if now is None or before is None else growth(now, before),
        "per_day_percent": by_day,
        "reading": "good" if good > 0 else "bad" if good < 0 else "neutral",
    }


def growth(now: Decimal, before: Decimal) -> Decimal | None:
    """Change in per cent; of nothing, or of less than nothing, there is none."""
    return percent(now - before, before) if before > 0 else None


def _leaders(
    groups: Mapping[str, Decimal], role: str, total: Decimal | None
) -> tuple[list[Figures], list[Figures]]:
    """The largest, and of the others the smallest first. Shares only of what can be added up."""
    if len(groups) < 2:
        return [], []
    has_shares = bool(role in columns.ADDED_UP and total and total > 0 and min(groups.values()) >= 0)
    ordered = sorted(groups.items(), key=lambda one: -one[1])

    def row(name: str, value: Decimal) -> Figures:
        share = percent(value, total) if has_shares and total else None
        return {"name": name, "value": ghs(value), "share_percent": share}

    rest = sorted(ordered[SHOWN:], key=lambda one: one[1])
    return [row(*one) for one in ordered[:SHOWN]], [row(*one) for one in rest[:SHOWN]]


def _movers(report: Report, groups: Mapping[str, Decimal]) -> tuple[list[Figures], list[Figures]]:
    """Who grew and who fell most against the previous rows; both only when the periods are alike."""
    if not groups or report.label is None or report.before is None or not report.is_alike:
        return [], []
    role = report.roles[report.main]
    earlier = report.before.by(report.label, report.main, role)
    if not earlier:
        return [], []
    names = list(dict.fromkeys([*groups, *earlier]))
    if role not in columns.ADDED_UP:  # what is not there has no price, rather than none of it
        names = [name for name in names if name in groups and name in earlier]
    rows = [_mover(name, groups.get(name, ZERO), earlier.get(name, ZERO)) for name in names]
    rows.sort(key=lambda one: one["change"])
    down = [one for one in rows if one["change"] < 0]
    rows.sort(key=lambda one: -one["change"])
    up = [one for one in rows if one["change"] > 0]
    return up[:SHOWN], down[:SHOWN]


def _mover(name: str, now: Decimal, before: Decimal) -> Figures:
    return {
        "name": name,
        "value": ghs(now),
        "previous": ghs(before),
        "change": ghs(now) - ghs(before),
        "change_percent": growth(now, before),
    }


def _outliers(report: Report) -> list[Figures]:
    """The oddest of all columns: days where the rows have dates, else what `group_by` tells apart."""
    found = [one for heading in report.numeric for one in _odd_in(report, heading)]
    return sorted(found, key=lambda one: -abs(one["z"]))[:SHOWN]


def _odd_in(report: Report, heading: str) -> Iterable[Figures]:
    series = report.series(heading)
    if series is not None:
        found = series.outliers()
    elif report.label is not None:
        found = odd(report.now.by(report.label, heading, report.roles[heading]))
    else:
        return
    for where, value, usual, z in found:
        yield {"column": heading, "where": where, "value": ghs(value), "usual": ghs(usual), "z": tenth(z)}


def _notes(report: Report, series: Series | None) -> list[str]:
    notes = list(_differing_totals(report))
    if report.before is None:
        notes.append("Without a previous period nothing can be said about change.")
    elif not report.is_alike:
        days = f"{report.now.days} and {report.before.days} days"
        notes.append(f"The periods have {days}: totals are compared per day, single rows are not.")
    if series is None:
        notes.append("Without a column of dates there is no trend and no weekday pattern.")
    else:
        notes += series.notes()
    return notes


def _differing_totals(report: Report) -> Iterable[str]:
    for heading, sent in report.now.totals.items():
        values = report.now.values(heading)
        if not values or report.roles[heading] not in columns.ADDED_UP:
            continue
        added = sum(values, ZERO)
        if ghs(added) != ghs(sent):
            yield f"The rows of {heading} add up to {in_text(added)}; its total was sent as {in_text(sent)}."
