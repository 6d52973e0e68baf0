"""The margin floor: a call is only made by a model that leaves enough of what its credits bring in.

Margin = 1 - cost ÷ revenue. Cost is the most that one attempt can cost: prompt and schema uncached, the
output up to its cap. Revenue is what the credits that it would burn were paid with. A repair comes out of the
rest (`asking.affordable`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings

from ai_features import costs
from ai_features.errors import MarginFloor, NoModel
from ai_features.features import schema
from ai_features.features.base import Feature
from ai_features.providers.base import Message
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import PriceUnknown
from subscriptions.selectors import catalogue

log = structlog.get_logger("sika.ai")


@dataclass(frozen=True)
class Offer:
    """The models that may be asked, first choice first, and the most that one attempt should cost.

    `revenue_ghs` is None when the credits are not there: then the hold refuses.
    """

    models: Sequence[Any]
    output_tokens_per_item: int
    usd_to_ghs: Decimal
    predicted_cost_usd: Decimal
    revenue_ghs: Decimal | None


def choose(
    *,
    business_id: Any,
    feature: Feature,
    price: Any,
    prompt: list[Message],
    count: int,
    now: datetime,
) -> Offer:
    """The models of the feature's class that leave the floor, in order of choice. One query.

    `price` is the catalogue's row of the feature, `count` the number of items. Raises PriceUnknown,
    FxRateUnknown, NoModel, and MarginFloor when every model would cost too much.
    """
    route = catalogue.model_route(slug=price.model_class, now=now)
    usd_to_ghs = catalogue.usd_to_ghs(now=now)
    cap = output_cap(price, route)
    wanted = schema.for_items(feature.output_serializer, count)
    predicted = [
        (
            model,
            costs.predict_usd(price=model, messages=prompt, schema=wanted, max_output_tokens=cap * count),
        )
        for model in in_service(route, now)
    ]
    revenue = AIBillingService.expected_revenue(
        business_id=business_id, credits=price.credits * count, now=now
    )
    passing = predicted
    if revenue is not None:
        passing = [
            (model, cost)
            for model, cost in predicted
            if leaves_floor(cost_ghs=cost * usd_to_ghs, revenue_ghs=revenue)
        ]
        if not passing:
            lowest = min(cost for _, cost in predicted)
            raise MarginFloor(lowest_cost_ghs=lowest * usd_to_ghs, revenue_ghs=revenue)
    return Offer(
        models=[model for model, _ in passing],
        output_tokens_per_item=cap,
        usd_to_ghs=usd_to_ghs,
        predicted_cost_usd=max(cost for _, cost in passing),
        revenue_ghs=revenue,
    )


def leaves_floor(*, cost_ghs: Decimal, revenue_ghs: Decimal) -> bool:
    """Exactly at the floor is enough. What brings in nothing never is."""
    return cost_ghs <= revenue_ghs * (1 - settings.MARGIN_FLOOR)


def output_cap(price: Any, route: Any) -> int:
    """Tokens that the answer to one item may have: the feature's cap, never above its class's."""
    return min(price.max_output_tokens or route.max_output_tokens, route.max_output_tokens)


def in_service(route: Any, now: datetime) -> list[Any]:
    """The models of a class with a known price that have not been shut down. Raises PriceUnknown, NoModel.

    On the day it is shut down a model is still tried: providers do not say at which hour.
    """
    priced = []
    for slug in route.models_in_order:
        try:
            model = catalogue.ai_model(slug=slug, now=now)
            costs.require_positive(model)
            priced.append(model)
        except PriceUnknown:
            log.error("model without a usable price", model=slug)
    if not priced:
        raise PriceUnknown(model_class=route.slug)
    alive = [model for model in priced if not has_ended(model, now)]
    if not alive:
        raise NoModel(model_class=route.slug)
    return alive


def has_ended(model: Any, now: datetime) -> bool:
    return model.shutdown_on is not None and now.date() > model.shutdown_on
