"""Both shipped files, every figure of them, as they are in force after the first load."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import Role
from config.catalogue.notes import notes
from config.catalogue.sync import FOLDER, read, sync
from subscriptions.models import (
    AddonPlan,
    AIModel,
    ApiTier,
    ChatLicencePlan,
    CreditPack,
    Feature,
    FreeCredits,
    FxRate,
    ModelRoute,
    StorefrontTariff,
    TaxRate,
)
from subscriptions.selectors import catalogue

from .conftest import NOW, START, empty

pytestmark = pytest.mark.django_db


def table(model, *names):
    """{key: (values)} of what is in force, numbers as text without trailing zeros."""
    return {
        getattr(row, model.key_field): tuple(_plain(getattr(row, name)) for name in names)
        for row in model.in_force(NOW)
    }


def _plain(value):
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def test_packs():
    names = (
        "price_ghs",
        "min_price_ghs",
        "max_price_ghs",
        "credits",
        "bonus_credits",
        "savings",
        "recommended",
    )
    assert table(CreditPack, *names) == {
        "STARTER": ("30", None, None, "30", "0", "", False),
        "VALUE": ("80", None, None, "83.33", "16.67", "20%", True),
        "PRO": ("180", None, None, "180", "70", "39%", False),
        "CUSTOM": (None, "10", "5000", "1", "0", "", False),
    }


def test_features():
    names = ("name", "credits", "category", "popular", "needs_addon", "model_class")
    assert table(Feature, *names) == {
        "product_description": ("Product Description Generator", "0.1", "basic", False, False, "small"),
        "report_summary": ("AI Report Summary", "0.2", "basic", False, False, "small"),
        "customer_insight": ("Customer Insight Query", "0.5", "basic", False, False, "small"),
        "collection_message": ("Smart Collection Message", "0.5", "premium", True, False, "large"),
        "credit_assessment": ("Credit Risk Assessment", "3", "premium", True, False, "large"),
        "collection_analysis": ("Collection Priority Analysis", "5", "premium", False, False, "large"),
        "inventory_forecast": ("Inventory Forecast", "4", "premium", False, False, "large"),
        "portfolio_dashboard": ("Portfolio Health Dashboard", "5", "premium", False, True, "large"),
    }


def test_add_on_and_free_credits():
    assert table(AddonPlan, "price_ghs", "credits", "rollover_cap") == {"monthly": ("50", "100", "50")}
    assert table(FreeCredits, "credits") == {"trial": ("5",), "monthly": ("5",)}


def test_storefront_tariff_tiers_and_licences():
    assert table(StorefrontTariff, "storefronts", "price_ghs") == {
        "one": (1, "100"),
        "two": (2, "150"),
        "three": (3, "180"),
        "four": (4, "200"),
        "per_extra": (0, "50"),
    }
    assert table(ApiTier, "requests_per_day", "requests_per_month", "price_usd") == {
        "free": (10, 100, "0"),
        "pro": (100, 3000, "9.99"),
        "enterprise": (1000, 100_000, "99.99"),
    }
    limits = ("messages_per_day", "messages_per_hour", "messages_per_conversation", "open_conversations")
    flags = ("uploads", "streaming", "priority", "integrations")
    assert table(ChatLicencePlan, "price_usd", *limits, "assistants", *flags) == {
        "free": ("0", 20, 10, 50, 10, ["executive"], False, False, False, False),
        "pro": ("29", 500, 100, 200, 100, ["all"], True, True, False, False),
        "enterprise": ("99", 2000, 500, 1000, 1000, ["all"], True, True, True, True),
    }


def test_models_routes_rate_and_taxes():
    assert table(ModelRoute, "models_in_order", "max_output_tokens") == {
        "small": (["openai/gpt-6-luna", "openai/gpt-5.4-nano"], 2000),
        "large": (["openai/gpt-6.1-terra", "openai/gpt-6.1-sol"], 2000),
    }
    names = (
        "provider",
        "name",
        "input_usd",
        "cached_input_usd",
        "output_usd",
        "reasoning_effort",
        "shutdown_on",
    )
    ends = date(2027, 1, 14)
    assert table(AIModel, *names) == {
        "openai/gpt-6-luna": ("openai", "gpt-6-luna", "0.1", "0.01", "0.5", "none", None),
        "openai/gpt-5.4-nano": ("openai", "gpt-5.4-nano", "0.2", "0.02", "1.25", "none", None),
        "openai/gpt-6.1-terra": ("openai", "gpt-6.1-terra", "1", "0.05", "5", "low", None),
        "openai/gpt-6.1-sol": ("openai", "gpt-6.1-sol", "2", "0.1", "10", "low", None),
        "openai/gpt-4o-mini": ("openai", "gpt-4o-mini", "0.15", "0.075", "0.6", "", ends),
        "openai/gpt-4.1-mini": ("openai", "gpt-4.1-mini", "0.4", "0.1", "1.6", "", ends),
    }
    assert catalogue.usd_to_ghs(now=NOW) == Decimal("16.00")
    assert table(FxRate, "ghs") == {"USD": ("16",)}
    assert table(TaxRate, "name", "rate") == {
        "vat": ("VAT", "0.15"),
        "nhil": ("NHIL", "0.025"),
        "getfund": ("GETFund", "0.025"),
    }


def test_roles_of_the_shop():
    assert table(Role, "daily_ai_cost_usd", "is_owner") == {
        "guest": ("0", False),
        "cashier": ("0.5", False),
        "stock_keeper": ("1", False),
        "sales": ("1.5", False),
        "accountant": ("2", False),
        "partner": ("3", False),
        "manager": ("5", False),
        "owner": ("10", True),
    }
    roles = {role.slug: role for role in Role.in_force(NOW)}
    assert {slug for slug, role in roles.items() if "buy" in role.capabilities} == {"manager", "owner"}
    assert {slug for slug, role in roles.items() if "statements" in role.capabilities} == {
        "accountant",
        "partner",
        "manager",
        "owner",
    }
    assert len(roles["owner"].features) == len(roles["manager"].features) == 8
    assert all(role.guidance for role in roles.values())


def test_the_events_market_differs_in_its_roles_alone():
    empty()

    sync(path=FOLDER / "events.toml", now=NOW)

    assert table(Role, "daily_ai_cost_usd", "is_owner") == {
        "guest": ("0", False),
        "runner": ("0.5", False),
        "dj": ("1", False),
        "verified_dj": ("2", False),
        "client": ("1.5", False),
        "curator": ("2.5", False),
        "operations": ("5", False),
        "partner": ("3", False),
        "admin": ("10", True),
    }
    pos, events = read(FOLDER / "pos.toml")[0], read(FOLDER / "events.toml")[0]
    assert [name for name in pos if pos[name] != events[name]] == ["roles"]


def test_the_first_load_counts_from_the_date_in_the_file():
    assert {row.effective_from for row in CreditPack.objects.all()} == {START}
    assert len(CreditPack.in_force(START)) == 4
    assert CreditPack.in_force(datetime(2025, 12, 31, 23, 59, tzinfo=UTC)) == []


def test_published_prices_agree_with_ours_and_nothing_in_use_ends_soon():
    assert list(notes(read(FOLDER / "pos.toml")[0], now=NOW)) == []


def test_a_price_that_others_publish_otherwise_and_a_model_about_to_end_are_noted(edited):
    path = edited(
        ('"openai/gpt-5.4-nano"]\nmax', '"openai/gpt-4o-mini"]\nmax'),
        ("output_usd = 5.00", "output_usd = 4.00"),
    )

    found = list(notes(read(path)[0], now=datetime(2026, 12, 20, tzinfo=UTC)))

    assert found == [
        "[ai_models.openai/gpt-6.1-terra] output_usd is 4.00, but genai-prices says 5",
        "[ai_models.openai/gpt-4o-mini] is in a route and ends on 2027-01-14",
    ]
