"""What a model is shown of a shop's customers, and plain words about all of them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ai_features.facts.customer_words import listed, money, people, said, spent
from ai_features.facts.customers import LISTED, Book, Customer
from ai_features.features import figures
from ai_features.privacy.sanitise import TOKEN

_SHOWN = 10  # of the largest buyers and debtors; of the lapsed, LISTED
_MOST_FIELDS = 3
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n")
_MONEY = re.compile(r"(?:GHS|GH₵)\s?(\d[\d.,]*\d|\d)")
_ROWS = ("asked_about", "lapsed_valuable", "top_customers", "top_debtors")

Facts = dict[str, Any]


def shown(facts: Facts) -> Facts:
    """Sums, shares and short lists: as long for two thousand customers as for two hundred."""
    book: Book = facts["book"]
    view = {
        "question": facts["question"],
        "totals": readable(facts["totals"]),
        "retention": readable(facts["retention"]),
        "concentration": facts["concentration"],
        "segments": [
            {name: value for name, value in readable(one).items() if name != "segment"}
            for one in facts["segments"]
        ],
        "asked_about": [said(one) for one in facts["named"][:LISTED]],
        "lapsed_valuable": [said(one) for one in facts["lapsed_valuable"][:LISTED]],
        "lapsed_valuable_customers": len(facts["lapsed_valuable"]),
        "top_customers": [said(one) for one in book.buyers[:_SHOWN]],
        "top_debtors": [said(one) for one in book.debtors[:_SHOWN]],
        "groups": [
            {"field": one["field"], "groups": [readable(group) for group in one["groups"]]}
            for one in facts["groups"][:_MOST_FIELDS]
        ],
    }
    return {name: value for name, value in view.items() if value}


def words(facts: Facts) -> dict[str, Any]:
    """The state of things without a model: it does not know what was asked."""
    book: Book = facts["book"]
    totals, retention, found = facts["totals"], facts["retention"], facts["segments"]
    texts, used = [f"You have {people(totals['customers'])}."], [f"Customers: {totals['customers']:,}"]
    if totals["spent_ghs"]:
        texts.append(f"They spent {money(totals['spent_ghs'])}; most of it {listed(book.buyers[:3], spent)}.")
        used.append(f"Spent: {money(totals['spent_ghs'])}")
    if retention["lapsed"] is not None:
        days = retention["lapsed_after_days"]
        texts.append(f"{people(retention['lapsed'])} stayed away for more than {days} days.")
        used.append(f"Away for more than {days} days: {retention['lapsed']:,}")
    if totals["owed_ghs"]:
        texts.append(f"{people(totals['debtors'])} together owe you {money(totals['owed_ghs'])}.")
        used.append(f"Owed: {money(totals['owed_ghs'])}")
    return {"answer": " ".join(texts), "figures_used": used, "next_step": _next_step(facts, found)}


def _next_step(facts: Facts, found: Sequence[Facts]) -> str:
    if facts["lapsed_valuable"]:
        first: Customer = facts["lapsed_valuable"][0]
        return f"Win back {first.name} first, away for {first.away_days} days after spending {spent(first)}."
    if found:
        largest = max(found, key=lambda one: one["spent_ghs"])
        return f"{largest['name']}, {people(largest['customers'])}: {largest['action']}"
    return "Add how often, how much and how lately each customer buys."


def readable(values: Facts) -> Facts:
    """Money as people read it; what is not known is left out."""
    return {
        name.removesuffix("_ghs"): money(value) if isinstance(value, Decimal) and "_ghs" in name else value
        for name, value in values.items()
        if value is not None
    }


def swapped(texts: Iterable[str], view: Facts) -> list[str]:
    """Amounts in a sentence about one customer that are another customer's, and no total either."""
    amounts: dict[str, set[Decimal]] = {}
    for row in (row for name in _ROWS for row in view.get(name, ())):
        own = figures.numbers_in([row.get("spent"), row.get("owes")])
        amounts.setdefault(row["customer"], set()).update(own)
    common = figures.numbers_in([view["totals"], view["retention"]])
    found = []
    for sentence in (sentence for text in texts for sentence in _SENTENCES.split(text)):
        tokens = set(TOKEN.findall(sentence))
        if len(tokens) == 1:
            own = common | amounts.get(tokens.pop(), set())
            others = set().union(*amounts.values()) - own
            written = (match for match in _MONEY.finditer(sentence))
            found += [one.group() for one in written if figures.numbers_in(one.group(1)) & others]
    return found
