"""Answers about the asker's own account, from the books alone: no model, no charge.

Each says what one of the endpoints under `/api/subscriptions/` says, which any member may read, and names it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts import selectors as accounts
from ai_features.routing import NEEDS_CUSTOMERS, UNCLEAR, Decision
from ai_features.services.caller import Caller
from subscriptions.errors import NoAddon, NoStorefrontPlan
from subscriptions.selectors import account, addons, catalogue, quota, storefronts, tiers, usage
from subscriptions.selectors.pricing import pricing

Answer = dict[str, Any]
_USUAL_DAYS, _MOST_DAYS = 30, 366
_BASE = "/api/subscriptions/"
FREE_QUESTIONS = (
    "How many credits do I have left?",
    "When do my free credits expire?",
    "What does a product description cost?",
    "Which plan am I on?",
    "How many credits did I use this week?",
    "Who are my top customers? (send `customers` with it)",
)


def give(*, decision: Decision, caller: Caller, now: datetime) -> Answer:
    """The answer to a decision for `local` that needs no customers. Reads this caller's business alone."""
    return _ANSWERS[decision.intent](decision, caller, now)


def _balance(decision: Decision, caller: Caller, now: datetime) -> Answer:
    held = account.account(business_id=caller.business_id, now=now)
    text = f"You have {held.available} credits to spend."
    if held.held:
        text += f" {held.held} more are reserved by calls that are running."
    if held.debt:
        text += f" {held.debt} are owed and will be taken from the next credits."
    figures = {name: getattr(held, name) for name in ("available", "balance", "held", "debt")}
    return _answer(text, figures, see="ai/credits/")


def _runway(decision: Decision, caller: Caller, now: datetime) -> Answer:
    held = account.account(business_id=caller.business_id, now=now)
    lasts = account.runway(held=held, now=now)
    text = f"Your {held.available} credits last {lasts['text']}."
    if decision.feature is not None and decision.feature in lasts["per_feature"]:
        name = catalogue.feature(slug=decision.feature, now=now).name
        text = (
            f"Your {held.available} credits are enough for {lasts['per_feature'][decision.feature]} × {name}."
        )
    if lasts["days"] is None:
        text += " Nothing was used in the last 14 days, so there is no pace to go by."
    return _answer(text, {"available": held.available, "days": lasts["days"]}, see="ai/credits/")


def _expiry(decision: Decision, caller: Caller, now: datetime) -> Answer:
    zone = accounts.zone(business_id=caller.business_id)
    ending = [
        (grant, grant.expires_at)
        for grant in account.live_grants(business_id=caller.business_id, now=now)
        if grant.expires_at is not None
    ]
    parts = [f"{grant.remaining} credits expire on {_day(ends_at, zone)}." for grant, ends_at in ending]
    text = " ".join([*parts, "All others do not expire." if parts else "None of your credits expire."])
    listed = [
        {"credits": grant.remaining, "expires_at": ends_at.isoformat(), "source": grant.source}
        for grant, ends_at in ending
    ]
    return _answer(text, {"expiring": listed}, see="ai/credits/")


def _feature_price(decision: Decision, caller: Caller, now: datetime) -> Answer:
    listed = catalogue.features(now=now)
    named = [feature for feature in listed if feature.slug == decision.feature] or listed
    addon = {True: " (with the monthly add-on)", False: ""}
    parts = [f"{feature.name}: {feature.credits} credits{addon[feature.needs_addon]}" for feature in named]
    return _answer(
        f"{'; '.join(parts)}. One use each; an answer from the cache or made here is free.",
        {feature.slug: feature.credits for feature in named},
        see="ai/pricing/",
    )


def _packs(decision: Decision, caller: Caller, now: datetime) -> Answer:
    listed = pricing(now=now)["credit_packs"]
    parts = [
        f"{pack['name']}: {pack['total_credits']} credits for GHS {pack['price_ghs']}"
        if pack["price_ghs"] is not None
        else f"{pack['name']}: GHS {pack['min_price_ghs']} to {pack['max_price_ghs']},"
        f" {pack['cost_per_credit']} a credit"
        for pack in listed
    ]
    return _answer(
        f"{'; '.join(parts)}. Pay with mobile money or a card; credits that you buy do not expire.",
        {"packs": [{"type": pack["type"], "price_ghs": pack["price_ghs"]} for pack in listed]},
        see="ai/purchase/",
    )


def _plan(decision: Decision, caller: Caller, now: datetime) -> Answer:
    zone = accounts.zone(business_id=caller.business_id)
    tier = tiers.standing(user_id=caller.user_id, business_id=caller.business_id, now=now).tier
    figures: Answer = {"storefront_plan": None, "monthly_addon": None, "api_tier": tier.slug}
    parts = []
    try:
        held = storefronts.current(business_id=caller.business_id, now=now)
    except NoStorefrontPlan:
        parts.append("You have no storefront plan.")
    else:
        plan = held["plan"]
        figures["storefront_plan"] = {"storefronts": plan.storefronts, "price_ghs": plan.price_ghs}
        ends = _ends(held["next_renewal"], plan.period_end, zone)
        counted = storefronts.counted(plan.storefronts)
        parts.append(f"Storefront plan: {counted} for GHS {plan.price_ghs} a month, {ends}.")
    parts.append(_addon(caller, now, zone, figures))
    parts.append(f"Your API tier is {tier.name}.")
    return _answer(" ".join(parts), figures, see="storefront-plan/")


