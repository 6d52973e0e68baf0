"""The books as platform staff see them: accounts, ledger, holds, AI uses, purchases, add-ons, licences."""

from . import accounts, addons, entries, grants, holds, licences, purchases, receipts, uses

__all__ = ["accounts", "addons", "entries", "grants", "holds", "licences", "purchases", "receipts", "uses"]
