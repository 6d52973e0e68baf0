"""The books as platform staff see them: accounts, ledger, holds, AI uses, purchases, add-ons, plans."""

from . import accounts, addons, entries, grants, holds, purchases, receipts, storefronts, uses

__all__ = ["accounts", "addons", "entries", "grants", "holds", "purchases", "receipts", "storefronts", "uses"]
