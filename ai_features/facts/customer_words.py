"""Customers and their figures as people say and read them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from ai_features.facts.amounts import in_text
from ai_features.facts.customers import Customer

NAMED_IN_TEXT = 5
_ZERO = Decimal(0)
_VERBS = {"owe": "owes", "have": "has", "are": "is", "were": "was"}


def money(amount: Decimal) -> str:
    return f"GHS {in_text(amount)}"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def people(count: int) -> str:
    return counted(count, "customer")


def verb(count: int, plural: str) -> str:
    return _VERBS[plural] if count == 1 else plural


def listed(shown: Sequence[Customer], figure: Callable[[Customer], str]) -> str:
    """The first few by name; how many more there are."""
    texts = [f"{one.name} ({figure(one)})" for one in shown[:NAMED_IN_TEXT]]
    more = len(shown) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def spent(one: Customer) -> str:
    return money(one.spent_ghs or _ZERO)


def owes(one: Customer) -> str:
    return money(one.owed_ghs)


def purchases(one: Customer) -> str:
    return counted(one.purchases or 0, "time")


def away(one: Customer) -> str:
    return f"{counted(one.away_days or 0, 'day')}, {spent(one)}"


def all_about(one: Customer) -> list[str]:
    """Everything that is known of a customer, each in a few words."""
    found = []
    if one.spent_ghs is not None:
        found.append(f"spent {spent(one)}")
    if one.purchases is not None:
        found.append(f"bought {purchases(one)}")
    if one.bought_days is not None:
        found.append(f"last bought {counted(one.bought_days, 'day')} ago")
    if one.balance_ghs is not None:
        owed = f"owes {owes(one)}" if one.balance_ghs else "owes nothing"
        found.append(owed if one.balance_ghs >= 0 else f"has paid {money(-one.balance_ghs)} in advance")
    return found


def rows(customers: Sequence[Customer]) -> list[dict[str, Any]]:
    """As they are shown."""
    return [
        {
            "rank": place,
            "customer": one.name,
            "code": one.code,
            "spent_ghs": one.spent_ghs,
            "purchases": one.purchases,
            "days_since": one.away_days,
            "balance_ghs": one.balance_ghs,
            "segment": one.scores.segment if one.scores else None,
        }
        for place, one in enumerate(customers, 1)
    ]


def said(one: Customer) -> dict[str, Any]:
    """As a model reads it: by token, without code, amounts in words."""
    known = {
        "spent": None if one.spent_ghs is None else spent(one),
        "purchases": one.purchases,
        "days_since": one.away_days,
        "owes": owes(one) if one.owed_ghs else None,
        "segment": one.scores.segment.replace("_", " ") if one.scores else None,
    }
    return {"customer": one.name} | {name: value for name, value in known.items() if value is not None}
