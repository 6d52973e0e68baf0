"""What a list of customers tells: totals, segments, who came back, who stopped, how much hangs on few.

Money is in GHS, shares are whole per cent, half up. What the shop did not say is None and counted nowhere.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ai_features.facts import portfolio, rfm
from ai_features.facts.amounts import ghs, tenth
from ai_features.facts.collection import share_percent

LAPSED_AFTER_DAYS = 90
LISTED = 20  # rows of any list
MOST_GROUPS = 8  # of a field; the rest are put together
_OTHERS = "all others"
_VALUABLE_FROM = 4  # monetary score
_ZERO = Decimal(0)

Facts = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """`spent_ghs` and `purchases` of the period, `earlier_ghs` of the one before; days until today."""

    name: str
    code: str | None = None
    phone: str | None = None
    bought_days: int | None = None
    seen_days: int | None = None
    purchases: int | None = None
    spent_ghs: Decimal | None = None
    earlier_ghs: Decimal | None = None
    balance_ghs: Decimal | None = None
    groups: Mapping[str, str] | None = None
    scores: rfm.Scores | None = None

    @property
    def away_days(self) -> int | None:
        """Since the last purchase; where that is unknown, since the customer was seen."""
        return self.seen_days if self.bought_days is None else self.bought_days

    @property
    def owed_ghs(self) -> Decimal:
        return max(_ZERO, self.balance_ghs or _ZERO)

    @property
    def measures(self) -> tuple[int, int, Decimal] | None:
        """What can be scored; None for a customer who never bought."""
        if self.bought_days is None or not self.purchases or self.spent_ghs is None:
            return None
        return self.bought_days, self.purchases, self.spent_ghs


@dataclass(frozen=True)
class Book:
    """Customers in the order that breaks ties."""

    customers: Sequence[Customer]
    lapsed_after_days: int = LAPSED_AFTER_DAYS

    def known(self, field: str) -> list[Any]:
        values = (getattr(one, field) for one in self.customers)
        return [value for value in values if value is not None]

    @property
    def lapsed(self) -> list[Customer]:
        """Away for longer than the limit, the most money first."""
        return self.away_longer_than(self.lapsed_after_days)

    def away_longer_than(self, days: int) -> list[Customer]:
        return most(
            (one for one in self.customers if one.away_days is not None and one.away_days > days),
            lambda one: one.spent_ghs or _ZERO,
        )

    @property
    def debtors(self) -> list[Customer]:
        return most((one for one in self.customers if one.owed_ghs), lambda one: one.owed_ghs)

    @property
    def buyers(self) -> list[Customer]:
        """Who spent something, the most money first."""
        return most((one for one in self.customers if one.spent_ghs), lambda one: one.spent_ghs or _ZERO)


def book(customers: Sequence[Customer], lapsed_after_days: int = LAPSED_AFTER_DAYS) -> Book:
    """With scores, where at least five customers can be scored."""
    places = [place for place, one in enumerate(customers) if one.measures is not None]
    if len(places) < rfm.LEAST_CUSTOMERS:
        return Book(customers, lapsed_after_days)
    found = rfm.scores([measures for one in customers if (measures := one.measures) is not None])
    scored = list(customers)
    for place, scores in zip(places, found, strict=True):
        scored[place] = replace(scored[place], scores=scores)
    return Book(scored, lapsed_after_days)


def most(customers: Iterable[Customer], measure: Callable[[Customer], Decimal | int]) -> list[Customer]:
    """Largest first; equal ones keep their order."""
    return sorted(customers, key=measure, reverse=True)


def totals(book: Book) -> Facts:
    """None where nothing is known. The average purchase is of those whose purchases and money are known."""
    spent, owed, purchases = book.known("spent_ghs"), book.debtors, book.known("purchases")
    both = [one for one in book.customers if one.spent_ghs is not None and one.purchases]
    owed_ghs = sum((one.owed_ghs for one in owed), _ZERO)
    return {
        "customers": len(book.customers),
        "spent_ghs": sum(spent, _ZERO) if spent else None,
        "average_spend_ghs": _mean(sum(spent, _ZERO), len(spent)),
        "purchases": sum(purchases) if purchases else None,
        "average_purchases": tenth(Decimal(sum(purchases)) / len(purchases)) if purchases else None,
        "average_purchase_ghs": _mean(
            sum((one.spent_ghs or _ZERO for one in both), _ZERO), sum(one.purchases or 0 for one in both)
        ),
        "debtors": len(owed) if book.known("balance_ghs") else None,
        "owed_ghs": owed_ghs if book.known("balance_ghs") else None,
        "average_debt_ghs": _mean(owed_ghs, len(owed)),
    }


def retention(book: Book) -> Facts:
    """Who comes back.

    Retained: of those who spent in the period before, the share who spent again; its money: what they spend
    now against what they spent then (customer and net revenue retention).
    """
    away = book.known("away_days")
    active = sum(days <= book.lapsed_after_days for days in away)
    buyers = [times for times in book.known("purchases") if times > 0]
    before = [one for one in book.customers if one.earlier_ghs and one.spent_ghs is not None]
    again = sum(1 for one in before if one.spent_ghs)
    window = [one for one in book.customers if _came_without_buying(one, book.lapsed_after_days)]
    return {
        "lapsed_after_days": book.lapsed_after_days,
        "active": active if away else None,
        "active_percent": _share(active, len(away)),
        "lapsed": len(away) - active if away else None,
        "lapsed_spent_ghs": sum((one.spent_ghs or _ZERO for one in book.lapsed), _ZERO) if away else None,
        "bought_again_percent": _share(sum(times > 1 for times in buyers), len(buyers)),
        "retained_percent": _share(again, len(before)),
        "retained_money_percent": _share(
            sum((one.spent_ghs or _ZERO for one in before), _ZERO),
            sum((one.earlier_ghs or _ZERO for one in before), _ZERO),
        ),
        "came_without_buying": len(window),
    }


def concentration(book: Book) -> Facts | None:
    """How much of the money the largest five and the largest fifth bring; HHI from 0 to 10,000."""
    spent = [one.spent_ghs or _ZERO for one in book.buyers]
    if not spent:
        return None
    whole, fifth = sum(spent, _ZERO), -(-len(spent) // 5)
    return {
        "largest_percent": share_percent(spent[0], whole),
        "top_5_percent": share_percent(sum(spent[:5], _ZERO), whole),
        "top_fifth_customers": fifth,
        "top_fifth_percent": share_percent(sum(spent[:fifth], _ZERO), whole),
        "hhi": int(portfolio.hhi(spent)),
    }


def segments(book: Book) -> list[Facts]:
    """The segments that have customers, in the usual order. Shares are of all who could be scored."""
    members: dict[str, list[Customer]] = defaultdict(list)
    for one in book.customers:
        if one.scores is not None:
            members[one.scores.segment].append(one)
    count = sum(map(len, members.values()))
    whole = sum((one.spent_ghs or _ZERO for inside in members.values() for one in inside), _ZERO)
    found = []
    for slug, (name, action) in rfm.SEGMENTS.items():
        if inside := members.get(slug, []):
            spent = sum((one.spent_ghs or _ZERO for one in inside), _ZERO)
            found.append(
                {
                    "segment": slug,
                    "name": name,
                    "customers": len(inside),
                    "customers_percent": _share(len(inside), count),
                    "spent_ghs": spent,
                    "spent_percent": share_percent(spent, whole),
                    "owed_ghs": sum((one.owed_ghs for one in inside), _ZERO),
                    "action": action,
                }
            )
    return found


def members(book: Book, segment: str) -> list[Customer]:
    """The most money first."""
    inside = (one for one in book.customers if one.scores is not None and one.scores.segment == segment)
    return most(inside, lambda one: one.spent_ghs or _ZERO)


def lapsed_valuable(book: Book) -> list[Customer]:
    """Lapsed, though they are among the upper two fifths by money: whom it pays most to win back."""
    return [one for one in book.lapsed if one.scores is not None and one.scores.monetary >= _VALUABLE_FROM]


def groups(book: Book) -> list[Facts]:
    """Every field's groups side by side, the most money first; beyond eight groups the rest together."""
    by_field: dict[str, dict[str, list[Customer]]] = {}
    for one in book.customers:
        for field, value in (one.groups or {}).items():
            by_field.setdefault(field, {}).setdefault(value, []).append(one)
    return [{"field": field, "groups": _compared(book, by_field[field])} for field in sorted(by_field)]


