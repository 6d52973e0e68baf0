"""Receivables on any day: how old they are, how long they take, how they roll from one bucket to the next.

Buckets count days past due, as the provision matrix of IFRS 9 does (Illustrative Example 12).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from ai_features.facts.amounts import ghs, tenth

ZERO = Decimal(0)
STEP_DAYS = 30
STEPS = 6  # of 30 days looked back
DSO_DAYS = 90

BUCKETS = ("not due", "1-30 days", "31-60 days", "61-90 days", "over 90 days")
NOT_DUE, OVER_90 = 0, 4


@dataclass(frozen=True)
class Receivable:
    """An invoice. What has been paid of it counts from `paid_on` on, the day of the last payment."""

    customer: str
    issued_on: date
    due_on: date
    amount_ghs: Decimal
    paid_ghs: Decimal = ZERO
    paid_on: date | None = None

    def open_ghs(self, day: date) -> Decimal:
        """What was owed at the end of that day."""
        if self.issued_on > day:
            return ZERO
        is_paid = self.paid_on is not None and self.paid_on <= day
        return self.amount_ghs - self.paid_ghs if is_paid else self.amount_ghs

    def bucket(self, day: date) -> int:
        """0 not due, 1 up to 30 days past due, 2 to 60, 3 to 90, 4 beyond."""
        days = (day - self.due_on).days
        return NOT_DUE if days <= 0 else min(OVER_90, (days - 1) // STEP_DAYS + 1)


@dataclass(frozen=True)
class Transitions:
    """What becomes of a cedi of bucket a in 30 days: `to[a][b]` is in b, the rest has been paid."""

    to: list[list[Decimal]]
    seen_ghs: list[Decimal]

    def rolled(self, bucket: int) -> Decimal | None:
        """The share that is in a later bucket 30 days on; None where nothing was seen."""
        return sum(self.to[bucket][bucket + 1 :], ZERO) if self.seen_ghs[bucket] else None


def ageing(rows: Iterable[Receivable], day: date) -> list[Decimal]:
    """What is owed on that day in each bucket."""
    totals = [ZERO] * len(BUCKETS)
    for row in rows:
        totals[row.bucket(day)] += row.open_ghs(day)
    return totals


def snapshots(as_of: date) -> list[date]:
    """Seven days, thirty days apart, the oldest first and `as_of` last."""
    return [as_of - timedelta(days=STEP_DAYS * back) for back in range(STEPS, -1, -1)]


def credit_sales(rows: Iterable[Receivable], day: date, days: int) -> Decimal:
    """What was sold on credit in so many days, that day included."""
    first = day - timedelta(days=days - 1)
    return sum((row.amount_ghs for row in rows if first <= row.issued_on <= day), ZERO)


def dso(receivables_ghs: Decimal, sales_ghs: Decimal, days: int) -> Decimal | None:
    """Days sales outstanding = receivables ÷ credit sales of the period × days of the period.

    As the Credit Research Foundation counts; with what is not due yet as receivables it is its best possible
    DSO, and the difference its average days delinquent. None when nothing was sold.
    """
    return tenth(receivables_ghs / sales_ghs * days) if sales_ghs else None


def sales_days(rows: Sequence[Receivable], day: date) -> int:
    """How many of the last 90 days are covered: fewer when the first invoice is younger."""
    first = min((row.issued_on for row in rows), default=day)
    return max(0, min(DSO_DAYS, (day - first).days + 1))


def transitions(rows: Sequence[Receivable], as_of: date) -> Transitions:
    """Pooled over six steps of 30 days: Σ of the end of each step ÷ Σ of its start, invoice by invoice.

    The matrix of Cyert, Davidson and Thompson, "Estimation of the allowance for doubtful accounts by Markov
    chains", Management Science 8 (1962).
    """
    size = len(BUCKETS)
    start = [ZERO] * size
    moved = [[ZERO] * size for _ in range(size)]
    days = snapshots(as_of)
    for before, after in pairwise(days):
        for row in rows:
            was_open = row.open_ghs(before)
            if was_open:
                bucket = row.bucket(before)
                start[bucket] += was_open
                moved[bucket][row.bucket(after)] += row.open_ghs(after)
    to = [
        [part / total if total else ZERO for part in parts] for parts, total in zip(moved, start, strict=True)
    ]
    return Transitions(to, start)


def forecast(today: Sequence[Decimal], chain: Transitions, steps: int) -> list[Decimal]:
    """Cash expected in each of the next steps of 30 days from what is owed today; new sales are not in it.

    A bucket of which nothing was seen before is taken to pay nothing.
    """
    size = len(BUCKETS)
    held, cash = list(today), []
    for _ in range(steps):
        after = [ZERO] * size
        for bucket, amount in enumerate(held):
            if not chain.seen_ghs[bucket]:
                after[bucket] += amount
                continue
            for target, share in enumerate(chain.to[bucket]):
                after[target] += amount * share
        cash.append(ghs(sum(held, ZERO) - sum(after, ZERO)))
        held = after
    return cash


def falling_due(rows: Iterable[Receivable], as_of: date, steps: int) -> list[Decimal]:
    """What is not due yet, by the step of 30 days in which it falls due; what is due later is left out."""
    totals = [ZERO] * steps
    for row in rows:
        days = (row.due_on - as_of).days
        if days >= 0 and (step := max(0, days - 1) // STEP_DAYS) < steps:
            totals[step] += row.open_ghs(as_of)
    return totals
