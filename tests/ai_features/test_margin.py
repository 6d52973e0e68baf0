"""No call below the margin floor: the next model, then a refusal that is free and told once a day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Role
from ai_features.features.product_description import FEATURE
from ai_features.models import AIRequest
from ai_features.services import asking, gateway, margin
from ai_features.services.caller import from_membership
from config.core.errors import DomainError
from config.core.models import forget_dated
from subscriptions.models import (
    AIModel,
    AITransaction,
    Alert,
    CreditHold,
    Feature,
    FreeCredits,
    FxRate,
    ModelRoute,
)
from subscriptions.services import ledger
from subscriptions.services.ledger.hot_path import NO_USAGE
from tests.ai_features.conftest import PRODUCT, Shop
from tests.ai_features.test_costs import Price
from tests.concurrency.together import together

D = Decimal
LUNA, NANO = "openai/gpt-6-luna", "openai/gpt-5.4-nano"

pytestmark = pytest.mark.django_db


def reprice(slug: str, **values) -> None:
    AIModel.objects.filter(slug=slug).update(**values)
    forget_dated()


def asked(sandbox) -> list[str]:
    return [call["model"] for call in sandbox.calls()]


def test_below_the_floor_the_next_model_is_taken_then_nobody(shop, sandbox):
    """0.10 trial credits bring in 0.10 × 1.00 × 0.80 = 0.08; at most 60% of it, 0.048, may be spent.

    luna, 2,000 × 0.50 ÷ 1 M × 16 = 0.016 and the prompt: fits. At 2 USD: 0.064, too dear. nano, at 1.25:
    0.040 and the prompt: fits. At 1.60: 0.0512, too dear.
    """
    assert shop.describe().json()["model"] == LUNA

    reprice(LUNA, output_usd="2")
    assert shop.describe({"name": "Black soap"}).json()["model"] == NANO
    assert asked(sandbox) == ["gpt-6-luna", "gpt-5.4-nano"]

    reprice(NANO, output_usd="1.60")
    response = shop.describe({"name": "Kente cloth"}, key="order-0001")

    body = response.json()
    assert (response.status_code, body["code"]) == (503, "margin_floor")
    assert "Nothing was charged" in body["detail"]
    assert body["local_answer"]["result"]["title"] == "Kente cloth"
    assert not {"lowest_cost_ghs", "revenue_ghs"} & set(body)
    assert len(sandbox.calls()) == 2
    assert shop.account == (D("4.80"), D("0.00"))
    assert shop.transactions()[2:] == [("failed", "ai", "margin_floor", D("0.00"))]
    refused = AIRequest.objects.get(pk=body["request_id"])
    assert (refused.status, refused.error_code, refused.sent) == ("failed", "margin_floor", None)
    assert CreditHold.objects.count() == 2


def test_the_operators_are_told_once_a_day_and_feature(shop):
    AIModel.objects.update(output_usd="100")
    forget_dated()

    for name in ("Soap", "Oil"):
        assert shop.describe({"name": name}).json()["code"] == "margin_floor"

    alert = Alert.objects.get()
    assert (alert.business_id, alert.kind, alert.severity) == (None, "margin_floor", "critical")
    assert alert.key == f"margin_floor:product_description:{timezone.now().date()}"
    assert alert.title == "Product Description Generator is refused: margin below the floor"
    assert "for a call that brings in GHS 0.0800; 40% must be left" in alert.text
    assert alert.deliveries.count() == 2
    assert AITransaction.objects.filter(error_code="margin_floor").count() == 2


def test_a_fallback_that_is_too_dear_is_not_asked_either(shop, sandbox):
    reprice(NANO, output_usd="1.60")
    sandbox.fail("500")

    response = shop.describe()

    assert (response.status_code, response.json()["code"]) == (503, "provider_unavailable")
    assert asked(sandbox) == ["gpt-6-luna"]
    assert shop.account == (D("5.00"), D("0.00"))


def test_a_price_that_is_not_positive_is_never_booked_as_zero(shop, sandbox):
    """The table refuses one; one that got there all the same leaves the model out."""
    route = ModelRoute.find("small", timezone.now())
    forget_dated(AIModel)
    row = AIModel.find(LUNA, timezone.now())
    assert row is not None
    row.output_usd = D(0)  # in this process's copy of the catalogue alone

    assert [model.slug for model in margin.in_service(route, timezone.now())] == [NANO]
    assert shop.describe().json()["model"] == NANO


def test_without_any_price_the_operators_are_told(shop):
    AIModel.objects.update(is_active=False)
    forget_dated()

    body = shop.describe().json()

    assert (body["code"], body["local_answer"]["source"]) == ("price_unknown", "local")
    alert = Alert.objects.get()
    assert alert.key == f"price_unknown:product_description:{timezone.now().date()}"


def test_without_an_exchange_rate_nothing_is_asked(shop, sandbox):
    FxRate.objects.update(is_active=False)
    forget_dated()

    assert shop.describe().json()["code"] == "fx_rate_unknown"
    assert sandbox.calls() == []
    assert Alert.objects.get().kind == "fx_stale"
    assert shop.account == (D("5.00"), D("0.00"))


def test_a_model_past_its_last_day_is_skipped(shop, sandbox):
    today = timezone.now().date()
    reprice(LUNA, shutdown_on=today)
    assert shop.describe().json()["model"] == LUNA  # on its last day it may still answer

    reprice(LUNA, shutdown_on=today - timedelta(days=1))
    assert shop.describe({"name": "Soap"}).json()["model"] == NANO

    reprice(NANO, shutdown_on=date(2026, 1, 1))
    response = shop.describe({"name": "Oil"})
    assert (response.status_code, response.json()["code"]) == (503, "no_model")
    assert Alert.objects.get().kind == "model_shutdown"
    assert shop.account == (D("4.80"), D("0.00"))


def test_too_few_credits_stay_a_matter_of_credits(sandbox):
    AIModel.objects.update(output_usd="100")
    forget_dated()
    shop = Shop(credits="0.05")

    assert shop.describe().json()["code"] == "insufficient_credits"
    assert not Alert.objects.exists()


def test_free_credits_that_count_for_nothing_are_refused(shop):
    FreeCredits.objects.update(subsidy_share=0)
    forget_dated()

    assert shop.describe().json()["code"] == "margin_floor"


def test_the_floor_is_a_setting_and_exactly_at_it_is_enough(settings):
    leaves = partial(margin.leaves_floor, revenue_ghs=D("0.50"))
    assert leaves(cost_ghs=D("0.30"))  # 1 - 0.30 ÷ 0.50 = 40%
    assert not leaves(cost_ghs=D("0.30000001"))
    settings.MARGIN_FLOOR = D("0.75")
    assert leaves(cost_ghs=D("0.125"))
    assert not leaves(cost_ghs=D("0.126"))
    assert not margin.leaves_floor(cost_ghs=D("0.00000001"), revenue_ghs=D(0))


def test_the_cap_of_a_feature_is_sent_and_reckoned(shop, sandbox):
    Feature.objects.filter(slug="product_description").update(max_output_tokens=700)
    forget_dated()

    shop.describe({"items": [PRODUCT, {"name": "Soap"}]})
    assert sandbox.calls()[0]["max_tokens"] == 1400
    predicted = CreditHold.objects.get().predicted_cost_usd
    assert D("0.00175") < predicted < D("0.0023")  # nano, the dearer: 1,400 × 1.25 ÷ 1 M

    Feature.objects.filter(slug="product_description").update(max_output_tokens=9000)
    forget_dated()
    shop.describe({"name": "Oil"})
    assert sandbox.calls()[1]["max_tokens"] == 2000  # never above that of the class


def order(revenue_ghs: str | None) -> asking.Order:
    return asking.Order(
        feature=FEATURE,
        facts=[],
        models=[],
        output_tokens_per_item=2000,
        usd_to_ghs=D(16),
        revenue_ghs=None if revenue_ghs is None else D(revenue_ghs),
        user_hash="",
        guidance="",
    )


def test_a_repair_is_asked_for_only_while_the_call_still_pays():
    """Spent 0.0176; a repair may cost (2,000 × 0.50 + prompt × 0.10) ÷ 1 M × 16, a little over 0.016."""
    spent = replace(NO_USAGE, cost_usd=D("0.0011"), cost_ghs=D("0.0176"), attempts=1)
    first, second = asking.Draft(results=[None]), asking.Draft(results=[None], usage=spent)
    ask = partial(asking.affordable, price=Price(), messages=[{"role": "user", "content": "x" * 300}])

    assert ask(order("0.01"), draft=first)  # weighed before the hold
    assert ask(order("0.05"), draft=second)
    assert ask(order(None), draft=second)
    assert not ask(order("0.0336"), draft=second)


def test_no_repair_that_would_make_the_call_a_loss(shop, sandbox, settings):
    """A floor of 0 lets a call through that leaves nothing for a repair."""
    settings.MARGIN_FLOOR = D(0)
    reprice(LUNA, output_usd="2.40")  # 2,000 tokens: 0.0768 of 0.08
    reprice(NANO, output_usd="9")
    sandbox.fail("invented")

    response = shop.describe()

    assert (response.status_code, response.json()["code"]) == (502, "answer_unusable")
    assert len(sandbox.calls()) == 1
    used = AITransaction.objects.get()
    assert (used.attempts, used.credits_charged) == (1, D("0.00"))
    assert 0 < used.cost_ghs < D("0.08")
    assert shop.account == (D("5.00"), D("0.00"))


def test_a_price_that_changes_at_noon_counts_from_noon(sandbox):
    """11:59:59 and 12:00 of one day: each call at the price, and the rate, in force when it was made."""
    shop = Shop(credits="0")
    noon = (timezone.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    ledger.grant(
        business_id=shop.business_id,
        credits=D(30),
        source="purchase",
        key="test:paid",
        unit_value_ghs=D(1),
        now=noon - timedelta(days=1),
    )
    old = AIModel.objects.get(slug=LUNA)
    AIModel.objects.create(
        slug=LUNA,
        provider="openai",
        name="gpt-6-luna",
        input_usd="0.30",
        cached_input_usd="0.03",
        output_usd="0.75",
        reasoning_effort="none",
        effective_from=noon,
    )
    FxRate.objects.create(currency="USD", ghs="20", effective_from=noon)
    caller = caller_of(shop)

    for moment, name in ((noon - timedelta(seconds=1), "Soap"), (noon, "Soap again")):
        gateway.run(feature=FEATURE, data={"name": name}, caller=caller, now=moment)

    before, after = AITransaction.objects.order_by("pk")
    for used, inputs, outputs, rate, since in (
        (before, D("0.10"), D("0.50"), 16, old.effective_from),
        (after, D("0.30"), D("0.75"), 20, noon),
    ):
        assert used.price_effective_from == since
        assert used.cost_usd == (used.input_tokens * inputs + used.output_tokens * outputs) / 1_000_000
        assert (used.fx_rate, used.cost_ghs) == (rate, used.cost_usd * rate)


def caller_of(shop):
    return from_membership(shop.membership, Role.find("owner", timezone.now()))


@pytest.mark.django_db(transaction=True)
def test_refusals_at_the_same_moment_are_all_logged_and_told_once(sandbox):
    AIModel.objects.update(output_usd="100")
    forget_dated()
    shop = Shop()
    caller, now = caller_of(shop), timezone.now()

    outcomes = together(
        [
            partial(gateway.run, feature=FEATURE, data={"name": f"Soap {number}"}, caller=caller, now=now)
            for number in range(6)
        ]
    )

    assert [error.code for error in outcomes if isinstance(error, DomainError)] == ["margin_floor"] * 6
    assert Alert.objects.get().kind == "margin_floor"
    assert AITransaction.objects.filter(error_code="margin_floor").count() == 6
    assert AIRequest.objects.filter(error_code="margin_floor").count() == 6
    assert shop.account == (D("5.00"), D("0.00"))
