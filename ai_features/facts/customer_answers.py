"""Answers to simple questions about customers, word for word from the figures: one function an intent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ai_features.facts import customers as facts
from ai_features.facts import rfm
from ai_features.facts.customer_words import (
    NAMED_IN_TEXT,
    all_about,
    away,
    counted,
    listed,
    money,
    owes,
    people,
    purchases,
    spent,
    verb,
)
from ai_features.facts.customers import LISTED, Book, Customer
from ai_features.routing.data_questions import Asked

_USUAL_COUNT = 5  # where the question names none
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Reply:
    """`rows` are the customers it is about, in order."""

    answer: str
    figures: Sequence[str]
    next_step: str
    rows: Sequence[Customer] = ()


def reply(book: Book, asked: Asked, named: Sequence[Customer] = ()) -> Reply | None:
    """`named`: whom the question names. None when it names nobody in the book."""
    if asked.intent == "one_customer":
        return _one_customer(named) if named else None
    if asked.intent == "segment_members":
        return _segment_members(book, asked)
    return _REPLIES[asked.intent](book, asked)


def _top_customers(book: Book, asked: Asked) -> Reply:
    shown = _first(book.buyers, asked)
    whole = sum((one.spent_ghs or _ZERO for one in book.buyers), _ZERO)
    part = sum((one.spent_ghs or _ZERO for one in shown), _ZERO)
    share = facts.share_percent(part, whole)
    return Reply(
        f"By money spent, the top {people(len(shown))}: {listed(shown, spent)}. "
        f"Together {money(part)}, {share}% of all sales."
        if shown
        else "No customer has spent anything in this period.",
        [f"Spent by them: {money(part)}", f"Spent by all: {money(whole)}"],
        "Thank them by name and ask what they would like you to keep in stock.",
        shown,
    )


def _low_customers(book: Book, asked: Asked) -> Reply:
    shown = _first(book.buyers[::-1], asked)
    return Reply(
        f"Of those who bought, these spent least: {listed(shown, spent)}."
        if shown
        else "No customer has spent anything in this period.",
        [f"Customers who bought: {len(book.buyers)}"],
        "See which of them are new: a small offer may bring them back.",
        shown,
    )


def _frequent_customers(book: Book, asked: Asked) -> Reply:
    regular = facts.most((one for one in book.customers if one.purchases), lambda one: one.purchases or 0)
    shown = _first(regular, asked)
    return Reply(
        f"They buy most often: {listed(shown, purchases)}."
        if shown
        else "No customer has bought anything in this period.",
        [f"Customers who bought: {len(regular)}"],
        "Give them a reward for coming back, such as something extra on the tenth visit.",
        shown,
    )


def _biggest_debtors(book: Book, asked: Asked) -> Reply:
    shown, owed = _first(book.debtors, asked), facts.totals(book)["owed_ghs"]
    return Reply(
        f"They owe you most: {listed(shown, owes)}. "
        f"In all, {people(len(book.debtors))} {verb(len(book.debtors), 'owe')} {money(owed)}."
        if shown
        else "Nobody owes you anything.",
        [f"Owed in all: {money(owed)}", f"Customers who owe: {len(book.debtors)}"],
        "Send the first of them a friendly reminder." if shown else "Keep it so.",
        shown,
    )


def _lapsed_customers(book: Book, asked: Asked) -> Reply:
    days = book.lapsed_after_days if asked.days is None else asked.days
    lapsed = book.away_longer_than(days)
    shown = _first(lapsed, asked)
    total = sum((one.spent_ghs or _ZERO for one in lapsed), _ZERO)
    return Reply(
        f"{people(len(lapsed))} {verb(len(lapsed), 'have')} stayed away for more than {days} days; "
        f"in this period they spent {money(total)}. First: {listed(shown, away)}."
        if lapsed
        else f"Nobody has stayed away for more than {days} days.",
        [f"Away for more than {days} days: {len(lapsed)}", f"Spent by them: {money(total)}"],
        "Write to the first of them by name and offer what they used to buy." if lapsed else "Keep it so.",
        shown,
    )


def _customer_count(book: Book, asked: Asked) -> Reply:
    count, buyers = len(book.customers), len([times for times in book.known("purchases") if times])
    figures = [f"Customers: {count}"]
    answer = f"There {verb(count, 'are')} {people(count)} in your data."
    if book.known("purchases"):
        answer += f" {buyers} of them bought in this period."
        figures.append(f"Bought in this period: {buyers}")
    return Reply(answer, figures, "Ask who has stopped coming.")


def _active_customers(book: Book, asked: Asked) -> Reply:
    found = facts.retention(book)
    active, days = found["active"], found["lapsed_after_days"]
    return Reply(
        f"{people(active)}, {found['active_percent']}%, {verb(active, 'were')} here in the last {days} days.",
        [f"Active in the last {days} days: {active}"],
        "Ask who has stopped coming.",
    )


def _debtor_count(book: Book, asked: Asked) -> Reply:
    count, owed = len(book.debtors), facts.totals(book)["owed_ghs"]
    return Reply(
        f"{people(count)} of {len(book.customers)} {verb(count, 'owe')} you {money(owed)} in all.",
        [f"Customers who owe: {count}", f"Owed in all: {money(owed)}"],
        "Ask who owes most." if count else "Keep it so.",
    )


def _total_balance(book: Book, asked: Asked) -> Reply:
    count, owed = len(book.debtors), facts.totals(book)["owed_ghs"]
    return Reply(
        f"Customers owe you {money(owed)} in all: {people(count)} of {len(book.customers)}.",
        [f"Owed in all: {money(owed)}", f"Customers who owe: {count}"],
        "Ask who owes most." if count else "Keep it so.",
    )


def _average_balance(book: Book, asked: Asked) -> Reply:
    count, average = len(book.debtors), facts.totals(book)["average_debt_ghs"]
    return Reply(
        "Nobody owes you anything."
        if average is None
        else f"A customer who owes you owes {money(average)} on average ({people(count)}).",
        [f"Average debt: {money(average or _ZERO)}", f"Customers who owe: {count}"],
        "Ask who owes most." if count else "Keep it so.",
    )


def _total_sales(book: Book, asked: Asked) -> Reply:
    total, buyers = facts.totals(book)["spent_ghs"], len(book.buyers)
    return Reply(
        f"Your customers spent {money(total)} in this period: {people(buyers)} of {len(book.customers)}.",
        [f"Spent in all: {money(total)}", f"Customers who spent: {buyers}"],
        "Ask who spends most.",
    )


def _total_purchases(book: Book, asked: Asked) -> Reply:
    times = facts.totals(book)["purchases"]
    return Reply(
        f"Your customers bought {counted(times, 'time')} in this period.",
        [f"Purchases: {times}"],
        "Ask who buys most often.",
    )


def _average_spend(book: Book, asked: Asked) -> Reply:
    found, known = facts.totals(book), len(book.known("spent_ghs"))
    return Reply(
        f"A customer spent {money(found['average_spend_ghs'])} on average in this period: "
        f"{money(found['spent_ghs'])} by {people(known)}.",
        [f"Average spend: {money(found['average_spend_ghs'])}", f"Spent in all: {money(found['spent_ghs'])}"],
        "Ask who spends most.",
    )


def _average_purchase(book: Book, asked: Asked) -> Reply:
    average = facts.totals(book)["average_purchase_ghs"]
    return Reply(
        "Nobody has bought in this period."
        if average is None
        else f"A purchase is {money(average)} on average.",
        [f"Average purchase: {money(average or _ZERO)}"],
        "Put something small and useful beside the till.",
    )


def _average_visits(book: Book, asked: Asked) -> Reply:
    found = facts.totals(book)
    return Reply(
        f"A customer bought {found['average_purchases']} times on average in this period.",
        [f"Average purchases: {found['average_purchases']}", f"Purchases: {found['purchases']}"],
        "Ask who buys most often.",
    )


def _segments(book: Book, asked: Asked) -> Reply:
    found = facts.segments(book)
    parts = [f"{one['name']}: {one['customers']}" for one in found]
    return Reply(
        f"Your customers by how lately, how often and for how much they bought: {', '.join(parts)}.",
        [f"{one['name']}: {people(one['customers'])}, {money(one['spent_ghs'])}" for one in found],
        max(found, key=lambda one: one["spent_ghs"])["action"],
    )


def _segment_members(book: Book, asked: Asked) -> Reply:
    assert asked.segment is not None
    name, action = rfm.SEGMENTS[asked.segment]
    inside = facts.members(book, asked.segment)
    shown = _first(inside, asked)
    total = sum((one.spent_ghs or _ZERO for one in inside), _ZERO)
    return Reply(
        f"{name}: {people(len(inside))} with {money(total)}. First: {listed(shown, spent)}."
        if inside
        else f"{name}: none of your customers is in this segment.",
        [f"{name}: {len(inside)}", f"Spent by them: {money(total)}"],
        action,
        shown,
    )


def _one_customer(named: Sequence[Customer]) -> Reply:
    shown = named[:LISTED]
    texts, figures = [], []
    for one in shown:
        known = all_about(one)
        texts.append(f"{one.name}: {', '.join(known) or 'nothing is known'}.")
        figures += [f"{one.name}: {part}" for part in known]
    several = f"{len(named)} customers have this name. " if len(named) > 1 else ""
    return Reply(
        several + " ".join(texts[:NAMED_IN_TEXT]),
        figures[:8] or [f"Customers of this name: {len(named)}"],
        "Ask what they would like to buy next, and remind them kindly of what is open."
        if any(one.owed_ghs for one in shown)
        else "Thank them and ask what they would like to buy next.",
        shown,
    )


_REPLIES: dict[str, Callable[[Book, Asked], Reply]] = {
    "top_customers": _top_customers,
    "low_customers": _low_customers,
    "frequent_customers": _frequent_customers,
    "biggest_debtors": _biggest_debtors,
    "lapsed_customers": _lapsed_customers,
    "customer_count": _customer_count,
    "active_customers": _active_customers,
    "debtor_count": _debtor_count,
    "total_balance": _total_balance,
    "average_balance": _average_balance,
    "total_sales": _total_sales,
    "total_purchases": _total_purchases,
    "average_spend": _average_spend,
    "average_purchase": _average_purchase,
    "average_visits": _average_visits,
    "segments": _segments,
}
# What at least one customer must have, as a field of Customer and as it is named in a request.
NEEDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("top_customers", "low_customers", "total_sales", "average_spend"), ("spent_ghs", "monetary")
    ),
    **dict.fromkeys(("frequent_customers", "total_purchases", "average_visits"), ("purchases", "frequency")),
    "average_purchase": ("spent_ghs", "monetary"),
    **dict.fromkeys(
        ("biggest_debtors", "debtor_count", "total_balance", "average_balance"), ("balance_ghs", "balance")
    ),
    **dict.fromkeys(("lapsed_customers", "active_customers"), ("away_days", "recency_days")),
}
NEED_SCORES = ("segments", "segment_members")


def _first(customers: Sequence[Customer], asked: Asked) -> Sequence[Customer]:
    return customers[: min(asked.count or _USUAL_COUNT, LISTED)]
