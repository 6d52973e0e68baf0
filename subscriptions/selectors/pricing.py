"""The price list as customers see it."""

from datetime import datetime
from typing import Any

from config.core.money import ZERO, ghs
from subscriptions.errors import NotOnSale
from subscriptions.models import CreditPack, Feature

from . import catalogue

_NO_ADDON: dict[str, Any] = {"price_ghs": None, "credits": None, "description": "", "savings": ""}


def pricing(*, now: datetime) -> dict[str, Any]:
    """Everything on sale at `now`, in the catalogue's order. What says nothing is left out."""
    return {
        "credit_packs": [_pack(pack) for pack in catalogue.packs(now=now)],
        "feature_costs": [_feature(feature) for feature in catalogue.features(now=now)],
        "monthly_addon": _addon(now),
    }


def _pack(pack: CreditPack) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": pack.type, "name": pack.name, "price_ghs": pack.price_ghs}
    if pack.price_ghs is None:
        # `credits` of a custom pack is how many one cedi buys.
        shown |= {"min_price_ghs": pack.min_price_ghs, "max_price_ghs": pack.max_price_ghs}
        shown |= {"credits": None, "bonus_credits": ZERO, "total_credits": None}
        shown["cost_per_credit"] = ghs(1 / pack.credits)
    else:
        total = pack.credits + pack.bonus_credits
        shown |= {"credits": pack.credits, "bonus_credits": pack.bonus_credits, "total_credits": total}
        shown["cost_per_credit"] = ghs(pack.price_ghs / total)
    if pack.savings:
        shown["savings"] = pack.savings
    if pack.recommended:
        shown["recommended"] = True
    return shown


def _feature(feature: Feature) -> dict[str, Any]:
    names = ("slug", "name", "credits", "description", "category")
    shown = {name: getattr(feature, name) for name in names}
    return shown | {name: True for name in ("popular", "needs_addon") if getattr(feature, name)}


def _addon(now: datetime) -> dict[str, Any]:
    try:
        plan = catalogue.addon_plan(now=now)
    except NotOnSale:
        return {"available": False, **_NO_ADDON}
    return {"available": True, **{name: getattr(plan, name) for name in _NO_ADDON}}
