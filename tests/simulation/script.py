"""What people, banks and machines do in the simulated time: made from a seed, before anything happens.

Nothing here depends on how the product answers, so the same script can be played with a scheduler that runs
every day and with one that runs seldom.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

# Later than any clock that runs these tests, so that the audit finds no lease that has ended; before 2034,
# when the sandbox's cards expire. 2032 is a leap year.
START = datetime(2031, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
JOBS_AT = timedelta(hours=6)

FEATURES = ["0.10", "0.10", "0.20", "0.50", "0.50", "3", "4", "5", "5", "12.34"]
# What a shop does, and how often.
DEEDS = {
    "use": 40,
    "fail": 4,
    "crash": 4,
    "wake": 4,
    "buy": 12,
    "pay late": 3,
    "refund": 6,
    "refund ends": 3,
    "dispute": 4,
    "decide": 9,
    "subscribe": 4,
    "renew": 5,
    "refund month": 1,
    "cancel": 1,
    "plan": 4,
    "change plan": 1,
    "cancel plan": 1,
    "card": 4,
    "trial": 1,
    "adjust": 2,
}


@dataclass(frozen=True)
class Action:
    at: datetime
    shop: int
    deed: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Script:
    """`outages`: days `[from, to)` on which neither scheduler nor worker runs."""

    seed: int
    shops: int
    days: int
    active: list[int]
    outages: list[tuple[int, int]]
    actions: list[Action]

    def is_out(self, day: int) -> bool:
        return any(first <= day < last for first, last in self.outages)

    def every_day(self) -> list[int]:
        return [day for day in range(self.days + 1) if not self.is_out(day)]

    def seldom(self) -> list[int]:
        """Only before something happens, on the eve of an outage, and at the end."""
        eves = {first - 1 for first, _ in self.outages}
        return sorted(day for day in {*self.active, *eves, self.days} if not self.is_out(day))


def write(*, seed: int, shops: int, days: int, busy: float, longest: int = 45) -> Script:
    """Days on which something happens lie 1 to `longest` apart; on such a day a shop is `busy` this often."""
    random = Random(seed)
    active = list(_active(random, days, longest))
    outages = sorted(_outages(random, days))
    actions = [
        action
        for day in active
        for shop in range(shops)
        if random.random() < busy
        for action in _visit(random, day, shop)
    ]
    actions.sort(key=lambda action: (action.at, action.shop))
    return Script(seed, shops, days, active, outages, actions)


def moment(day: int) -> datetime:
    """When the scheduler runs on that day."""
    return START + day * DAY + JOBS_AT


def is_of_jobs(at: datetime) -> bool:
    return (at - START) % DAY == JOBS_AT


def _active(random: Random, days: int, longest: int) -> Iterator[int]:
    day = 1
    while day < days:
        yield day
        # Mostly a few days, now and then very long: a scheduler that was down for a month has to catch up.
        day += random.choice([random.randint(1, 6), random.randint(2, 12), random.randint(2, longest)])


def _outages(random: Random, days: int) -> Iterator[tuple[int, int]]:
    for first in range(60, days - 60, 180):
        begin = first + random.randint(0, 120)
        yield begin, begin + random.randint(3, 40)


def _visit(random: Random, day: int, shop: int) -> Iterator[Action]:
    at = START + day * DAY + timedelta(hours=8, seconds=random.randint(0, 6 * 3600))
    for deed in random.choices(list(DEEDS), list(DEEDS.values()), k=random.randint(1, 4)):
        yield Action(at, shop, deed, _values(random, deed))
        at += timedelta(seconds=random.randint(20, 3600))


def _values(random: Random, deed: str) -> dict[str, Any]:
    pick = random.choice
    # `which`: one of those there are by then.
    values: dict[str, Any] = {"which": random.randrange(1000)}
    if deed in ("use", "fail", "crash", "wake"):
        values |= {"credits": pick(FEATURES), "times": random.randint(1, 8) if deed == "use" else 1}
    elif deed == "buy":
        values |= {
            "pack": pick(["STARTER", "VALUE", "VALUE", "PRO", "CUSTOM"]),
            "amount": f"{random.randint(1000, 20000) / 100:.2f}",
            "way": pick(["page", "page", "phone", "card", "new_card"]),
            "outcome": pick(["approve"] * 8 + ["decline", "never"]),
            "news": pick(["told"] * 5 + ["asked", "twice", "late", "lost"]),
        }
    elif deed == "refund":
        values |= {"by": pick(["owner", "support"]), "ends": pick(["processed"] * 4 + ["failed", "pending"])}
    elif deed == "refund ends":
        values |= {"ends": pick(["processed", "processed", "failed"])}
    elif deed == "dispute":
        values |= {"part": pick([None, None, random.randint(1, 3000)])}
    elif deed == "decide":
        values |= {"verdict": pick(["merchant-accepted", "auto-accepted", "declined"])}
    elif deed in ("subscribe", "renew", "plan", "change plan"):
        values |= {
            "way": pick(["page", "phone", "card", "new_card"]),
            "outcome": pick(["approve"] * 6 + ["never"]),
            "storefronts_wanted": random.randint(1, 6),
        }
    elif deed == "refund month":
        values |= {"ends": pick(["processed", "processed", "failed"])}
    elif deed == "card":
        values |= {"charge": pick(["success", "success", "insufficient", "failed"])}
    elif deed in ("cancel", "cancel plan"):
        values |= {"immediate": pick([True, False])}
    elif deed == "adjust":
        sign, days = pick(["", "", "-"]), pick([None, random.randint(1, 90)])
        values |= {"credits": f"{sign}{random.randint(1, 4000) / 100:.2f}", "days": None if sign else days}
    return values
