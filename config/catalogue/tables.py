"""Which section of a catalogue file fills which table, and what the sections demand of one another."""

from collections.abc import Iterator, Mapping

from accounts.models import Role
from config.core.dated import Table, Values
from subscriptions import models

CAPABILITIES = {"manage", "buy", "subscribe", "refund", "statements"}
# Without these the product can't price a call or keep a promise.
NEEDED = (
    ("addon_plans", "monthly"),
    ("free_credits", "trial"),
    ("free_credits", "monthly"),
    ("fx_rates", "USD"),
)


def _model_from_key(key: str) -> Values:
    provider, _, name = key.partition("/")
    if not provider or not name:
        raise ValueError("must be provider/model, e.g. openai/gpt-6-luna")
    return {"provider": provider, "name": name}


def _pack_problems(values: Values) -> Iterator[str]:
    price, low, high = values["price_ghs"], values["min_price_ghs"], values["max_price_ghs"]
    if price is None:
        if low is None or high is None:
            yield "needs price_ghs, or min_price_ghs and max_price_ghs"
        elif low > high:
            yield "min_price_ghs must not be above max_price_ghs"
    elif low is not None or high is not None:
        yield "has price_ghs and a price range; only one of them can hold"


def _free_credits_problems(values: Values) -> Iterator[str]:
    if values["subsidy_share"] > 1:
        yield "subsidy_share is a share, so at most 1"


def _model_problems(values: Values) -> Iterator[str]:
    if values["cached_input_usd"] > values["input_usd"]:
        yield "cached_input_usd must not be above input_usd"


def _role_problems(values: Values) -> Iterator[str]:
    unknown = sorted(set(values["capabilities"]) - CAPABILITIES)
    if unknown:
        yield f"unknown capabilities: {', '.join(unknown)}"


def _tax_problems(values: Values) -> Iterator[str]:
    if values["rate"] >= 1:
        yield "rate is a share, e.g. 0.15 for 15%"


TABLES = [
    Table("packs", models.CreditPack, frozenset({"bonus_credits"}), problems=_pack_problems),
    Table("addon_plans", models.AddonPlan, frozenset({"rollover_cap"})),
    Table("free_credits", models.FreeCredits, frozenset({"subsidy_share"}), problems=_free_credits_problems),
    Table("features", models.Feature),
    Table("model_routes", models.ModelRoute),
    Table(
        "ai_models",
        models.AIModel,
        frozenset({"cached_input_usd"}),
        from_key=_model_from_key,
        problems=_model_problems,
    ),
    Table("storefront_tariffs", models.StorefrontTariff, frozenset({"storefronts"})),
    Table("api_tiers", models.ApiTier, frozenset({"price_usd"})),
    Table("chat_licences", models.ChatLicencePlan, frozenset({"price_usd"})),
    Table("roles", Role, frozenset({"daily_ai_cost_usd"}), problems=_role_problems),
    Table("fx_rates", models.FxRate),
    Table("tax_rates", models.TaxRate, problems=_tax_problems),
]


def problems_between(sections: Mapping[str, Mapping[str, Values]]) -> Iterator[str]:
    """What no single row can know: a route for every feature, a price for every model, one owner's role."""
    for section, key in NEEDED:
        if key not in sections[section]:
            yield f"[{section}] needs an entry '{key}'"
    yield from _models_without_price(sections)
    for slug, role in sections["roles"].items():
        for feature in role["features"]:
            if feature not in sections["features"]:
                yield f"[roles.{slug}] unknown feature '{feature}'"
    owners = [slug for slug, role in sections["roles"].items() if role["is_owner"]]
    if len(owners) != 1:
        named = f": {', '.join(owners)}" if owners else ""
        yield f"[roles] exactly one role must be is_owner; there are {len(owners)}{named}"
    counts = sorted(tariff["storefronts"] for tariff in sections["storefront_tariffs"].values())
    if counts != list(range(len(counts))):
        yield "[storefront_tariffs] needs one entry for each count from 1 up, and one for 0: each further one"


def _models_without_price(sections: Mapping[str, Mapping[str, Values]]) -> Iterator[str]:
    routes, priced = sections["model_routes"], sections["ai_models"]
    for slug, feature in sections["features"].items():
        if feature["model_class"] not in routes:
            yield f"[features.{slug}] model_class '{feature['model_class']}' has no [model_routes] entry"
    for slug, route in routes.items():
        for model in route["models_in_order"]:
            if model not in priced:
                yield f"[model_routes.{slug}] '{model}' has no price under [ai_models]"
