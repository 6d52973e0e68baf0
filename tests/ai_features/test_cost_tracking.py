"""What we book is what the provider bills: the tokens it reports × its prices on the day, over many calls."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import Sum

from ai_features import costs
from ai_features.providers.base import Completion
from config.core.models import forget_dated
from subscriptions.ai_billing import AIBillingService
from subscriptions.models import AIModel, AITransaction
from subscriptions.selectors import catalogue
from subscriptions.services import ledger
from tests.factories import make_business

pytestmark = pytest.mark.django_db

D = Decimal
TENTH_OF_A_PERCENT = Fraction(1, 1000)
MODELS = ("openai/gpt-6-luna", "openai/gpt-6.1-terra")
START = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = 60


def prices_that_change(rnd: random.Random) -> None:
    """Every model gets a new price about once a week, at any hour: up or down, with up to six decimals."""
    for slug in MODELS:
        first = AIModel.find(slug, START)
        assert first is not None
        AIModel.objects.bulk_create(
            AIModel(
                slug=slug,
                provider=first.provider,
                name=first.name,
                reasoning_effort=first.reasoning_effort,
                effective_from=START + timedelta(days=rnd.uniform(0, DAYS)),
                **{
                    name: D(round(float(getattr(first, name)) * rnd.uniform(0.3, 3), 6)).quantize(D("1E-6"))
                    for name in ("input_usd", "cached_input_usd", "output_usd")
                },
            )
            for _ in range(DAYS // 7)
        )
    forget_dated()


def one_call(rnd: random.Random) -> tuple[str, datetime, Completion]:
    """From a single token to a long report; part of the prompt cached, part of the answer reasoning."""
    inputs, outputs = rnd.randint(1, 6000), rnd.randint(1, 2000)
    answer = Completion("", inputs, rnd.randint(0, inputs), outputs, rnd.randint(0, outputs), "stop", "")
    return rnd.choice(MODELS), START + timedelta(days=rnd.uniform(0, DAYS)), answer


def bill(price: AIModel, answer: Completion) -> int:
    """As the provider adds up, without any rounding. In millionths of a millionth of a dollar."""
    cached = answer.cached_tokens
    per_token = [int(usd * 10**6) for usd in (price.input_usd, price.cached_input_usd, price.output_usd)]
    tokens = (answer.input_tokens - cached, cached, answer.output_tokens)
    return sum(count * usd for count, usd in zip(tokens, per_token, strict=True))


def in_force(slug: str, moment: datetime, rows: list[AIModel]) -> AIModel:
    """The newest row that has started: looked up anew, not by the code under test."""
    return max(
        (row for row in rows if row.slug == slug and row.effective_from <= moment),
        key=lambda row: row.effective_from,
    )


def test_a_hundred_thousand_calls_at_prices_that_change() -> None:
    rnd = random.Random(7)
    prices_that_change(rnd)
    rows = list(AIModel.objects.filter(slug__in=MODELS))
    booked, billed, versions = D(0), 0, set()
    for _ in range(100_000):
        slug, moment, answer = one_call(rnd)
        price = catalogue.ai_model(slug=slug, now=moment)
        usage = costs.of_completion(completion=answer, price=price, usd_to_ghs=D(16))
        booked += usage.cost_usd
        truth = in_force(slug, moment, rows)
        billed += bill(truth, answer)
        assert usage.price_effective_from == truth.effective_from
        versions.add((slug, truth.effective_from))

    exact = Fraction(billed, 10**12)
    assert len(versions) == len(rows)  # every price there was has been used
    assert abs(Fraction(booked) - exact) <= exact * TENTH_OF_A_PERCENT
    # Each call is rounded to 8 places, so they can't be further apart than this:
    assert abs(Fraction(booked) - exact) <= 100_000 * Fraction(5, 10**9)


def test_the_books_add_up_to_the_bill() -> None:
    """The same through the ledger: captured, failed with costs, and captured late."""
    rnd = random.Random(8)
    prices_that_change(rnd)
    rows = list(AIModel.objects.filter(slug__in=MODELS))
    membership, billed, by_model = make_business(), 0, dict.fromkeys(MODELS, 0)
    ledger.grant(
        business_id=membership.business_id,
        credits=D(100),
        source="purchase",
        key="test:paid",
        unit_value_ghs=D("0.80"),
        now=START,
    )
    for number in range(120):
        slug, moment, answer = one_call(rnd)
        usage = costs.of_completion(
            completion=answer, price=catalogue.ai_model(slug=slug, now=moment), usd_to_ghs=D(16)
        )
        hold = AIBillingService.hold(
            business_id=membership.business_id,
            membership_id=membership.pk,
            user_id=membership.user_id,
            feature="product_description",
            credits=D("0.10"),
            request_id=uuid.uuid4(),
            idempotency_key=None,
            predicted_cost_usd=usage.cost_usd,
            daily_limit_usd=D(1000),
            now=moment,
        )
        if number % 3 == 0:
            AIBillingService.release(hold_id=hold.id, error_code="answer_unusable", usage=usage, now=moment)
        else:
            if number % 3 == 1:
                ledger.release(hold_id=hold.id, error_code="abandoned", now=moment, expired=True)
            AIBillingService.capture(hold_id=hold.id, usage=usage, response_time_ms=1, now=moment)
        exact = bill(in_force(slug, moment, rows), answer)
        billed, by_model[slug] = billed + exact, by_model[slug] + exact

    used = AITransaction.objects.filter(business_id=membership.business_id)
    booked = used.aggregate(usd=Sum("cost_usd"), ghs=Sum("cost_ghs"))
    assert used.count() == 120
    assert near(booked["usd"], billed)
    assert near(booked["ghs"] / 16, billed)
    for slug in MODELS:
        assert near(used.filter(model=slug).aggregate(usd=Sum("cost_usd"))["usd"], by_model[slug])
    assert used.filter(late=True).count() == 40


def near(booked_usd: Decimal, billed: int) -> bool:
    exact = Fraction(billed, 10**12)
    return abs(Fraction(booked_usd) - exact) <= exact * TENTH_OF_A_PERCENT
