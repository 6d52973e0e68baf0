"""The facts of a report as people say them: for the model, for the text made here, for the check of words."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ai_features.facts.amounts import in_text
from ai_features.facts.report_columns import better, words_of
from ai_features.privacy.normalise import plain_words

Facts = dict[str, Any]
_PERCENT = {"percent", "percentage", "pct", "%"}
_OF_GOODS = ("sales", "products", "stock")
_CLAUSE = re.compile(r"[;:!?\n()]|[.,](?!\d)|\b(?:while|whereas|but|and|although|though|despite|as)\b")
_PERCENTAGE = re.compile(r"(\d[\d,]*(?:\.\d+)?) ?(?:%|per ?cent\b)")
_UP = re.compile(r"\b(?:up|rose|risen|rise|grew|grown|growth|increased?|climbed|gained?|higher|jumped)\b")
_DOWN = re.compile(
    r"\b(?:down|fell|fallen|fall|drop(?:ped)?|declined?|decreased?|shrank|shrunk|slipped|lower|lost|slumped)\b"
)
_NOT_SAID = re.compile(
    r"\b(?:not|no|never|without|instead|if|would|could|should|must|can|may|might|until|unless|target|goal|aim)\b|n't\b"
)


def told(facts: Facts) -> Facts:
    """What the model gets: some lines however long the report, each figure written as it may be repeated."""
    report, lists = facts["report"], {}
    for name, key in (("best", "top"), ("weakest", "bottom")):
        lists[name] = [_leader(facts, row) for row in facts[key]]
    for name in ("risers", "fallers"):
        lists[name] = [f"{row['name']}: {_moved(facts, row, facts['measure'])}" for row in facts[name]]
    lists["unusual"] = [_outlier(facts, row) for row in facts["outliers"]]
    shown: Facts = {
        "report": _about(report),
        "main_figure": facts["measure"],
        "totals": {row["column"]: _total(facts, row) for row in facts["totals"]},
        **{name: rows for name, rows in lists.items() if rows},
    }
    if facts["group_by"]:
        shown["best_and_weakest_by"] = facts["group_by"]
    if facts["trend"]:
        shown["trend"] = _trend(facts)
    if facts["weekdays"]:
        shown["weekdays"] = _weekdays(facts)
    if facts["notes"]:
        shown["notes"] = facts["notes"]
    return shown


def words(facts: Facts) -> dict[str, Any]:
    """A plain summary without a model."""
    shown = told(facts)
    main = next(row for row in facts["totals"] if row["column"] == facts["measure"])
    summary = [f"{_title(facts)}, {shown['report']['period']}."]
    summary += [f"{_named(column)}: {phrase}." for column, phrase in list(shown["totals"].items())[:6]]
    if "best" in shown:
        summary.append(f"First is {shown['best'][0]}.")
    if "trend" in shown:
        summary.append(f"{_named(facts['measure'])}: {shown['trend']}.")
    return {
        "headline": _headline(facts, main),
        "summary": _cut(" ".join(summary), 2000),
        "highlights": _short([*_read(facts, "good"), *_strengths(facts, shown)]),
        "risks": _short([*_read(facts, "bad"), *_weaknesses(facts, shown)]),
        "actions": _short(_actions(facts)),
    }


def contradictions(texts: Sequence[str], facts: Facts) -> list[str]:
    """Percentages that the texts call a rise and the facts a fall, or the other way round.

    A plain reading of clauses; what is negated, wished for, or said both ways is let pass.
    """
    moves = _moves(facts)
    found = []
    for clause in (part for text in texts for part in _CLAUSE.split(plain_words(text))):
        up, down = bool(_UP.search(clause)), bool(_DOWN.search(clause))
        if up == down or _NOT_SAID.search(clause):
            continue
        for match in _PERCENTAGE.finditer(clause):
            signs = moves.get(Decimal(match.group(1).replace(",", "")), set())
            if signs == {-1 if up else 1}:
                found.append(f"{match.group(1)}% is a {'fall' if up else 'rise'} in the data; say so")
    return list(dict.fromkeys(found))


def _moves(facts: Facts) -> dict[Decimal, set[int]]:
    """Percentage without its sign → the directions in which something moved by it."""
    moves: dict[Decimal, set[int]] = {}
    for row in (*facts["totals"], *facts["risers"], *facts["fallers"]):
        for percent in (row["change_percent"], row.get("per_day_percent")):
            if percent:
                moves.setdefault(abs(percent), set()).add(1 if percent > 0 else -1)
    return moves


def _about(report: Facts) -> Facts:
    about = {"type": report["type"], "period": _span(report["start"], report["end"])}
    if report["title"]:
        about["title"] = report["title"]
    if report["previous_start"]:
        about["compared_with"] = _span(report["previous_start"], report["previous_end"])
    return about


def _total(facts: Facts, row: Facts) -> str:
    if row["value"] is None:
        return f"nothing now, {_amount(facts, row['previous'], row['column'])} before"
    average = " on average" if row["role"] == "rate" else ""
    if row["previous"] is None:
        return f"{_amount(facts, row['value'], row['column'])}{average}"
    said = f"{_moved(facts, row, row['column'], average)}"
    if row["per_day_percent"] is not None:
        said += f"; per day {_way(row['per_day_percent'])} {abs(row['per_day_percent'])}%"
    return said if row["reading"] == "neutral" else f"{said}; that is {row['reading']}"


def _moved(facts: Facts, row: Facts, column: str, how: str = "") -> str:
    now, before = (_amount(facts, row[name], column) for name in ("value", "previous"))
    if not row["change"]:
        return f"{now}{how}, as before"
    if not row["previous"]:
        return f"{now}{how}, nothing before"
    percent = f" ({abs(row['change_percent'])}%)" if row["change_percent"] is not None else ""
    change = _amount(facts, abs(row["change"]), column)
    return f"{now}{how}, {_way(row['change'])} {change}{percent} from {before}"


def _way(change: Decimal) -> str:
    return "up" if change > 0 else "down"


def _leader(facts: Facts, row: Facts) -> str:
    share = f" ({row['share_percent']}% of all)" if row["share_percent"] is not None else ""
    return f"{row['name']}: {_amount(facts, row['value'], facts['measure'])}{share}"


def _outlier(facts: Facts, row: Facts) -> str:
    where = _spoken(row["where"])
    value, usual = (_amount(facts, row[name], row["column"]) for name in ("value", "usual"))
    return f"{row['column']}, {where}: {value}; usual is {usual}"


def _trend(facts: Facts) -> str:
    trend = facts["trend"]
    over = f"over {trend['points']} {trend['per']}s"
    if trend["direction"] == "none":
        return f"no clear trend {over}"
    slope = _amount(facts, abs(trend["slope"]), facts["measure"])
    return f"{trend['direction']} by about {slope} a {trend['per']} {over}"


def _weekdays(facts: Facts) -> Facts | str:
    weekdays = facts["weekdays"]
    if not weekdays["clear"]:
        return "weekdays do not differ clearly"
    typical = {row["weekday"]: _amount(facts, row["value"], facts["measure"]) for row in weekdays["typical"]}
    return {"best": weekdays["best"], "weakest": weekdays["weakest"], "a_usual": typical}


def _headline(facts: Facts, main: Facts) -> str:
    value = "nothing" if main["value"] is None else _amount(facts, main["value"], main["column"])
    percent = main["per_day_percent"] if main["per_day_percent"] is not None else main["change_percent"]
    per_day = " per day" if main["per_day_percent"] is not None else ""
    change = f", {_way(percent)} {abs(percent)}%{per_day}" if percent else ""
    return f"{_named(main['column'])}: {value}{change}"


def _read(facts: Facts, reading: str) -> Iterator[str]:
    for row in facts["totals"]:
        if row["reading"] == reading:
            yield f"{_named(row['column'])}: {_total(facts, row).removesuffix(f'; that is {reading}')}."


def _strengths(facts: Facts, shown: Facts) -> Iterator[str]:
    yield from _moves_of(facts, shown, up=_more_is_welcome(facts))
    if facts["weekdays"] and facts["weekdays"]["clear"]:
        day = facts["weekdays"]["best"]
        yield f"{day} is the best day, usually {shown['weekdays']['a_usual'][day]}."
    yield from (f"Largest: {one}." for one in shown.get("best", ())[:1])


def _weaknesses(facts: Facts, shown: Facts) -> Iterator[str]:
    yield from _moves_of(facts, shown, up=not _more_is_welcome(facts))
    yield from (f"Unusual: {one}." for one in shown.get("unusual", ())[:2])


def _moves_of(facts: Facts, shown: Facts, *, up: bool) -> Iterator[str]:
    """Who moved most that way, and the trend when it goes there."""
    said = "Grew most" if up else "Fell most"
    yield from (f"{said}: {one}." for one in shown.get("risers" if up else "fallers", ())[:1])
    if facts["trend"] and facts["trend"]["direction"] == ("rising" if up else "falling"):
        yield f"{_named(facts['measure'])}: {shown['trend']}."


def _more_is_welcome(facts: Facts) -> bool:
    """Of expenses and debts, less is."""
    return better(facts["measure"], _role(facts, facts["measure"]), facts["report"]["type"]) >= 0


def _role(facts: Facts, column: str) -> str:
    return next(str(row["role"]) for row in facts["totals"] if row["column"] == column)


def _actions(facts: Facts) -> Iterator[str]:
    welcome, unwelcome = ("risers", "fallers") if _more_is_welcome(facts) else ("fallers", "risers")
    yield from (f"Find out what happened to {row['name']}." for row in facts[unwelcome][:1])
    yield from (
        f"Check the entry: {row['column']}, {_spoken(row['where'])}." for row in facts["outliers"][:1]
    )
    if facts["weekdays"] and facts["weekdays"]["clear"]:
        yield f"Have enough stock and people for {facts['weekdays']['best']}."
    keep = (
        "See that {} does not run short."
        if facts["report"]["type"] in _OF_GOODS
        else "Keep up what helped {}."
    )
    yield from (keep.format(row["name"]) for row in facts[welcome][:1])
    if not facts["report"]["previous_start"]:
        yield "Send the previous period, too, and see what changed."
    yield f"Look at {_named(facts['measure'])} again at the end of the next period."


def _title(facts: Facts) -> str:
    report = facts["report"]
    return str(report["title"] or f"Report on {report['type']}")


def _amount(facts: Facts, value: Decimal, column: str) -> str:
    """GHS 1,200 for money, 12.50% where the heading says so."""
    written = in_text(value)
    if _role(facts, column) == "money":
        return f"{facts['report']['currency']} {written}"
    return f"{written}%" if _PERCENT.intersection(words_of(column)) else written


def _named(column: str) -> str:
    text = column.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _spoken(where: str) -> str:
    """A day as 4 December 2026; anything else as it is."""
    try:
        day = date.fromisoformat(where)
    except ValueError:
        return where
    return f"{day.day} {day:%B %Y}"


def _span(start: str, end: str) -> str:
    return _spoken(start) if start == end else f"{_spoken(start)} to {_spoken(end)}"


def _short(lines: Iterator[str] | Sequence[str]) -> list[str]:
    return [_cut(line, 400) for line in list(lines)[:6]]


def _cut(text: str, length: int) -> str:
    """At a word's end: half a number would be another number."""
    return text if len(text) <= length else text[: length + 1].rsplit(" ", 1)[0][:length]
