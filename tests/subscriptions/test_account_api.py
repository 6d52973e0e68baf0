"""What a business reads about its credits, to the digit."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Membership, User
from subscriptions.ai_billing import AIBillingService
from subscriptions.services import ledger, rollups
from subscriptions.types import Charge, ProviderUsage
from tests.factories import access_token, make_business

from .shop import BASE, Shop, exact

D = Decimal
READS = ["credits/", "check/?feature=product_description", "usage-stats/"]
WRITES = ["trial/", "purchase/", "verify-payment/", "addon/subscribe/", "addon/cancel/"]
USAGE = ProviderUsage(
    model="openai/gpt-6-luna",
    input_tokens=300,
    cached_tokens=0,
    output_tokens=200,
    reasoning_tokens=0,
    cost_usd=D("0.00065"),
    cost_ghs=D("0.0104"),
    fx_rate=D(16),
    price_effective_from=None,
)


def give(shop: Shop, credits: str, source: str = "purchase", value: str = "0.8") -> None:
    ledger.grant(
        business_id=shop.business_id,
        credits=D(credits),
        source=source,
        key=f"test:{uuid4()}",
        unit_value_ghs=D(value),
        now=timezone.now(),
    )


def hold(shop: Shop, credits: str = "0.1", feature: str = "product_description") -> int:
    return AIBillingService.hold(
        business_id=shop.business_id,
        membership_id=shop.membership.pk,
        user_id=shop.membership.user_id,
        feature=feature,
        credits=D(credits),
        request_id=uuid4(),
        idempotency_key=None,
        predicted_cost_usd=D(0),
        daily_limit_usd=D(1),
        now=timezone.now(),
    ).id


def use(shop: Shop, credits: str, feature: str, milliseconds: int) -> Charge:
    return AIBillingService.capture(
        hold_id=hold(shop, credits, feature),
        usage=USAGE,
        response_time_ms=milliseconds,
        now=timezone.now(),
    )


def used(shop: Shop) -> None:
    """Two descriptions, one insight, one failure, one answer from the cache and one local one."""
    give(shop, "100")
    use(shop, "0.1", "product_description", 800)
    use(shop, "0.1", "product_description", 900)
    use(shop, "0.5", "customer_insight", 1300)
    AIBillingService.release(hold_id=hold(shop), error_code="provider_unavailable", now=timezone.now())
    for source in ("cached", "local"):
        AIBillingService.log_free_transaction(
            business_id=shop.business_id,
            membership_id=shop.membership.pk,
            user_id=shop.membership.user_id,
            feature="product_description",
            request_id=uuid4(),
            source=source,
            response_time_ms=0,
            now=timezone.now(),
        )


def test_a_new_business_has_nothing(shop: Shop) -> None:
    body = exact(shop.get("credits/"))
    assert set(body["runway"].pop("per_feature").values()) == {0}
    assert body == {
        "balance": D("0.00"),
        "total_purchased": D("0.00"),
        "total_used": D("0.00"),
        "has_monthly_addon": False,
        "monthly_addon_details": None,
        "held": D("0.00"),
        "available": D("0.00"),
        "debt": D("0.00"),
        "grants": [],
        "runway": {"days": None, "text": "about 0 product descriptions"},
    }


def test_credits(shop: Shop) -> None:
    assert shop.post("trial/").status_code == 201
    give(shop, "100")
    use(shop, "0.1", "product_description", 800)
    hold(shop, "3")
    body = exact(shop.get("credits/"))
    assert [grant.pop("created_at") is None for grant in body["grants"]] == [False, False]
    per_feature = body["runway"].pop("per_feature")
    assert (per_feature["product_description"], per_feature["credit_assessment"]) == (1019, 33)
    assert body == {
        "balance": D("104.90"),
        "total_purchased": D("100.00"),
        "total_used": D("0.10"),
        "has_monthly_addon": False,
        "monthly_addon_details": None,
        "held": D("3.00"),
        "available": D("101.90"),
        "debt": D("0.00"),
        "grants": [
            {
                "source": "trial",
                "credits": D("5.00"),
                "remaining": D("4.90"),
                "expires_at": None,
                "frozen": False,
            },
            {
                "source": "purchase",
                "credits": D("100.00"),
                "remaining": D("100.00"),
                "expires_at": None,
                "frozen": False,
            },
        ],
        "runway": {"days": 1019, "text": "about 1019 days, or 1019 product descriptions"},
    }


def test_credits_are_json_numbers_with_two_digits(shop: Shop) -> None:
    give(shop, "5", value="0")
    use(shop, "0.1", "product_description", 800)
    text = shop.get("credits/").content.decode()
    assert '"balance":4.90,' in text
    assert '"total_used":0.10,' in text
    assert '"remaining":4.90,' in text
    for path in READS:
        text = shop.get(path).content.decode()
        numbers = re.findall(r"(?<=[:\[,])-?[\d.eE+-]+(?=[,}\]])", text)
        assert numbers != []
        assert [one for one in numbers if not re.fullmatch(r"-?\d+(\.\d{1,2})?", one)] == []
        assert re.findall(r'"-?\d+(?:\.\d+)?"', text) == []


def test_check(shop: Shop) -> None:
    give(shop, "3.05")
    enough = shop.get("check/?feature=credit_assessment")
    assert (enough.status_code, exact(enough)) == (
        200,
        {
            "feature": "credit_assessment",
            "has_credits": True,
            "required": D("3.00"),
            "available": D("3.05"),
            "shortfall": D("0.00"),
        },
    )
    assert exact(shop.get("check/?feature=inventory_forecast")) == {
        "feature": "inventory_forecast",
        "has_credits": False,
        "required": D("4.00"),
        "available": D("3.05"),
        "shortfall": D("0.95"),
    }
    hold(shop, "0.06")
    assert exact(shop.get("check/?feature=credit_assessment"))["shortfall"] == D("0.01")


@pytest.mark.parametrize(
    "query", ["", "?feature=", "?feature=mind_reading", "?feature=%00", "?feature=" + "x" * 999]
)
def test_check_of_an_unknown_feature(shop: Shop, query: str) -> None:
    reply = shop.get(f"check/{query}")
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown_feature")


@pytest.mark.parametrize("summed_up", [False, True])
def test_usage_stats(shop: Shop, summed_up: bool) -> None:
    used(shop)
    if summed_up:
        assert rollups.roll_up(business_id=shop.business_id, now=timezone.now() + timedelta(hours=1)) == 6
    reply = shop.get("usage-stats/")
    today = timezone.now().date().isoformat()  # Accra keeps UTC
    assert reply.status_code == 200
    assert exact(reply) == {
        "period_days": 30,
        "period_start": (timezone.now() - timedelta(days=29)).date().isoformat(),
        "period_end": today,
        "current_balance": D("99.30"),
        "total_credits_used": D("0.70"),
        "total_requests": 6,
        "successful_requests": 5,
        "success_rate": D("83.33"),
        "avg_response_time_ms": 600,
        "feature_breakdown": [
            {
                "feature": "product_description",
                "name": "Product Description Generator",
                "requests": 5,
                "successful_requests": 4,
                "credits": D("0.20"),
            },
            {
                "feature": "customer_insight",
                "name": "Customer Insight Query",
                "requests": 1,
                "successful_requests": 1,
                "credits": D("0.50"),
            },
        ],
        "most_used_feature": "product_description",
        "daily": [{"day": today, "requests": 6, "successful_requests": 5, "credits": D("0.70")}],
        "cached": 1,
        "local": 1,
    }
    credits = exact(shop.get("credits/"))
    assert (credits["balance"], credits["total_used"]) == (D("99.30"), D("0.70"))


def test_usage_stats_of_nothing(shop: Shop) -> None:
    assert exact(shop.get("usage-stats/?days=7")) == {
        "period_days": 7,
        "period_start": (timezone.now() - timedelta(days=6)).date().isoformat(),
        "period_end": timezone.now().date().isoformat(),
        "current_balance": D("0.00"),
        "total_credits_used": D("0.00"),
        "total_requests": 0,
        "successful_requests": 0,
        "success_rate": D("0.00"),
        "avg_response_time_ms": 0,
        "feature_breakdown": [],
        "most_used_feature": None,
        "daily": [],
        "cached": 0,
        "local": 0,
    }


def test_what_the_providers_cost_is_for_staff(shop: Shop) -> None:
    used(shop)
    assert "cost" not in shop.get("usage-stats/").content.decode()
    User.objects.filter(pk=shop.membership.user_id).update(is_staff=True)
    assert exact(shop.get("usage-stats/"))["total_cost_ghs"] == D("0.03")


@pytest.mark.parametrize("days", ["0", "367", "-1", "abc", "1.5", "1e2", "9" * 400])
def test_days_out_of_range(shop: Shop, days: str) -> None:
    reply = shop.get(f"usage-stats/?days={days}")
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert [error["field"] for error in reply.json()["errors"]] == ["days"]


@pytest.mark.parametrize("days", [1, 366])
def test_days_at_their_edges(shop: Shop, days: int) -> None:
    assert shop.get(f"usage-stats/?days={days}").json()["period_days"] == days


def test_credits_take_four_queries(shop: Shop, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        give(shop, "10")
    used(shop)
    shop.get("credits/")
    with django_assert_max_num_queries(4):
        assert shop.get("credits/").status_code == 200
    key = shop.with_key("read")
    key.get(f"{BASE}/credits/")
    with django_assert_max_num_queries(4):
        assert key.get(f"{BASE}/credits/").status_code == 200


def test_usage_stats_take_the_same_queries_at_any_size(
    shop: Shop, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        used(shop)
    shop.get("usage-stats/")
    with django_assert_max_num_queries(4):
        shop.get("usage-stats/")


def read(shop: Shop, path: str, business: object) -> Any:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(shop.membership.user)}")
    return client.get(f"{BASE}/{path}", headers={"X-Business-ID": str(business)})


@pytest.mark.parametrize("path", READS)
def test_another_business_is_not_found(shop: Shop, path: str) -> None:
    other = Shop()
    give(other, "77")
    foreign = read(shop, path, other.business_id)
    unknown = read(shop, path, uuid4())
    senseless = read(shop, path, "1 OR 1=1")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert foreign.content == unknown.content == senseless.content


def test_a_person_in_two_businesses_sees_the_one_they_name(shop: Shop) -> None:
    other = Shop()
    give(other, "77")
    give(shop, "5")
    Membership.objects.create(business_id=other.business_id, user=shop.membership.user, role="cashier")

    def balance(business: Any) -> Any:
        return read(shop, "credits/", business).json()["balance"]

    assert (balance(shop.business_id), balance(other.business_id)) == (5, 77)


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"), [(["read"], 200, 403), (["ai"], 403, 403), (["billing"], 403, None)]
)
def test_what_a_key_may_do(
    shop: Shop, sandbox: Any, scopes: list[str], reads: int, writes: int | None
) -> None:
    key = shop.with_key(*scopes)
    for path in READS:
        reply = key.get(f"{BASE}/{path}")
        assert reply.status_code == reads
        if reads == 403:
            assert (reply.json()["code"], reply.json()["needs"]) == ("scope_not_allowed", "read")
    for path in WRITES:
        reply = key.post(f"{BASE}/{path}", {})
        if writes is None:
            assert reply.status_code in (200, 201, 400, 404)
        else:
            assert (reply.status_code, reply.json()["needs"]) == (403, "billing")


def test_a_key_stays_in_its_business(shop: Shop) -> None:
    other = make_business()
    reply = shop.with_key("read").get(f"{BASE}/credits/", headers={"X-Business-ID": str(other.business_id)})
    assert reply.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*READS, *WRITES])
def test_nobody_reads_or_writes_without_signing_in(path: str) -> None:
    client = APIClient()
    reply = client.get(f"{BASE}/{path}") if path in READS else client.post(f"{BASE}/{path}", {})
    assert reply.status_code == 401
    assert set(reply.json()) == {"code", "detail"}


@pytest.mark.parametrize("path", READS)
def test_with_and_without_the_trailing_slash(shop: Shop, path: str) -> None:
    bare = path.replace("/?", "?").rstrip("/")
    assert shop.get(bare).content == shop.get(path).content
