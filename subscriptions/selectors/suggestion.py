"""Which pack to buy next, and why."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from config.core import money
from subscriptions.models import CreditPack

from . import catalogue
from .account import Account, credits_per_day

DAYS = 30


@dataclass(frozen=True)
class Suggestion:
    type: str
    name: str
    price_ghs: Decimal
    credits: Decimal
    why: str


def pack(*, held: Account, now: datetime) -> Suggestion | None:
    """The smallest pack that lasts about 30 days at the present pace; else the largest.

    Without a pace, the recommended one. None when no pack has a fixed price.
    """
    fixed = [one for one in catalogue.packs(now=now) if one.price_ghs is not None]
    packs = sorted(fixed, key=lambda one: (_credits(one), one.price_ghs))
    if not packs:
        return None
    pace = credits_per_day(held=held, now=now)
    if pace is None:
        chosen = next((one for one in packs if one.recommended), packs[0])
        return _told(chosen, "most shops choose it" if chosen.recommended else "the smallest pack")
    enough = [one for one in packs if _credits(one) >= pace * DAYS]
    chosen = enough[0] if enough else packs[-1]
    days = int((_credits(chosen) / pace).to_integral_value(ROUND_DOWN))
    lasts = f"at the {money.text(money.credits(pace))} credits a day you use now, it lasts {_about(days)}"
    return _told(chosen, lasts if enough else f"the largest pack; {lasts}")


def _about(days: int) -> str:
    if days > 365:
        return "more than a year"
    return "less than a day" if days == 0 else f"about {days} {'day' if days == 1 else 'days'}"


def _credits(pack: CreditPack) -> Decimal:
    return pack.credits + pack.bonus_credits


def _told(pack: CreditPack, why: str) -> Suggestion:
    assert pack.price_ghs is not None
    return Suggestion(pack.type, pack.name, pack.price_ghs, _credits(pack), why)
