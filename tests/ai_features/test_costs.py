from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ai_features import costs
from ai_features.providers.base import Completion
from subscriptions.errors import PriceUnknown

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Price:
    slug: str = "openai/gpt-6-luna"
    name: str = "gpt-6-luna"
    provider: str = "openai"
    input_usd: Decimal = Decimal("0.10")
    cached_input_usd: Decimal = Decimal("0.01")
    output_usd: Decimal = Decimal("0.50")
    reasoning_effort: str = "none"
    effective_from: datetime = SINCE


def completion(input_tokens=1000, cached=400, output=300, reasoning=50):
    return Completion("{}", input_tokens, cached, output, reasoning, "stop", "id")


def test_token_classes_times_prices():
    usage = costs.of_completion(completion=completion(), price=Price(), usd_to_ghs=Decimal("16.00"))

    # 600 x 0.10 + 400 x 0.01 + 300 x 0.50 = 214 millionths of a dollar
    assert usage.cost_usd == Decimal("0.00021400")
    assert usage.cost_ghs == Decimal("0.00342400")
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens) == (
        1000,
        400,
        300,
        50,
    )
    assert (usage.model, usage.fx_rate, usage.price_effective_from, usage.attempts) == (
        "openai/gpt-6-luna",
        Decimal("16.00"),
        SINCE,
        1,
    )


def test_two_attempts_cost_both():
    one = costs.of_completion(completion=completion(), price=Price(), usd_to_ghs=Decimal(16))

    both = costs.add(costs.add(None, one), one)

    assert (both.cost_usd, both.cost_ghs) == (Decimal("0.00042800"), Decimal("0.00684800"))
    assert (both.attempts, both.output_tokens) == (2, 600)


def test_stored_and_read_back_exactly():
    usage = costs.of_completion(completion=completion(), price=Price(), usd_to_ghs=Decimal("16.123456"))

    assert costs.from_json(costs.to_json(usage)) == usage


def test_the_prediction_is_the_most_a_call_should_cost():
    messages = [{"role": "user", "content": "x" * 300}]

    predicted = costs.predict_usd(price=Price(), messages=messages, max_output_tokens=800)

    # 300 characters are at most 101 tokens, 8 more for the message around them; then 800 of output
    assert predicted == Decimal("0.00041090")


@pytest.mark.parametrize("wrong", [{"input_usd": Decimal(0)}, {"output_usd": Decimal("-1")}])
def test_a_price_that_is_not_positive_is_refused(wrong):
    with pytest.raises(PriceUnknown):
        costs.predict_usd(price=Price(**wrong), messages=[], max_output_tokens=1)
    with pytest.raises(PriceUnknown):
        costs.of_completion(completion=completion(), price=Price(**wrong), usd_to_ghs=Decimal(16))
