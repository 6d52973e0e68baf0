"""Budgets and tiers as a caller of the gateway meets them."""

from decimal import Decimal

import pytest
from django.utils import timezone

from subscriptions.models import TierCounter
from subscriptions.services import budgets

pytestmark = pytest.mark.django_db

D = Decimal


def limit(shop, amount):
    return budgets.create(
        business_id=shop.business_id, unit="credits", monthly_limit=D(amount), now=timezone.now()
    )


def test_from_80_percent_on_answers_say_so_and_at_100_the_local_text_is_left(shop):
    limit(shop, "0.5")
    notices = [shop.describe({"name": f"Soap {n}"}).json()["notice"] for n in range(5)]
    said = "{}% of this month's AI budget is used. An owner can raise it before paid answers stop."
    assert notices == [None, None, None, said.format(80), said.format(100)]

    refused = shop.describe({"name": "Soap 5"})
    body = refused.json()
    assert (refused.status_code, body["code"], body["scope"], body["limit"]) == (
        403,
        "budget_exceeded",
        "business",
        0.5,
    )
    assert body["local_answer"]["credits_charged"] == 0
    assert body["local_answer"]["source"] == "local"
    cached = shop.describe({"name": "Soap 0"})
    assert (cached.status_code, cached.json()["source"]) == (200, "cached")
    assert shop.account == (D("4.50"), D(0))


def test_a_free_user_makes_ten_requests_a_day_and_failed_or_cached_ones_are_none(shop, sandbox):
    sandbox.fail("500", times=2)
    assert shop.describe({"name": "Nothing"}).status_code == 503
    assert TierCounter.objects.get().today == 0
    for n in range(9):
        assert shop.describe({"name": f"Soap {n}"}).status_code == 200
    assert shop.describe({"items": [{"name": "Shea"}, {"name": "Kente"}]}).status_code == 200
    assert shop.describe({"name": "Soap 1"}).json()["source"] == "cached"

    refused = shop.describe({"name": "Soap 11"})
    body = refused.json()
    assert (refused.status_code, body["code"], body["tier"], body["limit"]) == (
        429,
        "daily_limit",
        "free",
        10,
    )
    assert body["detail"].startswith(
        "The free tier's 10 AI requests a day are used up. Buy a credit pack or a larger tier to go on"
    )
    assert refused.headers["Retry-After"] == str(body["retry_after"])
    assert 0 < body["retry_after"] <= 86401
    assert body["local_answer"]["source"] == "local"

    shop.grant("1", value="1")  # who has paid is never stranded
    assert shop.describe({"name": "Soap 11"}).status_code == 200
    counter = TierCounter.objects.get()
    assert (counter.requests, counter.today) == (11, 11)
