"""Figures in help texts: placeholders, filled from the catalogue as it is at the moment of reading."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from accounts import selectors as accounts
from subscriptions.errors import FxRateUnknown, NotOnSale
from subscriptions.selectors import catalogue, licences, storefronts

_PLACEHOLDER = re.compile(r"{{\s*([\w.]+)\s*}}")
_STOREFRONTS = 6  # prices that are shown one by one


class UnknownFigure(Exception):
    """A text names a figure that the catalogue does not have."""


def fill(text: str, *, known: dict[str, str]) -> str:
    """The text with every placeholder replaced. Raises UnknownFigure, naming it."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in known:
            raise UnknownFigure(name)
        return known[name]

    return _PLACEHOLDER.sub(value, text)


def named(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def figures(*, now: datetime) -> dict[str, str]:
    """Every figure there is, as it is written, by name. No query while the catalogue's copy is fresh."""
    parts = (_packs, _free, _features, _storefronts, _plans, _others)
    return {name: text for part in parts for name, text in part(now)}


def _packs(now: datetime) -> Iterator[tuple[str, str]]:
    lines = []
    for pack in catalogue.packs(now=now):
        key = f"packs.{pack.type}"
        if pack.price_ghs is None:
            least, most = number(pack.min_price_ghs), number(pack.max_price_ghs)
            yield f"{key}.min", least
            yield f"{key}.max", most
            each = f"{number(pack.credits)} for each cedi"
            lines.append(f"- {pack.name}: any amount from GHS {least} to GHS {most}, credits {each}")
            continue
        total = pack.credits + pack.bonus_credits
        yield f"{key}.price", number(pack.price_ghs)
        yield f"{key}.credits", number(pack.credits)
        yield f"{key}.bonus", number(pack.bonus_credits)
        yield f"{key}.total", number(total)
        bonus = f", {number(pack.bonus_credits)} of them a bonus" if pack.bonus_credits else ""
        lines.append(f"- {pack.name}: GHS {number(pack.price_ghs)} for {number(total)} credits{bonus}")
    yield "list.packs", "\n".join(lines)


def _free(now: datetime) -> Iterator[tuple[str, str]]:
    for slug in ("trial", "monthly"):
        try:
            yield f"free.{slug}", number(catalogue.free_credits(slug=slug, now=now).credits)
        except NotOnSale:
            continue
    try:
        plan = catalogue.addon_plan(now=now)
    except NotOnSale:
        return
    yield "addon.price", number(plan.price_ghs)
    yield "addon.credits", number(plan.credits)
    yield "addon.rollover", number(plan.rollover_cap)


def _features(now: datetime) -> Iterator[tuple[str, str]]:
    lines = []
    for feature in catalogue.features(now=now):
        yield f"features.{feature.slug}", number(feature.credits)
        addon = " (needs the monthly add-on)" if feature.needs_addon else ""
        lines.append(f"- {feature.name}: {number(feature.credits)} credits{addon}")
    yield "list.features", "\n".join(lines)


def _storefronts(now: datetime) -> Iterator[tuple[str, str]]:
    lines = []
    for count in range(1, _STOREFRONTS + 1):
        try:
            price = number(storefronts.price(storefronts=count, now=now).price_ghs)
        except NotOnSale:
            continue
        yield f"storefronts.{count}", price
        lines.append(f"- {storefronts.counted(count)}: GHS {price} a month")
    yield "list.storefronts", "\n".join(lines)


def _plans(now: datetime) -> Iterator[tuple[str, str]]:
    try:
        tiers = licences.offers(kind="api_tier", now=now)
        chat = licences.offers(kind="support_chat", now=now)
    except FxRateUnknown:
        return
    yield from _limits("tiers", tiers, {"day": "requests_per_day", "month": "requests_per_month"})
    yield from _limits("chat", chat, _CHAT)


_CHAT = {
    "day": "messages_per_day",
    "hour": "messages_per_hour",
    "conversation": "messages_per_conversation",
    "open": "open_conversations",
}
_SAID = {"day": "a day", "month": "a month", "hour": "an hour", "conversation": "in a conversation"}


def _limits(name: str, offers: list[licences.Offer], limits: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What each plan of a kind allows and costs, one by one and as a list."""
    lines = []
    for offer in offers:
        plan, said = offer.plan, []
        for short, field in limits.items():
            yield f"{name}.{plan.slug}.{short}", number(getattr(plan, field))
            if short in _SAID:
                said.append(f"{number(getattr(plan, field))} {_SAID[short]}")
        yield f"{name}.{plan.slug}.price", number(plan.price_usd)
        yield f"{name}.{plan.slug}.ghs", number(offer.price_ghs)
        costs = f"USD {number(plan.price_usd)} a month, GHS {number(offer.price_ghs)} today"
        lines.append(f"- {plan.name} ({costs if plan.price_usd else 'free'}): {', '.join(said)}")
    yield f"list.{name}", "\n".join(lines)


def _others(now: datetime) -> Iterator[tuple[str, str]]:
    roles = accounts.roles(now=now)
    yield "list.roles", "\n".join(f"- {role.name}: USD {role.daily_ai_cost_usd:.2f} a day" for role in roles)
    taxes = catalogue.tax_rates(now=now)
    yield "taxes", ", ".join(f"{tax.name} {number(tax.rate * 100)}%" for tax in taxes)


def number(value: Decimal | int | None) -> str:
    """As a person writes it: 80, 0.1, 83.33, 9.99, 3,000."""
    if value is None:
        return ""
    return f"{Decimal(value).normalize():,f}"
