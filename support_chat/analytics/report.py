"""The support chat in figures. Money is exact; times are seconds, ratios percent, both half up to two places.

Everything is told of what happened in the period: a conversation counts when something was written in it, a
message when it was written, a ticket when it was opened, a rating when it was given. Whether a conversation
is resolved is told as it stands now. A percentile is interpolated between the two values around it
(PostgreSQL's `percentile_cont`, Hyndman and Fan's type 7).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.conf import settings

from config.core import money
from subscriptions.selectors import catalogue

from . import reading
from .issues import MOST_QUESTIONS, issues
from .reading import Row

# A conversation nobody closed is over when nothing was written for so long.
QUIET = timedelta(hours=24)
ANSWERS = ("curated", "model", "search", "none", "staff", "failed")
OUTCOMES = ("without_human", "with_human", "unresolved", "ongoing")
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The last `days` calendar days, today included; of one assistant, language or business, or of all."""

    days: int
    assistant: str | None = None
    language: str | None = None
    business_id: UUID | None = None


def report(*, scope: Scope, now: datetime) -> Row:
    """All figures. Eight queries, linear in the messages of the period, whatever lies before it."""
    read = _parameters(scope, now)
    sums, active = reading.sums(read), reading.active_by_day(read)
    by_day = _by_day(sums, active, now)
    outcomes, tickets = reading.outcomes(read), reading.tickets(read)
    cost = {name: sum((row[name] for row in by_day), Decimal(0)) for name in ("cost_usd", "cost_ghs")}
    conversations = sum(row["conversations"] for row in outcomes.values())
    resolution = _resolution(outcomes)
    asked, unanswered = reading.questions(read), reading.gaps(read)
    return {
        "period_days": scope.days,
        "conversations": conversations,
        "begun": sum(row["begun"] for row in sums),
        "messages": _count(sums),
        "questions": _count(row for row in sums if row["author"] == "user"),
        "answers": _answers(sums),
        "times": _times(reading.reply_times(read), tickets),
        "resolution": resolution,
        "handoff": _handoff(tickets, conversations),
        "csat": _csat(reading.ratings(read)),
        "cost": _unit_costs(cost, conversations, resolution),
        "languages": _languages(sums),
        "by_day": by_day,
        "issues": {"read": len(asked), "at_most": MOST_QUESTIONS, "groups": issues(asked)},
        "gaps": {"read": len(unanswered), "at_most": MOST_QUESTIONS, "groups": issues(unanswered)},
    }


def _parameters(scope: Scope, now: datetime) -> Row:
    last = now.date()
    first = last - timedelta(days=scope.days - 1)
    midnight = datetime.combine(first, time(), UTC)
    return {
        "first": first,
        "last": last + timedelta(days=1),  # where today is tomorrow already
        # A day begins 14 hours before UTC's at the earliest, and ends 12 hours after it at the latest.
        "since": midnight - timedelta(hours=15),
        "until": now,
        "quiet_since": now - QUIET,
        "zone": settings.PLATFORM_TIME_ZONE,
        "assistant": scope.assistant,
        "language": scope.language,
        "business": scope.business_id,
    }


def _count(rows: Iterable[Row]) -> int:
    return sum(row["messages"] for row in rows)


def _by_day(sums: list[Row], active: dict[date, int], now: datetime) -> list[Row]:
    """Days on which something was written. Dollars become cedis at the rate with which their day ended."""
    rows: dict[date, list[Row]] = defaultdict(list)
    for row in sums:
        rows[row["day"]].append(row)
    days = []
    for day, of_day in sorted(rows.items()):
        cost_usd = sum((row["cost_usd"] for row in of_day), Decimal(0))
        ended = min(datetime.combine(day, time.max, UTC), now)
        rate = catalogue.usd_to_ghs(now=ended) if cost_usd else Decimal(0)
        days.append(
            {
                "day": day,
                "conversations": active[day],
                "begun": sum(row["begun"] for row in of_day),
                "messages": _count(of_day),
                "answers": {kind: _count(r for r in of_day if r["answer"] == kind) for kind in ANSWERS},
                "cost_usd": money.usd(cost_usd),
                "cost_ghs": money.usd(cost_usd * rate),
            }
        )
    return days


