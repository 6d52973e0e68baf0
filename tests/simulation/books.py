"""What the books of a town say, without the ids that differ from run to run."""

import re
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Business
from payments.models import Dispute, Payment, Refund
from subscriptions.models import (
    AddonPeriod,
    AICreditPurchase,
    AIMonthlyAddon,
    AITransaction,
    CreditEntry,
    CreditGrant,
    CreditHold,
    CreditSlice,
    Receipt,
    StorefrontPeriod,
    StorefrontPlan,
)

Books = dict[str, Counter[Any]]
_ID = re.compile(
    r"\b(purchase|addon|storefront|hold|grant|refund|dispute|payment|trial|adjustment):([0-9a-f-]+)"
)
_BALANCES = """
SELECT business.name, balance, held, debt, total_purchased, total_used
  FROM subscriptions_businessaicredits account
  JOIN accounts_business business ON business.id = account.business_id
 ORDER BY business.name
"""


def balances() -> list[tuple[Any, ...]]:
    """Every account: one query, for every checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES)
        return list(cursor.fetchall())


# How often a saved card is tried in vain depends on how often the scheduler runs; what was paid does not.
_PAID = Payment.objects.filter(status__in=["SUCCESSFUL", "REFUNDED", "REVIEW"])
_MONTHS = AddonPeriod.objects.exclude(grant=None)
_PLAN_MONTHS = StorefrontPeriod.objects.exclude(paid_by=None)
# What is compared as it is: the way to the business, then the columns.
_TABLES: dict[str, tuple[Any, str]] = {
    "holds": (CreditHold.objects, "business state credits captured created_at"),
    "uses": (AITransaction.objects, "business status credits_charged revenue_ghs late partial"),
    "orders": (AICreditPurchase.objects, "business pack_type price_ghs status created_at"),
    "add-ons": (AIMonthlyAddon.objects, "business status anchor_at period_end renews"),
    "months": (
        AddonPeriod.objects.exclude(grant=None),
        "addon__business number starts_at ends_at rolled_over",
    ),
    "plans": (StorefrontPlan.objects, "business status storefronts price_ghs anchor_at period_end renews"),
    "plan months": (_PLAN_MONTHS, "plan__business number added price_ghs free_credits starts_at ends_at"),
    "payments": (_PAID, "business purpose status paid_ghs refunded_ghs unapplied"),
    "refunds": (Refund.objects, "payment__business status amount_ghs"),
    "disputes": (Dispute.objects, "payment__business status amount_ghs"),
    "papers": (Receipt.objects, "business kind description base_ghs total_ghs"),
}


def read() -> Books:
    """All rows, as multisets; each row begins with the shop's name."""
    shops = dict(Business.objects.values_list("pk", "name"))
    names = _names(shops)
    grants = {pk: _cause(key, names) for pk, key in CreditGrant.objects.values_list("pk", "key")}
    names |= {("grant", str(pk)): f"grant of {name}" for pk, name in grants.items()}
    slices: dict[int, list[Any]] = defaultdict(list)
    for entry_id, grant_id, amount in CreditSlice.objects.values_list("entry_id", "grant_id", "amount"):
        slices[entry_id].append((grants[grant_id], amount))
    found: Books = {"balances": Counter(balances()), "entries": Counter(), "grants": Counter()}
    for entry in CreditEntry.objects.iterator():
        cause, parts = _cause(entry.key, names), tuple(sorted(slices[entry.pk]))
        found["entries"][
            shops[entry.business_id], entry.kind, entry.amount, entry.debt_change, cause, entry.note, parts
        ] += 1
    for grant in CreditGrant.objects.iterator():
        worth = (grant.credits, grant.remaining, grant.taken_back, grant.unit_value_ghs)
        found["grants"][
            shops[grant.business_id], grants[grant.pk], *worth, grant.expires_at, grant.frozen
        ] += 1
    for table, (rows, columns) in _TABLES.items():
        found[table] = Counter((shops[row[0]], *row[1:]) for row in rows.values_list(*columns.split()))
    return found


def difference(one: Books, other: Books) -> dict[str, tuple[Any, Any]]:
    """What each has more than the other, by table."""
    tables = [table for table in one if one[table] != other[table]]
    return {
        table: (sorted(one[table] - other[table], key=str), sorted(other[table] - one[table], key=str))
        for table in tables
    }


def _cause(key: str, names: dict[tuple[str, str], str]) -> str:
    return _ID.sub(lambda found: names.get((found[1], found[2]), found[0]), key)


def _names(shops: dict[Any, str]) -> dict[tuple[str, str], str]:
    """(what, id) → what it is in any run: the shop's first, second … of its kind, in order of making."""
    rows: dict[str, Any] = {
        "purchase": AICreditPurchase.objects.values_list("pk", "business_id").order_by("created_at", "pk"),
        "addon": AIMonthlyAddon.objects.values_list("pk", "business_id").order_by("created_at", "pk"),
        "storefront": StorefrontPlan.objects.values_list("pk", "business_id").order_by("created_at", "pk"),
        "hold": CreditHold.objects.values_list("pk", "business_id").order_by("created_at", "pk"),
        "refund": Refund.objects.values_list("pk", "payment__business_id").order_by("created_at", "pk"),
        "dispute": Dispute.objects.values_list("pk", "payment__business_id").order_by("pk"),
        "payment": Payment.objects.values_list("pk", "business_id").order_by("created_at", "pk"),
    }
    names = {}
    for what, found in rows.items():
        seen: Counter[Any] = Counter()
        for pk, business_id in found:
            seen[business_id] += 1
            names[what, str(pk)] = f"{what}:{seen[business_id]}"
    for what in ("trial", "adjustment"):
        names |= {(what, str(pk)): what for pk in shops}
    return names


_MONEY = {
    "GHS recognised": "SELECT sum(revenue_ghs) FROM subscriptions_aitransaction",
    "GHS deferred": "SELECT sum(remaining * unit_value_ghs) FROM subscriptions_creditgrant",
    "GHS received": "SELECT sum(paid_ghs) FROM payments_payment WHERE status IN ('SUCCESSFUL', 'REFUNDED')",
    "GHS refunded": "SELECT sum(amount_ghs) FROM payments_refund WHERE status = 'PROCESSED'",
    "GHS lost in disputes": "SELECT sum(amount_ghs) FROM payments_dispute WHERE status = 'LOST'",
    "credits owed": "SELECT sum(debt) FROM subscriptions_businessaicredits",
}


def money() -> dict[str, Decimal]:
    """Credits in and out; money in and out; revenue recognised (burnt grants) and deferred (unspent ones)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, sum(amount) FROM subscriptions_creditentry GROUP BY kind ORDER BY kind")
        found = {f"credits {kind}": amount for kind, amount in cursor.fetchall()}
        for name, query in _MONEY.items():
            cursor.execute(f"SELECT coalesce(({query}), 0)")
            found[name] = cursor.fetchone()[0]
    return found