def _compared(book: Book, by_value: Mapping[str, list[Customer]]) -> list[Facts]:
    ordered = sorted(by_value.items(), key=lambda item: (-_spent(item[1]), item[0]))
    shown, rest = ordered[:MOST_GROUPS], ordered[MOST_GROUPS:]
    if rest:
        shown = [*shown, (_OTHERS, [one for _, inside in rest for one in inside])]
    whole = sum((_spent(inside) for inside in by_value.values()), _ZERO)
    return [_group(book, name, inside, whole) for name, inside in shown]


def _group(book: Book, name: str, inside: Sequence[Customer], whole: Decimal) -> Facts:
    away = [one.away_days for one in inside if one.away_days is not None]
    known = [one.spent_ghs for one in inside if one.spent_ghs is not None]
    return {
        "group": name,
        "customers": len(inside),
        "spent_ghs": _spent(inside),
        "spent_percent": _share(_spent(inside), whole),
        "average_spend_ghs": _mean(sum(known, _ZERO), len(known)),
        "active_percent": _share(sum(days <= book.lapsed_after_days for days in away), len(away)),
        "owed_ghs": sum((one.owed_ghs for one in inside), _ZERO),
    }


def _spent(inside: Iterable[Customer]) -> Decimal:
    return sum((one.spent_ghs or _ZERO for one in inside), _ZERO)


def _came_without_buying(one: Customer, days: int) -> bool:
    """Was in the shop lately; bought before that, or never."""
    if one.seen_days is None or one.seen_days > days:
        return False
    return one.bought_days > days if one.bought_days is not None else one.purchases == 0


def _mean(total: Decimal, count: int) -> Decimal | None:
    return ghs(total / count) if count else None


def _share(part: Decimal | int, whole: Decimal | int) -> int | None:
    """None of nothing: that is not 0%."""
    return share_percent(Decimal(part), Decimal(whole)) if whole else None
