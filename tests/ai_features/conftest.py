import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Role
from config.core.models import forget_dated
from subscriptions.models import (
    AIModel,
    AITransaction,
    BusinessAICredits,
    CreditPack,
    Feature,
    FxRate,
    ModelRoute,
)
from subscriptions.services import ledger
from tests.factories import client_for, make_business

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox(model_provider):
    return model_provider


@pytest.fixture(autouse=True)
def small_catalogue(request):
    """Roles, one feature and two models, for the tests that use the database."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    cache.clear()
    forget_dated()
    for slug, features in (
        ("owner", ["product_description"]),
        ("manager", ["product_description"]),
        ("guest", []),
    ):
        Role.objects.get_or_create(
            slug=slug,
            defaults={
                "name": slug,
                "daily_ai_cost_usd": 10,
                "features": features,
                "is_owner": slug == "owner",
                "effective_from": START,
            },
        )
    add_prices()
    yield
    forget_dated()
    cache.clear()


def add_prices():
    Feature.objects.get_or_create(
        slug="product_description",
        defaults={
            "name": "Product Description Generator",
            "credits": "0.10",
            "category": "basic",
            "model_class": "small",
            "effective_from": START,
        },
    )
    models = {"openai/gpt-6-luna": ("0.10", "0.01", "0.50"), "openai/gpt-5.4-nano": ("0.20", "0.02", "1.25")}
    ModelRoute.objects.get_or_create(
        slug="small",
        defaults={"models_in_order": list(models), "max_output_tokens": 800, "effective_from": START},
    )
    for slug, (input_usd, cached_usd, output_usd) in models.items():
        AIModel.objects.get_or_create(
            slug=slug,
            defaults={
                "provider": "openai",
                "name": slug.removeprefix("openai/"),
                "input_usd": input_usd,
                "cached_input_usd": cached_usd,
                "output_usd": output_usd,
                "reasoning_effort": "none",
                "effective_from": START,
            },
        )
    FxRate.objects.get_or_create(currency="USD", defaults={"ghs": 16, "effective_from": START})
    CreditPack.objects.get_or_create(
        type="STARTER", defaults={"name": "Starter", "price_ghs": 30, "credits": 30, "effective_from": START}
    )


@pytest.fixture
def shop(sandbox):
    """A signed-in owner of a business with 5 trial credits."""
    return Shop()


class Shop:
    def __init__(self, *, role: str = "owner", credits: str = "5.00") -> None:
        self.membership = make_business(role=role)
        self.business_id = self.membership.business_id
        self.client = client_for(self.membership)
        if Decimal(credits):
            self.grant(credits)

    def grant(self, credits: str) -> None:
        ledger.grant(
            business_id=self.business_id,
            credits=Decimal(credits),
            source="trial",
            key=f"test:{uuid.uuid4()}",
            unit_value_ghs=Decimal(0),
            now=timezone.now(),
        )

    def describe(self, body: dict | None = None, key: str | None = None, client: APIClient | None = None):
        headers = {"Idempotency-Key": key} if key else {}
        return (client or self.client).post("/api/ai/product-description/", body or PRODUCT, headers=headers)

    def get(self, path: str):
        return self.client.get(f"/api/ai/{path}")

    @property
    def account(self) -> tuple[Decimal, Decimal]:
        """Balance and held."""
        row = BusinessAICredits.objects.get(pk=self.business_id)
        return row.balance, row.held

    def transactions(self) -> list[tuple]:
        rows = AITransaction.objects.filter(business_id=self.business_id).order_by("pk")
        return list(rows.values_list("status", "source", "error_code", "credits_charged"))


PRODUCT = {
    "name": "Shea butter",
    "brand": "Ama Naturals",
    "category": "Skin care",
    "attributes": {"weight": "250 g"},
    "price": 45.50,
}
