"""What each line of a statement is, in words, and what it belongs to. At most four queries for any number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from subscriptions.models import (
    AICreditPurchase,
    CreditEntry,
    CreditGrant,
    CreditHold,
    Feature,
)

_GRANTED = {
    "purchase": "Bought credits",
    "addon": "Monthly add-on",
    "trial": "Free trial credits",
    "monthly_free": "Free credits of the month",
    "adjustment": "Adjustment",
}
_OF_GRANT = {
    "purchase": "bought credits",
    "addon": "credits of the monthly add-on",
    "trial": "free trial credits",
    "monthly_free": "free credits of the month",
    "adjustment": "credits of an adjustment",
}
# By the first word of the entry's key: why credits of a sale were taken back, or came back after all.
_MONEY_BACK = {
    ("withdrawal", "refund"): "Taken back: refund",
    ("withdrawal", "dispute"): "Taken back: payment disputed and lost",
    ("withdrawal", "payment"): "Taken back: payment disputed and lost",
    ("return", "refund"): "Given back: the refund did not go through",
    ("return", "dispute"): "Given back: dispute won",
}
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry, told. The ids are those of the API; None where there is none."""

    entry: CreditEntry
    description: str
    request_id: UUID | None = None
    purchase_id: UUID | None = None
    addon_id: UUID | None = None
    refund_id: UUID | None = None


@dataclass(frozen=True)
class _Known:
    holds: dict[int, CreditHold]
    grants: dict[Any, CreditGrant]
    packs: dict[str, str]


def lines(entries: Sequence[CreditEntry]) -> list[Line]:
    known = _look_up(entries)
    return [_line(entry, known) for entry in entries]


def _look_up(entries: Sequence[CreditEntry]) -> _Known:
    holds = CreditHold.objects.in_bulk({one.hold_id for one in entries if one.hold_id is not None})
    ids = {one.grant_id for one in entries if one.grant_id is not None}
    ids |= {int(found) for one in entries for found in re.findall(r"^grant:(\d+):", one.key)}
    by_key = {one.key for one in entries if one.kind == "grant"}
    grants: dict[Any, CreditGrant] = {}
    for grant in [*CreditGrant.objects.filter(pk__in=ids), *CreditGrant.objects.filter(key__in=by_key)]:
        grants[grant.pk] = grants[grant.key] = grant
    bought = [_id_after("purchase", grant.key) for grant in grants.values()]
    packs = AICreditPurchase.objects.filter(pk__in=[one for one in bought if one])
    return _Known(holds, grants, {f"purchase:{one.pk}": one.pack_name for one in packs})


def _line(entry: CreditEntry, known: _Known) -> Line:
    hold = known.holds.get(entry.hold_id or 0)
    named = re.match(r"grant:(\d+):", entry.key)
    grant = known.grants.get(int(named[1]) if named else entry.grant_id or entry.key)
    text = _words(entry, hold, grant, known)
    return Line(
        entry=entry,
        description=f"{text}: {entry.note}" if entry.note else text,
        request_id=hold.request_id if hold else None,
        purchase_id=_id_after("purchase", grant.key) if grant else None,
        addon_id=_id_after("addon", grant.key) if grant else None,
        refund_id=_id_after("refund", entry.key),
    )


def _words(entry: CreditEntry, hold: CreditHold | None, grant: CreditGrant | None, known: _Known) -> str:
    used = _used(hold, -entry.amount + entry.debt_change) if hold else ""
    source = grant.source if grant else ""
    if entry.kind == "grant":
        pack = known.packs.get(entry.key)
        return f"Bought {pack} pack" if pack else _GRANTED.get(source, "Credits added")
    if entry.kind == "expiry":
        return f"Expired {_OF_GRANT.get(source, 'credits')}"
    if entry.kind in ("withdrawal", "return"):
        plain = "Taken back" if entry.kind == "withdrawal" else "Given back"
        return _MONEY_BACK.get((entry.kind, entry.key.partition(":")[0]), plain)
    if entry.kind == "debt_payment":
        return "Debt paid"
    return f"Given back: {used}" if entry.kind == "reversal" else used


def _used(hold: CreditHold, credits: Decimal) -> str:
    """The feature, and how many where one call delivered several items."""
    feature = Feature.find(hold.feature, hold.created_at)
    if feature is None:
        return hold.feature
    count = abs(credits) / feature.credits
    several = count > 1 and count == count.to_integral_value()
    return f"{feature.name} ×{int(count)} items" if several else feature.name


def _id_after(word: str, key: str) -> UUID | None:
    found = re.match(rf"{word}:({_UUID})(?::|$)", key)
    return UUID(found[1]) if found else None
