"""Refusals come with the AI's last answer to the same question, where there is one: never anybody else's."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from ai_features.features import collection_message
from ai_features.models import AIRequest
from ai_features.services import last_good
from config.core.models import forget_dated
from subscriptions.models import AIModel, CreditEntry
from subscriptions.services import budgets
from tests.ai_features.conftest import PRODUCT, Shop
from tests.factories import client_for, make_member

pytestmark = pytest.mark.django_db

D = Decimal


def forgotten(**age):
    """The cache has lost what was answered, so long ago."""
    cache.clear()
    for request in AIRequest.objects.all():
        request.created_at -= timedelta(**age)
        request.finished_at -= timedelta(**age)
        request.save()


def provider_down(shop, sandbox):
    sandbox.fail("500", times=2)


def no_credits(shop, sandbox):
    shop.client.post("/api/ai/product-description/", {"items": [{"name": f"Soap {n}"} for n in range(9)]})
    assert shop.account[0] == 0


def role_used_up(shop, sandbox):
    Role.objects.filter(slug="owner").update(daily_ai_cost_usd="0.00001")
    forget_dated(Role)


def budget_used_up(shop, sandbox):
    budgets.create(business_id=shop.business_id, unit="credits", monthly_limit=D("0.05"), now=timezone.now())


def without_a_price(shop, sandbox):
    AIModel.objects.update(is_active=False)
    forget_dated(AIModel)


def unusable(shop, sandbox):
    sandbox.fail("invented", times=2)


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (provider_down, 503, "provider_unavailable"),
        (unusable, 502, "answer_unusable"),
        (no_credits, 402, "insufficient_credits"),
        (role_used_up, 429, "daily_limit"),
        (budget_used_up, 403, "budget_exceeded"),
        (without_a_price, 503, "price_unknown"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_who_is_refused_gets_the_last_answer(sandbox, reason, status, code):
    shop = Shop(credits="1.00")
    first = shop.describe().json()
    forgotten(days=3)
    reason(shop, sandbox)
    before, asked = shop.account, len(sandbox.calls())

    refused = shop.describe({**PRODUCT, "fresh": True})

    body = refused.json()
    assert (refused.status_code, body["code"]) == (status, code)
    offered = body["last_good_answer"]
    answered_at = AIRequest.objects.get(pk=first["id"]).finished_at
    assert datetime.fromisoformat(offered.pop("answered_at")) == answered_at
    assert offered == {
        "source": "cached",
        "request_id": first["id"],
        "result": first["result"],
        "credits_charged": 0,
        "model": "openai/gpt-6-luna",
        "age": "3 days",
        "notice": "The AI's last answer to this question, 3 days old; free. It may be out of date.",
    }
    assert body["local_answer"]["source"] == "local"
    assert shop.account == before
    assert len(sandbox.calls()) - asked == (2 if reason in (provider_down, unusable) else 0)


def test_the_newest_is_given_and_neither_cached_nor_partial_nor_local_ones_count(shop, sandbox):
    shop.describe()
    second = shop.describe({**PRODUCT, "fresh": True}).json()
    assert shop.describe().json()["source"] == "cached"
    both = {"items": [PRODUCT, {"name": "Black soap"}]}
    sandbox.fail("half")
    sandbox.fail("invented")
    shop.describe(both)
    forgotten(minutes=0)
    sandbox.fail("500", times=4)

    refused = shop.describe().json()

    assert refused["last_good_answer"]["request_id"] == second["id"]
    assert refused["last_good_answer"]["age"] == "less than a minute"
    assert "last_good_answer" not in shop.describe(both).json()


def test_another_question_role_or_business_gets_none(shop, sandbox):
    shop.describe()
    manager = client_for(make_member(business=shop.membership.business, role="manager"))
    sandbox.fail("500", times=2)
    assert "last_good_answer" not in shop.describe({"name": "Black soap"}).json()
    sandbox.fail("500", times=2)
    assert "last_good_answer" not in shop.describe(client=manager).json()
    sandbox.fail("500", times=2)
    assert "last_good_answer" not in Shop().describe().json()


def test_a_colleague_of_the_same_role_gets_it(shop, sandbox):
    first = shop.describe().json()
    colleague = client_for(make_member(business=shop.membership.business, role="owner"))
    cache.clear()
    sandbox.fail("500", times=2)

    assert shop.describe(client=colleague).json()["last_good_answer"]["request_id"] == first["id"]


def test_names_come_back_and_never_in_an_answer_about_somebody_else(shop, sandbox):
    def remind(name):
        debt = {**collection_message.EXAMPLE, "customer": name}
        return shop.client.post("/api/ai/collection-message/", {**debt, "fresh": True})

    first = remind("Ama Mensah")
    assert first.status_code == 200, first.content
    sandbox.fail("500", times=2)
    same = remind("Ama Mensah").json()
    sandbox.fail("500", times=2)
    other = remind("Kofi Boateng")

    assert "Ama Mensah" in same["last_good_answer"]["result"]["message"]
    assert same["last_good_answer"]["result"] == first.json()["result"]
    assert "last_good_answer" not in other.json()
    assert "Ama" not in other.content.decode()


def test_the_key_tells_nothing_without_ours(settings):
    key = last_good.question_key("ai:1", {"⟦C01⟧": "Ama Mensah"})

    assert len(key) == 64
    assert key == last_good.question_key("ai:1", {"⟦C01⟧": "Ama Mensah"})
    assert key != last_good.question_key("ai:1", {"⟦C01⟧": "Kofi Boateng"})
    assert key != last_good.question_key("ai:2", {"⟦C01⟧": "Ama Mensah"})
    settings.SECRET_KEY = "another-not-a-secret"
    assert key != last_good.question_key("ai:1", {"⟦C01⟧": "Ama Mensah"})


@pytest.mark.parametrize(
    ("age", "words"),
    [
        ({"seconds": 59}, "less than a minute"),
        ({"minutes": 1}, "1 minute"),
        ({"hours": 25}, "1 day"),
        ({"days": 400}, "1 year"),
    ],
)
def test_an_age_in_words(age, words):
    now = timezone.now()
    assert last_good.in_words(now - timedelta(**age), now) == words


def test_it_costs_a_refusal_one_query_by_index_and_an_answer_none(shop, sandbox, django_assert_num_queries):
    shop.describe()
    key, now = AIRequest.objects.get().question_key, timezone.now()
    assert key is not None

    with CaptureQueriesContext(connection) as asked:
        shop.describe({"name": "Black soap"})
    assert not any("last_good" in one["sql"] or '"question_key" =' in one["sql"] for one in asked)
    assert len(asked) <= 12
    with django_assert_num_queries(1):
        last_good.find(business_id=shop.business_id, question_key=key, now=now)
    with connection.cursor() as cursor:
        for other in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute("DROP INDEX ai_request_by_business")  # of three rows any index is as good
        same = AIRequest.objects.filter(
            business_id=shop.business_id, question_key=key, status="succeeded", source="ai"
        )
        assert "Index Scan using ai_request_last_good" in same.order_by("-created_at")[:1].explain()


def test_no_credits_says_what_to_do(sandbox):
    shop = Shop(credits="0.05")

    assert shop.describe().json()["detail"] == (
        "This needs 0.10 credits and 0.05 are there. Buy a pack (from STARTER: 30.00 credits for GHS 30.00),"
        " or ask an owner or manager to."
    )
    assert CreditEntry.objects.filter(business_id=shop.business_id).count() == 1


def test_a_provider_that_is_down_says_when_to_come_back(shop, sandbox):
    sandbox.fail("500", times=2)

    refused = shop.describe()

    assert refused.headers["Retry-After"] == "30"
    assert refused.json()["detail"].endswith("Nothing was charged; try again in half a minute.")
