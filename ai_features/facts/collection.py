"""Who owes, what of it is likely to come back, whom to speak to first and how, and when the money comes.

All of it follows from fixed rules, so that every place in the ranking can be explained and repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ai_features.facts.ageing import band

# Of 100 owed at this age, so much comes back. After a survey of the Commercial Collection Agency Association
# of the Commercial Law League of America: over 94% of what is current, just under 74% at three months, about
# 50% at six and 25% at twelve months, 10% at two years; 85% lies between the first two.
RECOVERY: dict[str, int] = {"0-30": 94, "31-60": 85, "61-90": 74, "90+": 50}
_OLDER = ((365, 10), (180, 25))  # beyond so many days, within 90+
_PER_BROKEN_PROMISE, _LEAST_RECOVERY = 10, 5

# Points, 0 to 100. Amount: by the share of all expected money that larger debtors stand for.
_AMOUNT_POINTS = ((50, 40), (80, 25), (95, 10))
_LEAST_AMOUNT_POINTS = 5
_AGE_POINTS = {"0-30": 10, "31-60": 20, "61-90": 30, "90+": 20}  # 61-90 is lost next, 90+ mostly is already
_BROKEN_POINTS = (5, 10, 15)  # none, one, more; 0 while a promise is open
_CONTACT_POINTS = ((7, 0), (14, 5), (30, 10))  # spoken to within so many days
_LONG_SILENCE_POINTS = 15

ACTIONS = {
    "wait_for_promise": "Wait for the day that was promised, and say thanks when it is kept.",
    "ask_about_promise": "Call about the promised day that has passed and agree on a new one.",
    "remind_before_due": "Send a friendly reminder three days before the due date.",
    "send_friendly_reminder": "Send a friendly reminder with a payment link.",
    "send_firm_reminder": "Send a firm reminder and call to ask what stands in the way.",
    "agree_on_plan": "Call and offer to pay in parts; write down what is agreed.",
    "settle_in_person": "Meet, agree on parts or a settlement, and sell for cash until it is kept.",
}
_PAUSE = timedelta(days=3)  # nobody is spoken to more often
_SUNDAY = 6

WEEKS = 8
# Of what is expected of a band, the per cent that come in each of the next weeks; the rest comes later.
SPREAD = {
    "0-30": (40, 25, 15, 10, 5, 5, 0, 0),
    "31-60": (25, 20, 15, 10, 10, 10, 5, 5),
    "61-90": (15, 15, 15, 15, 10, 10, 10, 10),
    "90+": (5, 5, 10, 10, 10, 10, 10, 10),
}
_PESEWA = Decimal("0.01")


@dataclass(frozen=True)
class Debtor:
    """`days` is negative before the due date. `promised_on` is the latest promise."""

    customer: str
    code: str | None
    balance: Decimal
    days: int
    promised_on: date | None
    promised_amount: Decimal | None
    broken_promises: int
    last_contact: date | None

    @property
    def band(self) -> str:
        return band(self.days)

    def broken(self, as_of: date) -> int:
        """Promises not kept: those told of, and one whose day has passed."""
        return self.broken_promises + (self.promised_on is not None and self.promised_on < as_of)

    def promise_is_open(self, as_of: date) -> bool:
        return self.promised_on is not None and self.promised_on >= as_of


@dataclass(frozen=True)
class Ranked:
    debtor: Debtor
    recovery_percent: int
    expected: Decimal
    points: Mapping[str, int]
    action: str
    on: date

    @property
    def total(self) -> int:
        return sum(self.points.values())


def recovery_percent(debtor: Debtor, as_of: date, rates: Mapping[str, int] | None = None) -> int:
    """What of 100 is likely to come back. `rates` are the shop's own; each broken promise takes 10 off."""
    base = (rates or RECOVERY)[debtor.band]
    if rates is None:
        base = next((rate for days, rate in _OLDER if debtor.days > days), base)
    lowered = base - _PER_BROKEN_PROMISE * debtor.broken(as_of)
    return min(base, max(_LEAST_RECOVERY, lowered))


def rank(debtors: Sequence[Debtor], as_of: date, rates: Mapping[str, int] | None = None) -> list[Ranked]:
    """Everyone who owes something, most urgent first.

    Ties: more expected, larger balance, older, then the order given, which the caller makes canonical.
    """
    owing = [debtor for debtor in debtors if debtor.balance > 0]
    percents = [recovery_percent(debtor, as_of, rates) for debtor in owing]
    expected = [
        (debtor.balance * percent / 100).quantize(_PESEWA, ROUND_HALF_UP)
        for debtor, percent in zip(owing, percents, strict=True)
    ]
    by_amount = _amount_points(expected)
    ranked = [
        Ranked(
            debtor,
            percent,
            amount,
            {"amount": by_amount[amount], **_other_points(debtor, as_of)},
            *next_step(debtor, as_of),
        )
        for debtor, percent, amount in zip(owing, percents, expected, strict=True)
    ]
    ranked.sort(key=lambda one: (-one.total, -one.expected, -one.debtor.balance, -one.debtor.days))
    return ranked