def _addon(caller: Caller, now: datetime, zone: ZoneInfo, figures: Answer) -> str:
    try:
        found = addons.overview(business_id=caller.business_id, now=now)
    except NoAddon:
        return "You do not have the monthly add-on."
    figures["monthly_addon"] = {"status": found.status, "price_ghs": found.addon.price_ghs}
    if found.status != "ACTIVE":
        return f"The monthly add-on is {found.status.lower()}."
    ends = _ends(found.next_renewal, found.addon.period_end, zone)
    return f"Monthly add-on: GHS {found.addon.price_ghs} a month, {ends}."


def _quota(decision: Decision, caller: Caller, now: datetime) -> Answer:
    requests = quota.requests(user_id=caller.user_id, business_id=caller.business_id, now=now)
    today, month = requests["today"], requests["this_month"]
    text = (
        f"You have {today['left']} of {today['limit']} AI requests left today and {month['left']} of"
        f" {month['limit']} this month. Answers made here do not count."
    )
    figures = {"left_today": today["left"], "left_this_month": month["left"], "tier": requests["tier"]}
    return _answer(text, figures, see="quota/")


def _usage(decision: Decision, caller: Caller, now: datetime) -> Answer:
    days = min(max(decision.days or _USUAL_DAYS, 1), _MOST_DAYS)
    zone = accounts.zone(business_id=caller.business_id)
    used = usage.usage_stats(business_id=caller.business_id, days=days, now=now, timezone=str(zone))
    period = "Today" if days == 1 else f"In the last {days} days"
    free = used["cached"] + used["local"]
    text = (
        f"{period} the business used {used['total_credits_used']} credits in"
        f" {used['total_requests']} requests, of which {free} were answered free from here or from the cache."
    )
    by_feature = {row["feature"]: row["credits"] for row in used["feature_breakdown"] if row["credits"]}
    return _answer(text, {"days": days, "by_feature": by_feature}, see="ai/usage-stats/")


def _help(decision: Decision, caller: Caller, now: datetime) -> Answer:
    """With what the asker's role may use, and nothing else."""
    mine = [feature for feature in catalogue.features(now=now) if feature.slug in caller.features]
    names = ", ".join(f"{feature.name} ({feature.credits})" for feature in mine)
    text = "Ask about your balance, prices, plan, limits and usage: that is free and answered at once."
    if names:
        text += f" Your role may use these features, credits a use in brackets: {names}."
    if "customer_insight" in caller.features:
        text += " Questions for advice go to the AI at the price of a Customer Insight Query."
    return _answer(text, {feature.slug: feature.credits for feature in mine}, see="ai/pricing/")


def _greeting(decision: Decision, caller: Caller, now: datetime) -> Answer:
    return _answer("You are welcome. What would you like to know?", {}, see=None)


def _unclear(decision: Decision, caller: Caller, now: datetime) -> Answer:
    text = "That was too short to understand. Write your question in a few words, or send ask_ai: true."
    return _answer(text, {}, see=None)


def _needs_customers(decision: Decision, caller: Caller, now: datetime) -> Answer:
    text = "Send `customers` with this question: then it is answered here at once, free."
    return _answer(text, {}, see="/api/ai/customer-insight/")


def _account_help(decision: Decision, caller: Caller, now: datetime) -> Answer:
    text = (
        "This is about your Sika account, which the AI knows nothing of. Receipts and refunds are under"
        " Purchases; members and roles under Business; passwords and devices under your profile."
    )
    return _answer(text, {}, see="/api/docs/")


_ANSWERS: dict[str, Callable[[Decision, Caller, datetime], Answer]] = {
    "balance": _balance,
    "runway": _runway,
    "expiry": _expiry,
    "feature_price": _feature_price,
    "packs": _packs,
    "plan": _plan,
    "quota": _quota,
    "usage": _usage,
    "help": _help,
    "greeting": _greeting,
    "account_help": _account_help,
    UNCLEAR: _unclear,
    NEEDS_CUSTOMERS: _needs_customers,
}
INTENTS = tuple(_ANSWERS)


def _answer(text: str, figures: Answer, *, see: str | None) -> Answer:
    """`see` is the endpoint that says all of it, below `/api/subscriptions/` unless it is a whole path."""
    path = see if see is None or see.startswith("/") else f"{_BASE}{see}"
    return {"answer": text, "figures": figures, "see": path, "free_questions": list(FREE_QUESTIONS)}


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %B %Y}"


def _ends(renews_at: datetime | None, ends_at: datetime | None, zone: ZoneInfo) -> str:
    if renews_at is not None:
        return f"next renewal on {_day(renews_at, zone)}"
    return f"until {_day(ends_at, zone)}" if ends_at is not None else "not renewed"
