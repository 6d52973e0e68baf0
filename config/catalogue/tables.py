"""Which section of a catalogue file fills which table, and what the sections demand of one another."""

from collections.abc import Iterator

from accounts.models import Role
from config.core.dated import Row, Table, Values
from subscriptions import models

CAPABILITIES = {"manage", "buy", "subscribe", "refund", "statements"}


def _model_from_key(key: str) -> Values:
    provider, _, name = key.partition("/")
    return {"provider": provider, "name": name}


def _pack_problems(values: Values) -> Iterator[str]:
    price, low, high = values["price_ghs"], values["min_price_ghs"], values["max_price_ghs"]
    if (price is None) == (low is None or high is None):
        yield "needs either price_ghs, or min_price_ghs and max_price_ghs"
    elif price is None and low > high:
        yield "min_price_ghs must not be above max_price_ghs"


def _feature_problems(values: Values) -> Iterator[str]:
    if values["category"] not in ("basic", "premium"):
        yield "category must be basic or premium"


def _role_problems(values: Values) -> Iterator[str]:
    unknown = sorted(set(values["capabilities"]) - CAPABILITIES)
    if unknown:
        yield f"unknown capabilities: {', '.join(unknown)}"


TABLES = [
    Table("packs", models.CreditPack, frozenset({"bonus_credits"}), problems=_pack_problems),
    Table("addon_plans", models.AddonPlan, frozenset({"rollover_cap"})),
    Table("free_credits", models.FreeCredits, frozenset({"subsidy_share"})),
    Table("features", models.Feature, problems=_feature_problems),
    Table("model_routes", models.ModelRoute),
    Table("ai_models", models.AIModel, frozenset({"cached_input_usd"}), from_key=_model_from_key),
    Table("storefront_tariffs", models.StorefrontTariff, frozenset({"storefronts"})),
    Table("api_tiers", models.ApiTier, frozenset({"price_usd"})),
    Table("chat_licences", models.ChatLicencePlan, frozenset({"price_usd"})),
    Table("roles", Role, frozenset({"daily_ai_cost_usd"}), problems=_role_problems),
    Table("fx_rates", models.FxRate),
    Table("tax_rates", models.TaxRate),
]


def problems_between(sections: dict[str, dict[str, Row]]) -> Iterator[str]:
    """What no single row can know: a route for every feature, a price for every model, one owner's role."""
    routes, priced = sections["model_routes"], sections["ai_models"]
    for slug, row in sections["features"].items():
        if row.values["model_class"] not in routes:
            yield f"[features.{slug}] model_class '{row.values['model_class']}' has no [model_routes] entry"
    for slug, row in routes.items():
        for model in row.values["models_in_order"]:
            if model not in priced:
                yield f"[model_routes.{slug}] '{model}' has no price under [ai_models]"
        if not row.values["models_in_order"]:
            yield f"[model_routes.{slug}] names no model"
    for slug, row in sections["roles"].items():
        for feature in row.values["features"]:
            if feature not in sections["features"]:
                yield f"[roles.{slug}] unknown feature '{feature}'"
    owners = [slug for slug, row in sections["roles"].items() if row.values["is_owner"]]
    if len(owners) != 1:
        yield f"[roles] exactly one role must be is_owner; there are {len(owners)}"
