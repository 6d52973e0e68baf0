"""All credit sales together: debtors, concentration, expected loss, and a health score of parts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from ai_features.facts.amounts import ghs, percent
from ai_features.facts.credit_score import fading
from ai_features.facts.receivables import BUCKETS, NOT_DUE, Receivable

ZERO, ONE = Decimal(0), Decimal(1)

# Per cent of each bucket that is lost. IFRS 9, Illustrative Example 12; a shop's own experience is better.
DEFAULT_LOSS_PERCENT = tuple(map(Decimal, ("0.3", "1.6", "3.6", "6.6", "10.6")))

# Parts of the health score: weight, all points up to the first value, none from the second on.
PARTS: dict[str, tuple[int, tuple[Decimal, Decimal]]] = {
    "overdue": (30, (Decimal(10), Decimal(60))),  # % of what is owed that is past due
    "delay": (20, (ZERO, Decimal(45))),  # average days delinquent
    "expected_loss": (20, (ONE, Decimal(8))),  # % of what is owed
    # HHI: markets above 1,000 count as concentrated, above 1,800 as highly so (US Merger Guidelines, 2023).
    "concentration": (15, (Decimal(1000), Decimal(4000))),
    "utilisation": (15, (Decimal(60), Decimal(100))),  # % of the limits that is in use
}
HIGHEST = 100
HEALTHY_FROM, WATCH_FROM = 80, 55


@dataclass(frozen=True)
class Debtor:
    """`limit_ghs` is None for a customer without a credit line."""

    customer: str
    open_ghs: Decimal
    overdue_ghs: Decimal
    oldest_days: int
    expected_loss_ghs: Decimal
    limit_ghs: Decimal | None

    @property
    def over_limit_ghs(self) -> Decimal:
        return ZERO if self.limit_ghs is None else max(ZERO, self.open_ghs - self.limit_ghs)


@dataclass(frozen=True)
class Part:
    name: str
    points: int
    maximum: int
    measure: Decimal


def debtors(
    rows: Iterable[Receivable],
    limits: Mapping[str, Decimal],
    loss_percent: Sequence[Decimal],
    as_of: date,
) -> list[Debtor]:
    """Everyone who owes something, the riskiest first: expected loss, then overdue, then owed, then name."""
    owed: dict[str, list[Receivable]] = defaultdict(list)
    for row in rows:
        if row.open_ghs(as_of):
            owed[row.customer].append(row)
    found = [_debtor(name, own, limits.get(name), loss_percent, as_of) for name, own in owed.items()]
    return sorted(
        found, key=lambda one: (-one.expected_loss_ghs, -one.overdue_ghs, -one.open_ghs, one.customer)
    )


def _debtor(
    name: str, rows: Sequence[Receivable], limit: Decimal | None, loss: Sequence[Decimal], as_of: date
) -> Debtor:
    overdue = [row for row in rows if row.bucket(as_of) != NOT_DUE]
    lost = sum((row.open_ghs(as_of) * loss[row.bucket(as_of)] for row in rows), ZERO) / 100
    return Debtor(
        customer=name,
        open_ghs=sum((row.open_ghs(as_of) for row in rows), ZERO),
        overdue_ghs=sum((row.open_ghs(as_of) for row in overdue), ZERO),
        oldest_days=max(((as_of - row.due_on).days for row in overdue), default=0),
        expected_loss_ghs=ghs(lost),
        limit_ghs=limit,
    )


def hhi(amounts: Sequence[Decimal]) -> Decimal:
    """Herfindahl-Hirschman index: Σ of squared shares in per cent, 10,000 for a single debtor; whole."""
    total = sum(amounts, ZERO)
    if not total:
        return ZERO
    squares = sum((amount * amount for amount in amounts), ZERO)
    return (squares * 10_000 / (total * total)).quantize(ONE, ROUND_HALF_UP)


def top_share(amounts: Iterable[Decimal], count: int = 5) -> Decimal:
    """Per cent of the total that the largest so many owe."""
    ordered = sorted(amounts, reverse=True)
    return percent(sum(ordered[:count], ZERO), sum(ordered, ZERO))


def expected_losses(buckets_ghs: Sequence[Decimal], loss_percent: Sequence[Decimal]) -> list[Decimal]:
    """Of each bucket: IFRS 9's simplified approach for trade receivables (paragraphs 5.5.15 and B5.5.35)."""
    return [ghs(amount * rate / 100) for amount, rate in zip(buckets_ghs, loss_percent, strict=True)]


def health(measures: Mapping[str, Decimal | None]) -> list[Part]:
    """The parts that can be measured. Maxima are scaled to add up to 100, and points to the score."""
    known = {name: value for name, value in measures.items() if value is not None}
    maxima = to_hundred({name: PARTS[name][0] for name in known})
    shares = {name: fading(value, PARTS[name][1]) for name, value in known.items()}
    return [
        Part(name, int((maxima[name] * shares[name]).quantize(ONE, ROUND_HALF_UP)), maxima[name], value)
        for name, value in known.items()
    ]


def grade(score: int) -> str:
    return "healthy" if score >= HEALTHY_FROM else "watch" if score >= WATCH_FROM else "at risk"


def to_hundred(weights: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers in proportion that add up to 100 (largest remainder; the first of equals wins)."""
    total = sum(weights.values())
    exact = {name: Decimal(weight * HIGHEST) / total for name, weight in weights.items()}
    whole = {name: int(value.quantize(ONE, ROUND_FLOOR)) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: HIGHEST - sum(whole.values())]:
        whole[name] += 1
    return whole


def why_watched(debtor: Debtor) -> list[str]:
    """What puts a debtor on the watch list, in plain words."""
    found = []
    if debtor.overdue_ghs:
        found.append(f"overdue for {debtor.oldest_days} days")
    if debtor.over_limit_ghs:
        found.append("above the credit limit")
    return found


def named(amounts: Sequence[Decimal]) -> dict[str, Decimal]:
    """By bucket."""
    return dict(zip(BUCKETS, amounts, strict=True))
