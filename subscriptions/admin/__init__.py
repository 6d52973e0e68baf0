"""The books as platform staff see them: accounts, ledger, holds, AI uses, and what was sold."""

from . import (
    accounts,
    addons,
    alerts,
    budgets,
    entries,
    grants,
    holds,
    licences,
    purchases,
    receipts,
    reports,
    storefronts,
    uses,
)

__all__ = [
    "accounts",
    "addons",
    "alerts",
    "budgets",
    "entries",
    "grants",
    "holds",
    "licences",
    "purchases",
    "receipts",
    "reports",
    "storefronts",
    "uses",
]
