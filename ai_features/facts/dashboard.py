"""Everything the portfolio dashboard shows, from receivables and credit limits on one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ai_features.facts import portfolio, receivables
from ai_features.facts.amounts import ghs, percent, tenth
from ai_features.facts.receivables import BUCKETS, NOT_DUE, STEP_DAYS, Receivable

ZERO = Decimal(0)
LEAST_SALES_DAYS = 30
AHEAD = 3  # steps of 30 days
TOP = 5
WATCHED = 10


@dataclass(frozen=True)
class Book:
    """`sales` is (GHS, days) when it was given; otherwise sales are counted from the invoices."""

    as_of: date
    rows: Sequence[Receivable]
    limits: Mapping[str, Decimal]
    loss_percent: Sequence[Decimal] | None = None
    sales: tuple[Decimal, int] | None = None

    @property
    def has_history(self) -> bool:
        """Without paid invoices the past would look as if nothing had been owed."""
        return any(row.paid_on is not None for row in self.rows)


def dashboard(book: Book) -> dict[str, Any]:
    """All figures, rounded as they are shown. Something must be owed."""
    rates = book.loss_percent or portfolio.DEFAULT_LOSS_PERCENT
    ages = receivables.ageing(book.rows, book.as_of)
    debtors = portfolio.debtors(book.rows, book.limits, rates, book.as_of)
    totals = _totals(ages, debtors)
    dso = _dso_now(book, ages)
    loss = _loss(ages, rates, given=book.loss_percent is not None)
    concentration = _concentration(debtors)
    utilisation = _utilisation(book, debtors)
    chain = receivables.transitions(book.rows, book.as_of) if book.has_history else None
    measures = {
        "overdue": totals["overdue_percent"],
        "delay": dso["delinquent_days"] if dso else None,
        "expected_loss": loss["percent"],
        "concentration": concentration["hhi"],
        "utilisation": utilisation["percent"] if utilisation else None,
    }
    trend = _trend(book)
    cash = _cash(book, ages, rates, chain)
    return {
        "as_of": book.as_of.isoformat(),
        "health": _health(measures),
        "totals": totals,
        "ageing": [
            {"bucket": name, "amount_ghs": ghs(amount), "percent": percent(amount, sum(ages, ZERO))}
            for name, amount in portfolio.named(ages).items()
        ],
        "trend": [{name: day[name] for name in ("day", "overdue_percent", "dso_days")} for day in trend],
        "dso": dso,
        "roll_rates": _roll_rates(chain),
        "concentration": concentration,
        "expected_loss": loss,
        "utilisation": utilisation,
        "cash_forecast": cash,
        "watch_list": _watch_list(debtors),
        "charts": _charts(ages, trend, cash, debtors),
        "notes": _notes(book, dso),
    }


def _totals(ages: Sequence[Decimal], debtors: Sequence[portfolio.Debtor]) -> dict[str, Any]:
    owed = sum(ages, ZERO)
    overdue = owed - ages[NOT_DUE]
    return {
        "receivables_ghs": ghs(owed),
        "debtors": len(debtors),
        "overdue_ghs": ghs(overdue),
        "overdue_percent": percent(overdue, owed),
    }


def _dso_now(book: Book, ages: Sequence[Decimal]) -> dict[str, Any] | None:
    """`delinquent_days` is the difference of the other two as they are shown."""
    if book.sales is not None:
        sales, days = book.sales
    elif book.has_history:
        days = receivables.sales_days(book.rows, book.as_of)
        sales = receivables.credit_sales(book.rows, book.as_of, days)
    else:
        return None
    whole = receivables.dso(sum(ages, ZERO), sales, days)
    best = receivables.dso(ages[NOT_DUE], sales, days)
    if whole is None or best is None or days < LEAST_SALES_DAYS:
        return None
    return {
        "days": whole,
        "best_possible_days": best,
        "delinquent_days": whole - best,
        "credit_sales_ghs": ghs(sales),
        "sales_days": days,
    }


def _trend(book: Book) -> list[dict[str, Any]]:
    """One entry per 30 days back, as far as the invoices reach; today alone without history."""
    first = min(row.issued_on for row in book.rows)
    days = receivables.snapshots(book.as_of) if book.has_history else [book.as_of]
    found = []
    for day in days:
        if day < first:
            continue
        ages = receivables.ageing(book.rows, day)
        owed = sum(ages, ZERO)
        covered = receivables.sales_days(book.rows, day)
        sales = receivables.credit_sales(book.rows, day, covered)
        is_covered = book.has_history and covered >= LEAST_SALES_DAYS
        found.append(
            {
                "day": day.isoformat(),
                "buckets_ghs": [ghs(amount) for amount in ages],
                "overdue_percent": percent(owed - ages[NOT_DUE], owed),
                "dso_days": receivables.dso(owed, sales, covered) if is_covered else None,
            }
        )
    return found


def _roll_rates(chain: receivables.Transitions | None) -> list[dict[str, Any]]:
    """The share of a bucket that is found in a later one 30 days on. The last bucket has none after it."""
    if chain is None:
        return []
    shares = [(name, chain.rolled(place)) for place, name in enumerate(BUCKETS[:-1])]
    return [
        {"bucket": name, "rolls_percent": tenth(share * 100)} for name, share in shares if share is not None
    ]


def _concentration(debtors: Sequence[portfolio.Debtor]) -> dict[str, Any]:
    amounts = [one.open_ghs for one in debtors]
    return {
        "top_5_percent": portfolio.top_share(amounts, TOP),
        "largest_percent": portfolio.top_share(amounts, 1),
        "hhi": portfolio.hhi(amounts),
    }


def _loss(ages: Sequence[Decimal], rates: Sequence[Decimal], *, given: bool) -> dict[str, Any]:
    losses = portfolio.expected_losses(ages, rates)
    return {
        "total_ghs": sum(losses, ZERO),
        "percent": percent(sum(losses, ZERO), sum(ages, ZERO)),
        "rates": "given" if given else "default",
        "by_bucket": [
            {"bucket": name, "loss_percent": rate, "loss_ghs": loss}
            for name, rate, loss in zip(BUCKETS, rates, losses, strict=True)
        ],
    }


def _utilisation(book: Book, debtors: Sequence[portfolio.Debtor]) -> dict[str, Any] | None:
    """Of customers with a credit line."""
    limits = sum(book.limits.values(), ZERO)
    if not limits:
        return None
    used = sum((one.open_ghs for one in debtors if one.limit_ghs is not None), ZERO)
    return {
        "limits_ghs": ghs(limits),
        "used_ghs": ghs(used),
        "percent": percent(used, limits),
        "lines": len(book.limits),
        "over_limit": sum(one.over_limit_ghs > 0 for one in debtors),
    }


def _cash(
    book: Book,
    ages: Sequence[Decimal],
    rates: Sequence[Decimal],
    chain: receivables.Transitions | None,
) -> dict[str, Any]:
    """By roll rates; without a history what falls due, less its expected loss, and nothing overdue."""
    due = receivables.falling_due(book.rows, book.as_of, AHEAD)
    if chain is not None:
        expected = receivables.forecast(ages, chain, AHEAD)
    else:
        expected = [ghs(amount * (100 - rates[NOT_DUE]) / 100) for amount in due]
    starts = [book.as_of + timedelta(days=STEP_DAYS * step) for step in range(AHEAD)]
    return {
        "method": "due_dates" if chain is None else "roll_rates",
        "expected_ghs": sum(expected, ZERO),
        "periods": [
            {
                "start": (start + timedelta(days=1)).isoformat(),
                "end": (start + timedelta(days=STEP_DAYS)).isoformat(),
                "expected_ghs": cash,
                "falls_due_ghs": ghs(amount),
            }
            for start, cash, amount in zip(starts, expected, due, strict=True)
        ],
    }


def _health(measures: Mapping[str, Decimal | None]) -> dict[str, Any]:
    parts = portfolio.health(measures)
    score = sum(part.points for part in parts)
    return {
        "score": score,
        "highest_score": portfolio.HIGHEST,
        "grade": portfolio.grade(score),
        "parts": [
            {"name": part.name, "points": part.points, "maximum": part.maximum, "measure": part.measure}
            for part in parts
        ],
    }


def _watch_list(debtors: Sequence[portfolio.Debtor]) -> list[dict[str, Any]]:
    watched = [one for one in debtors if one.overdue_ghs or one.over_limit_ghs]
    return [
        {
            "customer": one.customer,
            "open_ghs": ghs(one.open_ghs),
            "overdue_ghs": ghs(one.overdue_ghs),
            "oldest_days": one.oldest_days,
            "expected_loss_ghs": one.expected_loss_ghs,
            "over_limit_ghs": ghs(one.over_limit_ghs),
            "why": " and ".join(portfolio.why_watched(one)),
        }
        for one in watched[:WATCHED]
    ]


def _notes(book: Book, dso: dict[str, Any] | None) -> list[str]:
    notes = []
    if book.loss_percent is None:
        notes.append("Loss rates are those of the example in IFRS 9; your own experience is better.")
    if not book.has_history:
        notes.append("Without paid invoices there is no trend and no roll rate; send them, too.")
    if dso is None:
        notes.append("Days sales outstanding need a month of credit sales: paid invoices, or `credit_sales`.")
    return notes


def _charts(
    ages: Sequence[Decimal],
    trend: Sequence[dict[str, Any]],
    cash: dict[str, Any],
    debtors: Sequence[portfolio.Debtor],
) -> list[dict[str, Any]]:
    """Each with its labels and, per series, one value for each label."""
    days = [day["day"] for day in trend]
    by_bucket = {name: [day["buckets_ghs"][place] for day in trend] for place, name in enumerate(BUCKETS)}
    largest = sorted(debtors, key=lambda one: (-one.open_ghs, one.customer))[:TOP]
    rest = sum(ages, ZERO) - sum((one.open_ghs for one in largest), ZERO)
    ends = [period["end"] for period in cash["periods"]]
    return [
        _chart("ageing", "bar", "GHS", list(BUCKETS), {"owed": [ghs(amount) for amount in ages]}),
        _chart("ageing_trend", "stacked_bar", "GHS", days, by_bucket),
        _chart("overdue_trend", "line", "%", days, {"overdue": [day["overdue_percent"] for day in trend]}),
        _chart("dso_trend", "line", "days", days, {"dso": [day["dso_days"] for day in trend]}),
        _chart(
            "cash_forecast",
            "bar",
            "GHS",
            ends,
            {
                "expected": [period["expected_ghs"] for period in cash["periods"]],
                "falls due": [period["falls_due_ghs"] for period in cash["periods"]],
            },
        ),
        _chart(
            "concentration",
            "pie",
            "GHS",
            [*(one.customer for one in largest), "all others"],
            {"owed": [*(ghs(one.open_ghs) for one in largest), ghs(rest)]},
        ),
    ]


def _chart(
    name: str, kind: str, unit: str, labels: list[str], series: Mapping[str, list[Any]]
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "unit": unit,
        "labels": labels,
        "series": [{"name": one, "values": values} for one, values in series.items()],
    }
