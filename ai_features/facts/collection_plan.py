"""The plan of a collection as it is shown: rows, bands, forecast; what a model sees of it; plain words."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ai_features.facts import collection
from ai_features.facts.ageing import BANDS
from ai_features.facts.collection import ACTIONS, Ranked
from ai_features.facts.reminders import money
from ai_features.features import figures
from ai_features.privacy.sanitise import TOKEN

SHOWN = 10  # debtors that a model sees, by token
STRATEGIES = ("strategy_0_30", "strategy_31_60", "strategy_61_90", "strategy_over_90")
_USUAL = ("send_friendly_reminder", "send_firm_reminder", "agree_on_plan", "settle_in_person")

_ZERO = Decimal("0.00")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n")
_MONEY = re.compile(r"(?:GHS|GH₵)\s?(\d[\d.,]*\d|\d)")

Facts = dict[str, Any]


def of(ranked: Sequence[Ranked], as_of: date) -> Facts:
    """All that is known: totals, bands, a row for everyone, eight weeks and later."""
    weeks, later = collection.cash_forecast(ranked, as_of)
    starts = [(as_of + timedelta(weeks=number)).isoformat() for number in range(len(weeks))]
    return {
        "totals": _totals(ranked),
        "ageing": _bands(ranked),
        "plan": [_row(place, one) for place, one in enumerate(ranked, 1)],
        "cash_forecast": {
            "weeks": [
                {"starts": start, "expected": amount} for start, amount in zip(starts, weeks, strict=True)
            ],
            "later": later,
        },
    }


def shown(facts: Facts) -> Facts:
    """Totals and the first ten: as long for five thousand debtors as for fifty. Money as people read it."""
    plan, forecast = facts["plan"], facts["cash_forecast"]
    counts = Counter(row["action"] for row in plan)
    return {
        "totals": _readable(facts["totals"]),
        "ageing": [_readable(band) for band in facts["ageing"]],
        "actions": [
            {"action": text, "debtors": counts[code]} for code, text in ACTIONS.items() if code in counts
        ],
        "first": [_shown_row(row) for row in plan[:SHOWN]],
        "cash_forecast": {
            "weeks": [_readable(week) for week in forecast["weeks"]],
            "later": money(forecast["later"]),
        },
    }


def words(facts: Facts) -> dict[str, Any]:
    """What a person would want to be told first, without a model."""
    totals = facts["totals"]
    owed, who = money(totals["owed"]), _debtors(totals["debtors"])
    return {
        "headline": f"{owed} owed by {who}",
        "summary": f"{owed} is owed by {who}; {money(totals['overdue'])} of it is overdue. "
        f"{money(totals['expected_recovery'])} is expected to come back, {totals['expected_percent']}%. "
        f"{money(facts['cash_forecast']['weeks'][0]['expected'])} of it should come in the first week.",
        **{
            name: f"{money(band['owed'])} owed by {_debtors(band['debtors'])}. {ACTIONS[action]}"
            if band["debtors"]
            else "Nothing is owed here."
            for name, band, action in zip(STRATEGIES, facts["ageing"], _USUAL, strict=True)
        },
        "next_steps": [
            f"{row['customer']}, {money(row['balance'])}: {ACTIONS[row['action']]}"
            for row in facts["plan"][:3]
        ],
    }


def swapped(texts: Iterable[str], sent: Facts) -> list[str]:
    """Amounts in a sentence about one customer that are another customer's, by what a model was shown."""
    of_customer: dict[str, set[Decimal]] = {}
    for row in sent["first"]:
        amounts = figures.numbers_in([row["owes"], row["expected_recovery"]])
        of_customer.setdefault(row["customer"], set()).update(amounts)
    general = figures.numbers_in([sent["totals"], sent["ageing"], sent["cash_forecast"]])
    found = []
    for sentence in (sentence for text in texts for sentence in _SENTENCES.split(text)):
        tokens = set(TOKEN.findall(sentence))
        if len(tokens) != 1:
            continue
        known = general | of_customer.get(tokens.pop(), set())
        found += [
            m.group() for m in _MONEY.finditer(sentence) if figures.numbers_in(m.group(1)).isdisjoint(known)
        ]
    return found


def _totals(ranked: Sequence[Ranked]) -> Facts:
    owed = sum((one.debtor.balance for one in ranked), _ZERO)
    expected = sum((one.expected for one in ranked), _ZERO)
    return {
        "debtors": len(ranked),
        "owed": owed,
        "overdue": sum((one.debtor.balance for one in ranked if one.debtor.days > 0), _ZERO),
        "expected_recovery": expected,
        "expected_percent": collection.share_percent(expected, owed),
    }


def _bands(ranked: Sequence[Ranked]) -> list[Facts]:
    whole = sum((one.debtor.balance for one in ranked), _ZERO)
    bands = []
    for name in BANDS:
        inside = [one for one in ranked if one.debtor.band == name]
        owed = sum((one.debtor.balance for one in inside), _ZERO)
        bands.append(
            {
                "band": name,
                "debtors": len(inside),
                "owed": owed,
                "share_percent": collection.share_percent(owed, whole),
                "expected_recovery": sum((one.expected for one in inside), _ZERO),
            }
        )
    return bands


def _row(place: int, one: Ranked) -> Facts:
    debtor = one.debtor
    return {
        "rank": place,
        "customer": debtor.customer,
        "code": debtor.code,
        "balance": debtor.balance,
        "days_overdue": debtor.days,
        "band": debtor.band,
        "recovery_percent": one.recovery_percent,
        "expected_recovery": one.expected,
        "priority": one.total,
        "points": dict(one.points),
        "action": one.action,
        "on": one.on.isoformat(),
    }


def _shown_row(row: Facts) -> Facts:
    return {
        "rank": row["rank"],
        "customer": row["customer"],
        "owes": money(row["balance"]),
        "days_overdue": row["days_overdue"],
        "expected_recovery": money(row["expected_recovery"]),
        "priority": row["priority"],
        "points": row["points"],
        "action": ACTIONS[row["action"]],
        "not_before": row["on"],
    }


def _readable(values: Facts) -> Facts:
    return {name: money(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _debtors(count: int) -> str:
    return f"{count} customer" if count == 1 else f"{count} customers"
