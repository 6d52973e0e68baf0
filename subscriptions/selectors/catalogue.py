"""What is on sale and at what price, at a moment. No query while this process's copy is fresh."""

from datetime import datetime
from decimal import Decimal

from config.core import money
from subscriptions.errors import FxRateUnknown, NotOnSale, PriceUnknown, UnknownFeature, UnknownPack
from subscriptions.models import (
    AddonPlan,
    AIModel,
    CreditPack,
    Feature,
    FreeCredits,
    FxRate,
    ModelRoute,
    TaxRate,
)


def features(*, now: datetime) -> list[Feature]:
    return Feature.in_force(now)


def feature(*, slug: str, now: datetime) -> Feature:
    """Raises UnknownFeature."""
    found = Feature.find(slug, now)
    if found is None:
        raise UnknownFeature(feature=slug)
    return found


def packs(*, now: datetime) -> list[CreditPack]:
    return CreditPack.in_force(now)


def pack(*, type: str, now: datetime) -> CreditPack:
    """Raises UnknownPack, which names the packs there are."""
    found = CreditPack.find(type, now)
    if found is None:
        raise UnknownPack(packs=[pack.type for pack in packs(now=now)])
    return found


def list_price_ghs(*, now: datetime) -> Decimal:
    """Cedis for one credit without discount: in the custom pack, else in the dearest; 0 without packs."""
    on_sale = packs(now=now)
    custom = next((pack for pack in on_sale if pack.price_ghs is None), None)
    if custom is not None:
        return 1 / custom.credits
    prices = [pack.price_ghs / (pack.credits + pack.bonus_credits) for pack in on_sale if pack.price_ghs]
    return max(prices, default=money.ZERO)


def addon_plan(*, now: datetime) -> AddonPlan:
    """The monthly add-on on sale. Raises NotOnSale."""
    plans = AddonPlan.in_force(now)
    if not plans:
        raise NotOnSale
    return plans[0]


def free_credits(*, slug: str, now: datetime) -> FreeCredits:
    """`trial` or `monthly`. Raises NotOnSale."""
    found = FreeCredits.find(slug, now)
    if found is None:
        raise NotOnSale
    return found


def model_route(*, slug: str, now: datetime) -> ModelRoute:
    """The models of a class, first choice first. Raises PriceUnknown."""
    found = ModelRoute.find(slug, now)
    if found is None:
        raise PriceUnknown(model_class=slug)
    return found


def model_routes(*, now: datetime) -> list[ModelRoute]:
    return ModelRoute.in_force(now)


def ai_model(*, slug: str, now: datetime) -> AIModel:
    """A model with its prices. Raises PriceUnknown: what can't be priced is never called."""
    found = AIModel.find(slug, now)
    if found is None:
        raise PriceUnknown(model=slug)
    return found


def tax_rates(*, now: datetime) -> list[TaxRate]:
    """The taxes contained in every price, in the catalogue's order. None is an answer, too."""
    return TaxRate.in_force(now)


def usd_to_ghs(*, now: datetime) -> Decimal:
    """Cedis for one US dollar. Raises FxRateUnknown."""
    found = FxRate.find("USD", now)
    if found is None:
        raise FxRateUnknown
    return found.ghs
