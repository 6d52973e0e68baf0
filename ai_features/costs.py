"""What a call costs at the provider: tokens by class at dated prices, in USD (eight places) and GHS.

Prices are USD per million tokens. Cached input is a part of the input, reasoning a part of the output (and
priced as output), as OpenAI reports them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from ai_features.providers.base import Completion, Message, estimate_tokens
from config.core import json, money
from subscriptions.errors import PriceUnknown
from subscriptions.types import ProviderUsage

PER = Decimal(1_000_000)
_MESSAGE_OVERHEAD_TOKENS = 8


class Price(Protocol):
    """The catalogue's row of a model in force at the time of the call."""

    slug: str
    name: str
    provider: str
    input_usd: Decimal
    cached_input_usd: Decimal
    output_usd: Decimal
    reasoning_effort: str
    effective_from: datetime


def predict_usd(
    *,
    price: Price,
    messages: Iterable[Message],
    max_output_tokens: int,
    schema: Mapping[str, Any] | None = None,
) -> Decimal:
    """The most that one call should cost: all input uncached, the output up to its cap.

    The schema of the answer is sent, and billed, with the prompt. Raises PriceUnknown.
    """
    prompt_tokens = sum(estimate_tokens(m["content"]) + _MESSAGE_OVERHEAD_TOKENS for m in messages)
    if schema is not None:
        prompt_tokens += estimate_tokens(json.dumps(schema))
    return cost_usd(price=price, input_tokens=prompt_tokens, output_tokens=max_output_tokens)


def cost_usd(*, price: Price, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Decimal:
    """Tokens × prices, eight places. `cached_tokens` is a part of `input_tokens`. Raises PriceUnknown."""
    require_positive(price)
    return money.usd(
        (
            (input_tokens - cached_tokens) * price.input_usd
            + cached_tokens * price.cached_input_usd
            + output_tokens * price.output_usd
        )
        / PER
    )


def of_completion(*, completion: Completion, price: Price, usd_to_ghs: Decimal) -> ProviderUsage:
    """What one answer cost. Raises PriceUnknown."""
    spent_usd = cost_usd(
        price=price,
        input_tokens=completion.input_tokens,
        cached_tokens=completion.cached_tokens,
        output_tokens=completion.output_tokens,
    )
    return ProviderUsage(
        model=price.slug,
        input_tokens=completion.input_tokens,
        cached_tokens=completion.cached_tokens,
        output_tokens=completion.output_tokens,
        reasoning_tokens=completion.reasoning_tokens,
        cost_usd=spent_usd,
        cost_ghs=money.usd(spent_usd * usd_to_ghs),
        fx_rate=usd_to_ghs,
        price_effective_from=price.effective_from,
    )


def add(first: ProviderUsage | None, second: ProviderUsage) -> ProviderUsage:
    """Both attempts together, under the model of the second."""
    if first is None:
        return second
    return ProviderUsage(
        model=second.model,
        input_tokens=first.input_tokens + second.input_tokens,
        cached_tokens=first.cached_tokens + second.cached_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        reasoning_tokens=first.reasoning_tokens + second.reasoning_tokens,
        cost_usd=first.cost_usd + second.cost_usd,
        cost_ghs=first.cost_ghs + second.cost_ghs,
        fx_rate=second.fx_rate,
        price_effective_from=second.price_effective_from,
        attempts=first.attempts + second.attempts,
    )


def to_json(usage: ProviderUsage) -> dict[str, Any]:
    """As stored with a request, exactly."""
    moment = usage.price_effective_from
    return {**asdict(usage), "price_effective_from": moment.isoformat() if moment else None}


def from_json(data: dict[str, Any]) -> ProviderUsage:
    moment = data["price_effective_from"]
    amounts = {name: Decimal(data[name]) for name in ("cost_usd", "cost_ghs", "fx_rate")}
    return ProviderUsage(
        **{**data, **amounts, "price_effective_from": datetime.fromisoformat(moment) if moment else None}
    )


def require_positive(price: Price) -> None:
    """Raises PriceUnknown: what can't be priced is refused, never booked as zero."""
    if not (price.input_usd > 0 and price.cached_input_usd >= 0 and price.output_usd > 0):
        raise PriceUnknown
