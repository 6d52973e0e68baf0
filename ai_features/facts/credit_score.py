"""A score of 0 to 100 from how a customer has paid, and the limit and terms that follow from it.

Our own expert scorecard, in the additive form of Thomas, Edelman and Crook, "Credit Scoring and Its
Applications" (SIAM, 2002): each factor gives whole points up to its maximum, and the score is their sum. No
factor gains when something is paid later. Therefore the trend counts how the latest invoices were paid, not
how far that is from the older ones, which would reward having paid those late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from ai_features.facts.amounts import ghs, percent, tenth
from ai_features.facts.payment_history import Outcome

ZERO, ONE = Decimal(0), Decimal(1)
DAYS_PER_MONTH = Decimal("30.44")

# Share of the points: all of them up to the first value, none from the second on, in proportion between.
MEAN_DELAY_DAYS = (ZERO, Decimal(30))
WORST_DELAY_DAYS = (ZERO, Decimal(90))
UTILISATION_PERCENT = (Decimal(30), Decimal(100))
FULL_TENURE_MONTHS = 24
BOUNCED_UNTIL_NONE = 2
OPEN_TOO_LONG_DAYS = 90  # past due: whoever lets an invoice stand longer gets no new credit

HIGHEST = 100
APPROVE_FROM, REDUCE_FROM = 75, 50
# From this score on: days to pay, and how many average months of purchases the limit may be.
TERMS = ((85, 30, Decimal(2)), (75, 21, Decimal(2)), (60, 14, ONE), (50, 7, ONE))
REDUCED_SHARE = Decimal("0.6")  # the most of what was asked for that a middling score gets


@dataclass(frozen=True)
class History:
    """What the score is made of. `balance_ghs` is what the customer owes, `limit_ghs` what they may owe."""

    outcomes: Sequence[Outcome]
    as_of: date
    bounced: int
    balance_ghs: Decimal
    limit_ghs: Decimal
    tenure_months: int


@dataclass(frozen=True)
class Measures:
    known: int
    on_time: int
    mean_delay: Decimal
    worst_delay: int
    recent_delay: Decimal
    older_delay: Decimal | None
    utilisation_percent: Decimal
    overdue_ghs: Decimal
    oldest_overdue_days: int


@dataclass(frozen=True)
class Factor:
    name: str
    points: int
    maximum: int
    why: str


def measure(history: History) -> Measures:
    """Of the invoices with a known outcome, at least one. The latest third by due date is recent."""
    as_of = history.as_of
    known = [one for one in history.outcomes if one.is_known(as_of)]
    delays = [one.days_late(as_of) for one in known]
    recent = max(1, len(delays) // 3)
    older = delays[:-recent]
    overdue = [one for one in known if one.paid_on is None]
    return Measures(
        known=len(known),
        on_time=sum(not delay for delay in delays),
        mean_delay=_mean(delays),
        worst_delay=max(delays),
        recent_delay=_mean(delays[-recent:]),
        older_delay=_mean(older) if older else None,
        utilisation_percent=percent(history.balance_ghs, history.limit_ghs),
        overdue_ghs=sum((one.open_ghs for one in overdue), ZERO),
        oldest_overdue_days=max((one.days_late(as_of) for one in overdue), default=0),
    )


def factors(history: History, found: Measures) -> list[Factor]:
    """The points of each factor and what they are for, in the order of the document."""
    share = Decimal(found.on_time) / found.known
    tenure = Decimal(min(history.tenure_months, FULL_TENURE_MONTHS)) / FULL_TENURE_MONTHS
    bounced = 1 - Decimal(min(history.bounced, BOUNCED_UNTIL_NONE)) / BOUNCED_UNTIL_NONE
    return [
        _factor("on_time", 30, share, f"{found.on_time} of {found.known} invoices were paid on time"),
        _factor(
            "mean_delay",
            15,
            fading(found.mean_delay, MEAN_DELAY_DAYS),
            f"late by {found.mean_delay} days on average",
        ),
        _factor(
            "worst_delay",
            10,
            fading(Decimal(found.worst_delay), WORST_DELAY_DAYS),
            f"late by {found.worst_delay} days at worst",
        ),
        _factor("trend", 15, fading(found.recent_delay, MEAN_DELAY_DAYS), _trend_in_words(found)),
        _factor(
            "utilisation",
            10,
            fading(found.utilisation_percent, UTILISATION_PERCENT),
            f"{found.utilisation_percent}% of the limit is in use",
        ),
        _factor("tenure", 10, tenure, f"a customer for {history.tenure_months} months"),
        _factor("bounced_payments", 10, bounced, f"{history.bounced} payments bounced"),
    ]


def trend(found: Measures) -> str:
    """The latest third against the rest; within 2 days is steady."""
    if found.older_delay is None or abs(found.recent_delay - found.older_delay) <= 2:
        return "steady"
    return "improving" if found.recent_delay < found.older_delay else "worsening"


def months_of_history(outcomes: Sequence[Outcome], as_of: date) -> Decimal:
    """From the first invoice on; at least one."""
    first = min(one.invoice.issued_on for one in outcomes)
    return max(ONE, (as_of - first).days / DAYS_PER_MONTH)


def monthly_purchases(outcomes: Sequence[Outcome], as_of: date) -> Decimal:
    """What the customer buys on credit in an average month."""
    bought = sum((one.invoice.amount_ghs for one in outcomes), ZERO)
    return ghs(bought / months_of_history(outcomes, as_of))


@dataclass(frozen=True)
class Decision:
    """`recommendation` is approve, approve_reduced or decline; declined is 0 GHS and 0 days."""

    recommendation: str
    amount_ghs: Decimal
    terms_days: int
    supported_ghs: Decimal


def decide(*, score: int, asked_ghs: Decimal, monthly_ghs: Decimal, oldest_overdue_days: int) -> Decision:
    """The limit: what was asked for, at most what the purchases of one or two average months support.

    A score below 75 gets at most 60% of it, one below 50 nothing, and neither does who has left an invoice
    open for more than 90 days. A limit below what was asked is rounded down to whole ten cedis.
    """
    days, months = next(((days, months) for least, days, months in TERMS if score >= least), (0, ZERO))
    supported = _round_down(monthly_ghs * months)
    amount = min(asked_ghs, supported)
    if score < APPROVE_FROM:
        amount = min(amount, _round_down(asked_ghs * REDUCED_SHARE))
    if oldest_overdue_days > OPEN_TOO_LONG_DAYS or amount <= 0:
        return Decision("decline", ZERO, 0, supported)
    return Decision("approve" if amount == asked_ghs else "approve_reduced", amount, days, supported)


@dataclass(frozen=True)
class Case:
    """All that was computed about one customer."""

    measures: Measures
    factors: list[Factor]
    score: int
    months: Decimal
    monthly_ghs: Decimal
    decision: Decision
    confidence: str


def assess(history: History, *, asked_ghs: Decimal) -> Case:
    """The whole assessment. At least one invoice must have a known outcome."""
    measures = measure(history)
    points = factors(history, measures)
    score = sum(one.points for one in points)
    months = months_of_history(history.outcomes, history.as_of)
    monthly = monthly_purchases(history.outcomes, history.as_of)
    decision = decide(
        score=score,
        asked_ghs=asked_ghs,
        monthly_ghs=monthly,
        oldest_overdue_days=measures.oldest_overdue_days,
    )
    return Case(measures, points, score, months, monthly, decision, confidence(measures.known, months))


def confidence(known: int, months: Decimal) -> str:
    """How much the history can carry."""
    if known >= 12 and months >= 6:
        return "high"
    return "medium" if known >= 6 and months >= 3 else "low"


def fading(value: Decimal, limits: tuple[Decimal, Decimal]) -> Decimal:
    """1 up to the first limit, 0 from the second on, in proportion between."""
    best, worst = limits
    return min(ONE, max(ZERO, (worst - value) / (worst - best)))


def _factor(name: str, maximum: int, share: Decimal, why: str) -> Factor:
    return Factor(name, int((maximum * share).quantize(ONE, ROUND_HALF_UP)), maximum, why)


def _trend_in_words(found: Measures) -> str:
    latest = f"the latest third late by {found.recent_delay} days on average"
    if found.older_delay is None:
        return latest
    return f"{latest}, the older ones by {found.older_delay}: {trend(found)}"


def _mean(values: Sequence[int]) -> Decimal:
    return tenth(Decimal(sum(values)) / len(values))


def _round_down(amount: Decimal) -> Decimal:
    return (amount / 10).quantize(ONE, ROUND_DOWN) * 10