def next_step(debtor: Debtor, as_of: date) -> tuple[str, date]:
    """The code of what to do, and the day: never a Sunday, never within three days of the last contact."""
    earliest = as_of if debtor.last_contact is None else max(as_of, debtor.last_contact + _PAUSE)
    if debtor.promise_is_open(as_of):
        assert debtor.promised_on is not None
        return "wait_for_promise", _working_day(debtor.promised_on)
    if debtor.promised_on is not None:
        action = "ask_about_promise" if debtor.days <= 90 else "settle_in_person"
    elif debtor.days <= 0:
        earliest = max(earliest, as_of + timedelta(days=-debtor.days) - _PAUSE)
        action = "remind_before_due"
    else:
        action = {
            "0-30": "send_friendly_reminder",
            "31-60": "send_firm_reminder",
            "61-90": "agree_on_plan",
            "90+": "settle_in_person",
        }[debtor.band]
    return action, _working_day(earliest)


def cash_forecast(ranked: Sequence[Ranked], as_of: date) -> tuple[list[Decimal], Decimal]:
    """What is expected in each of the next eight weeks and later. Together exactly what is expected at all.

    A promised amount counts in its week, as far as it is expected; the rest of a debt, or one that is not due
    yet, begins to come in after that day, spread as its band usually is.
    """
    pools: dict[tuple[str, int], Decimal] = {}
    weeks = [Decimal(0)] * WEEKS
    for one in ranked:
        debtor, rest = one.debtor, one.expected
        start = max(0, -debtor.days // 7)
        if debtor.promise_is_open(as_of) and debtor.promised_on is not None:
            start = (debtor.promised_on - as_of).days // 7
            promised = min(rest, debtor.promised_amount or rest)
            if start < WEEKS:
                weeks[start] += promised
                rest -= promised
        pools[debtor.band, start] = pools.get((debtor.band, start), Decimal(0)) + rest
    for (name, start), amount in pools.items():
        for week, share in enumerate(SPREAD[name], start):
            if week < WEEKS:
                weeks[week] += amount * share / 100
    return _rounded(weeks, sum((one.expected for one in ranked), Decimal(0)))


def _rounded(weeks: list[Decimal], total: Decimal) -> tuple[list[Decimal], Decimal]:
    """Rounded so that the parts still add up: each ends where the rounded running sum ends."""
    running = rounded = Decimal(0)
    amounts = []
    for week in weeks:
        running += week
        upto = running.quantize(_PESEWA, ROUND_HALF_UP)
        amounts.append(upto - rounded)
        rounded = upto
    return amounts, total - rounded


def _amount_points(expected: Sequence[Decimal]) -> dict[Decimal, int]:
    """Points of each amount; equal amounts get equal points."""
    total, larger = sum(expected, Decimal(0)), Decimal(0)
    points: dict[Decimal, int] = {}
    counts: dict[Decimal, int] = {}
    for amount in expected:
        counts[amount] = counts.get(amount, 0) + 1
    for amount in sorted(counts, reverse=True):
        share = larger * 100
        points[amount] = next(
            (points for limit, points in _AMOUNT_POINTS if share < limit * total), _LEAST_AMOUNT_POINTS
        )
        larger += amount * counts[amount]
    return points


def _other_points(debtor: Debtor, as_of: date) -> dict[str, int]:
    promise = 0
    if not debtor.promise_is_open(as_of):
        promise = _BROKEN_POINTS[min(debtor.broken(as_of), len(_BROKEN_POINTS) - 1)]
    contact = _LONG_SILENCE_POINTS
    if debtor.last_contact is not None:
        silent = (as_of - debtor.last_contact).days
        contact = next((points for days, points in _CONTACT_POINTS if silent <= days), contact)
    return {
        "age": _AGE_POINTS[debtor.band] if debtor.days > 0 else 0,
        "promise": promise,
        "contact": contact,
    }


def _working_day(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == _SUNDAY else day


def share_percent(part: Decimal, whole: Decimal) -> int:
    """Whole per cent, half up; 0 of nothing."""
    return int((part * 100 / whole).quantize(Decimal(1), ROUND_HALF_UP)) if whole else 0
