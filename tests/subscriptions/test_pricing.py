"""GET /api/subscriptions/ai/pricing/: the price list of the catalogue, to the digit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from config.core import json
from subscriptions.models import AddonPlan, CreditPack
from subscriptions.selectors.pricing import pricing
from tests.factories import access_token, client_for, make_business, make_user

PATH = "/api/subscriptions/ai/pricing/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_for(make_business())


def features():
    return [
        ("product_description", "Product Description Generator", "0.10", "basic", {}),
        ("report_summary", "AI Report Summary", "0.20", "basic", {}),
        ("customer_insight", "Customer Insight Query", "0.50", "basic", {}),
        ("collection_message", "Smart Collection Message", "0.50", "premium", {"popular": True}),
        ("credit_assessment", "Credit Risk Assessment", "3.00", "premium", {"popular": True}),
        ("collection_analysis", "Collection Priority Analysis", "5.00", "premium", {}),
        ("inventory_forecast", "Inventory Forecast", "4.00", "premium", {}),
        ("portfolio_dashboard", "Portfolio Health Dashboard", "5.00", "premium", {"needs_addon": True}),
    ]


def test_the_whole_price_list(client):
    response = client.get(PATH)

    assert response.status_code == 200
    body = json.loads(response.content)
    descriptions = [feature.pop("description") for feature in body["feature_costs"]]
    assert all(descriptions)
    assert len(set(descriptions)) == 8
    assert body == {
        "credit_packs": [
            {
                "type": "STARTER",
                "name": "Starter",
                "price": Decimal("30.00"),
                "credits": Decimal("30.00"),
                "bonus_credits": Decimal("0.00"),
                "total_credits": Decimal("30.00"),
                "cost_per_credit": Decimal("1.00"),
            },
            {
                "type": "VALUE",
                "name": "Value",
                "price": Decimal("80.00"),
                "credits": Decimal("83.33"),
                "bonus_credits": Decimal("16.67"),
                "total_credits": Decimal("100.00"),
                "cost_per_credit": Decimal("0.80"),
                "savings": "20%",
                "recommended": True,
            },
            {
                "type": "PRO",
                "name": "Pro",
                "price": Decimal("180.00"),
                "credits": Decimal("180.00"),
                "bonus_credits": Decimal("70.00"),
                "total_credits": Decimal("250.00"),
                "cost_per_credit": Decimal("0.72"),
                "savings": "39%",
            },
            {
                "type": "CUSTOM",
                "name": "Custom amount",
                "price": None,
                "min_price": Decimal("10.00"),
                "max_price": Decimal("5000.00"),
                "credits": None,
                "bonus_credits": Decimal("0.00"),
                "total_credits": None,
                "cost_per_credit": Decimal("1.00"),
            },
        ],
        "feature_costs": [
            {"feature": slug, "name": name, "credits": Decimal(credits), "category": category, **extra}
            for slug, name, credits, category, extra in features()
        ],
        "monthly_addon": {
            "available": True,
            "price": Decimal("50.00"),
            "credits": Decimal("100.00"),
            "description": "100 credits every month; up to 50 unused ones roll over.",
            "savings": "50%",
        },
    }


def test_numbers_are_written_out_without_floats(client):
    text = client.get(PATH).content.decode()

    assert '"credits":83.33,"bonus_credits":16.67,"total_credits":100.00,"cost_per_credit":0.80' in text


def test_a_new_price_keeps_its_place_and_an_add_on_can_be_withdrawn(client):
    now = timezone.now()
    CreditPack.objects.create(type="VALUE", name="Value", price_ghs="85", credits="100", effective_from=now)
    AddonPlan.objects.create(
        slug="monthly",
        name="Gone",
        price_ghs=50,
        credits=100,
        rollover_cap=50,
        effective_from=now,
        is_active=False,
    )

    body = json.loads(client.get(PATH).content)

    assert [(p["type"], p["price"]) for p in body["credit_packs"]] == [
        ("STARTER", Decimal("30.00")),
        ("VALUE", Decimal("85.00")),
        ("PRO", Decimal("180.00")),
        ("CUSTOM", None),
    ]
    assert body["monthly_addon"] == {
        "available": False,
        "price": None,
        "credits": None,
        "description": "",
        "savings": "",
    }


def test_a_scheduled_price_is_not_shown_yet(client):
    soon = timezone.now() + timedelta(hours=1)
    CreditPack.objects.create(type="VALUE", name="Value", price_ghs="85", credits="100", effective_from=soon)

    body = json.loads(client.get(PATH).content)

    assert body["credit_packs"][1]["price"] == Decimal("80.00")


def test_signed_in_without_a_business_is_enough_and_signed_out_is_not():
    newcomer = APIClient(headers={"Authorization": f"Bearer {access_token(make_user())}"})

    assert newcomer.get(PATH).status_code == 200
    assert APIClient().get(PATH).status_code == 401


def test_a_warm_price_list_asks_the_catalogue_nothing(client, django_assert_num_queries):
    client.get(PATH)

    with django_assert_num_queries(0):
        pricing(now=timezone.now())