def _answers(sums: list[Row]) -> list[Row]:
    counts = {kind: _count(row for row in sums if row["answer"] == kind) for kind in ANSWERS}
    all_answers = sum(counts.values())
    return [
        {"by": kind, "answers": count, "share": percent(count, all_answers)} for kind, count in counts.items()
    ]


def _languages(sums: list[Row]) -> list[Row]:
    counts: dict[str, int] = {}
    for row in sums:
        if row["author"] == "user":
            counts[row["language"]] = counts.get(row["language"], 0) + row["messages"]
    questions = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [
        {"language": language, "questions": count, "share": percent(count, questions)}
        for language, count in ordered
    ]


def _times(replies: Row, tickets: list[Row]) -> Row:
    of_all = _of_all(tickets)
    return {
        "first_text": _percentiles(replies["replies"], replies["first_text"]),
        "whole_reply": _percentiles(replies["replies"], replies["whole"]),
        "staff_first_reply": _percentiles(of_all["replied"], of_all["first_reply"]),
    }


def _percentiles(count: int, found: list[float | None] | None) -> Row:
    median, p90 = found or (None, None)
    return {"count": count, "median_s": _two_places(median), "p90_s": _two_places(p90)}


def _two_places(seconds: float | None) -> Decimal | None:
    return None if seconds is None else Decimal(str(seconds)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def _of_all(tickets: list[Row]) -> Row:
    return next(row for row in tickets if row["any_reason"] and row["any_category"])


def _resolution(outcomes: dict[str, Row]) -> Row:
    counts = {name: outcomes[name]["conversations"] if name in outcomes else 0 for name in OUTCOMES}
    over = sum(counts.values()) - counts["ongoing"]
    reopened = sum(row["reopened"] for row in outcomes.values())
    resolved = counts["without_human"] + counts["with_human"]
    return {
        **counts,
        "resolved": resolved,
        "rate": percent(resolved, over),
        "rate_without_human": percent(counts["without_human"], over),
        "reopened": reopened,
        "reopened_rate": percent(reopened, sum(row["ever_resolved"] for row in outcomes.values())),
    }


def _handoff(tickets: list[Row], conversations: int) -> Row:
    of_all = _of_all(tickets)
    return {
        "tickets": of_all["tickets"],
        "conversations": of_all["conversations"],
        "rate": percent(of_all["conversations"], conversations),
        "reasons": _by(tickets, "reason", "any_reason"),
        "categories": _by(tickets, "category", "any_category"),
    }


def _by(tickets: list[Row], name: str, not_by: str) -> list[Row]:
    found = [{name: row[name], "tickets": row["tickets"]} for row in tickets if not row[not_by]]
    return sorted(found, key=lambda row: (-row["tickets"], row[name]))


def _csat(ratings: dict[int, int]) -> Row:
    count = sum(ratings.values())
    points = sum(stars * times for stars, times in ratings.items())
    return {
        "ratings": count,
        "mean": percent(points, count, times=1),
        "distribution": [{"rating": stars, "ratings": ratings.get(stars, 0)} for stars in range(1, 6)],
    }


def _unit_costs(cost: dict[str, Decimal], conversations: int, resolution: Row) -> Row:
    def each(amount: Decimal, count: int) -> Decimal | None:
        return money.usd(amount / count) if count else None

    return {
        **cost,
        **{
            f"{name}_per_{what}": each(amount, count)
            for name, amount in cost.items()
            for what, count in (("conversation", conversations), ("resolved", resolution["resolved"]))
        },
    }


def percent(part: int, whole: int, *, times: int = 100) -> Decimal | None:
    """`times` x part ÷ whole with two places, half up; None without a whole."""
    if not whole:
        return None
    return (times * Decimal(part) / Decimal(whole)).quantize(_HUNDREDTH, ROUND_HALF_UP)
