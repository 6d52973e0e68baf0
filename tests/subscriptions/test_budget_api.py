"""`/api/business/budgets/` and `/api/subscriptions/quota/`."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Role
from subscriptions.models import Budget
from subscriptions.selectors import budgets as selector
from subscriptions.services import ledger
from subscriptions.types import TierLimits
from tests.ai_features.conftest import Shop
from tests.subscriptions.shop import exact
from tests.subscriptions.test_ledger import USAGE

pytestmark = pytest.mark.django_db

BASE = "/api/business/budgets/"
D = Decimal


@pytest.fixture
def shop() -> Shop:
    return Shop()


def spend(shop: Shop, credits: str) -> None:
    now = timezone.now()
    held = ledger.hold(
        business_id=shop.business_id,
        membership_id=shop.membership.pk,
        user_id=shop.membership.user_id,
        feature="product_description",
        credits=D(credits),
        request_id=shop.membership.business_id,
        idempotency_key=None,
        predicted_cost_usd=D("0.01"),
        daily_limit_usd=D(10),
        tier=TierLimits(slug="free", requests_per_day=10, requests_per_month=100),
        now=now,
    )
    assert held is not None
    ledger.capture(hold_id=held.id, usage=USAGE, response_time_ms=5, now=now)


def test_a_budget_is_made_listed_changed_and_removed(shop: Shop) -> None:
    spend(shop, "1")
    made = shop.client.post(BASE, {"unit": "credits", "limit": 3, "feature": "product_description"})
    assert made.status_code == 201, made.content
    line = selector.line(business_id=shop.business_id, budget_id=Budget.objects.get().pk, now=timezone.now())
    expected = {
        "id": line.id,
        "scope": "feature",
        "feature": "product_description",
        "unit": "credits",
        "soft_only": False,
        "percent": D("33.33"),
        "period": line.period.isoformat(),
        "resets_at": line.resets_at.isoformat().replace("+00:00", "Z"),
        "member_id": None,
        "limit": D("3.00"),
        "spent": D("1.00"),
        "held": D("0.00"),
        "created_at": made.json()["created_at"],
    }
    assert exact(made) == expected
    assert exact(shop.client.get(BASE))["results"] == [expected]

    path = f"{BASE}{line.id}/"
    changed = shop.client.patch(path, {"limit": 2, "soft_only": True})
    assert exact(changed) == {**expected, "limit": D(2), "soft_only": True, "percent": D(50)}
    assert exact(shop.client.patch(path, {})) == exact(changed)
    assert shop.client.delete(path).status_code == 204
    assert shop.client.delete(path).status_code == 404
    assert shop.client.get(BASE).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"unit": "credits"}, 400, "validation_error"),
        ({"unit": "ghs", "limit": 5}, 400, "validation_error"),
        ({"unit": "credits", "limit": 0}, 400, "validation_error"),
        ({"unit": "credits", "limit": -1}, 400, "validation_error"),
        ({"unit": "usd", "limit": "5.001"}, 400, "validation_error"),
        ({"unit": "usd", "limit": "NaN"}, 400, "validation_error"),
        ({"unit": "usd", "limit": 5, "member_id": 1, "feature": "x"}, 400, "validation_error"),
        ({"unit": "usd", "limit": 5, "member_id": 999_999_999}, 404, "not_found"),
        ({"unit": "usd", "limit": 5, "feature": "telepathy"}, 404, "unknown_feature"),
    ],
    ids=str,
)
def test_a_wrong_budget_is_refused(shop: Shop, body: dict[str, object], status: int, code: str) -> None:
    reply = shop.client.post(BASE, body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not Budget.objects.exists()


def test_the_same_budget_twice_is_a_conflict(shop: Shop) -> None:
    body = {"unit": "credits", "limit": 5, "member_id": shop.membership.pk}
    assert shop.client.post(BASE, body).status_code == 201
    again = shop.client.post(BASE, body)
    assert (again.status_code, again.json()["code"]) == (409, "budget_exists")


def test_only_who_manages_sees_and_sets_budgets(shop: Shop) -> None:
    cashier = Shop(role="cashier").client
    for reply in (cashier.get(BASE), cashier.post(BASE, {}), cashier.delete(f"{BASE}1/")):
        assert (reply.status_code, reply.json()["code"]) == (403, "role_not_allowed")


def test_quota_says_what_is_left_without_what_providers_cost(shop: Shop) -> None:
    shop.client.post(BASE, {"unit": "credits", "limit": 4})
    spend(shop, "1")
    left = exact(shop.client.get("/api/subscriptions/quota/"))
    role = Role.find("owner", timezone.now())
    assert role is not None
    assert left["requests"]["tier"] == "free"
    assert {name: left["requests"]["today"][name] for name in ("limit", "used", "left")} == {
        "limit": 10,
        "used": 1,
        "left": 9,
    }
    assert left["requests"]["this_month"]["left"] == 99
    assert set(left["daily_allowance"]) == {"role", "used_percent", "left_percent", "resets_at"}
    used = (100 * USAGE.cost_usd / role.daily_ai_cost_usd).quantize(D("0.01"), "ROUND_DOWN")
    assert left["daily_allowance"]["left_percent"] == 100 - used
    assert [(one["scope"], one["percent"]) for one in left["budgets"]] == [("business", D(25))]
    assert not {"limit", "spent", "held"} & set(left["budgets"][0])

    shop.membership.user.is_staff = True
    shop.membership.user.save()
    staff = exact(shop.client.get("/api/subscriptions/quota/"))["daily_allowance"]
    assert staff["limit_usd"] == role.daily_ai_cost_usd
