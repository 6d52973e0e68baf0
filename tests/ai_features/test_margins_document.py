"""docs/margins.md says what the shipped catalogue earns, and the floor refuses none of it."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ai_features.features import FEATURES, schema
from ai_features.providers.base import estimate_tokens
from ai_features.services import margin_table, question
from ai_features.services.margin_table import PROMPT_TOKENS
from config.core import json
from config.core.models import forget_dated
from subscriptions.models import AIModel, Feature
from tests.config.commands import ROOT

pytestmark = pytest.mark.django_db

D = Decimal


def shown() -> str:
    out = StringIO()
    call_command("check_models", "--margins", stdout=out)
    return out.getvalue()


def test_the_document_has_the_table_of_the_command() -> None:
    """When it differs: put what `manage.py check_models --margins` prints into docs/margins.md."""
    lines = (ROOT / "docs" / "margins.md").read_text().splitlines()
    assert [line for line in lines if line.startswith("|")] == shown().splitlines()


def test_a_line_by_hand() -> None:
    """0.1 credits on luna: (1,500 × 0.10 + 2,000 × 0.50) ÷ 1 M = 0.00115 USD = 0.0184 GHS."""
    line = margin_table.lines(now=timezone.now())[0]

    assert (line.feature.slug, line.model.name, line.output_tokens) == (
        "product_description",
        "gpt-6-luna",
        2000,
    )
    assert line.cost_ghs == D("0.0184")
    # VALUE 80 ÷ 100 = 0.80, PRO 180 ÷ 250 = 0.72, add-on 50 ÷ 100 = 0.50, free 1.00 × 0.80 = 0.80
    assert line.revenues == {
        "STARTER": D("0.10"),
        "VALUE": D("0.08"),
        "PRO": D("0.072"),
        "CUSTOM": D("0.10"),
        "add-on": D("0.05"),
        "trial": D("0.08"),
        "monthly free": D("0.08"),
    }
    # 60% of 0.05 = 0.03 GHS = 0.001875 USD; less 0.001 for the answer: 0.000875 ÷ 0.10 × 1 M
    assert line.longest_prompt == 8750


def test_nothing_that_is_on_sale_is_refused() -> None:
    assert margin_table.refused(margin_table.lines(now=timezone.now())) == []


def test_without_a_cap_of_its_own_a_message_would_be_refused_on_add_on_credits() -> None:
    """terra, 2,000 × 5 + 1,500 × 1 = 11,500 ÷ 1 M × 16 = 0.184 of 0.5 × 0.50 = 0.25: 26% left."""
    Feature.objects.filter(slug="collection_message").update(max_output_tokens=None)
    forget_dated()

    with pytest.raises(CommandError, match="margin floor for: collection_message on add-on credits"):
        shown()


def test_a_catalogue_that_can_not_be_priced_says_so() -> None:
    AIModel.objects.update(is_active=False)
    forget_dated()
    with pytest.raises(CommandError, match="can't be priced"):
        shown()


def test_the_table_reckons_with_prompts_as_long_as_ours_get() -> None:
    feature = FEATURES["product_description"]
    fields = feature.input_serializer(
        data={
            "name": "Shea butter " * 9,
            "brand": "Ama Naturals",
            "category": "Skin care",
            "attributes": {f"attribute {number}": "as the shop says it" for number in range(20)},
            "keywords": [f"keyword {number}" for number in range(10)],
            "price": "45.50",
            "length": "long",
        }
    )
    assert fields.is_valid(), fields.errors
    messages = question.messages(feature, [feature.facts(dict(fields.validated_data))], guidance="g" * 120)
    sent = "".join(message["content"] for message in messages)
    tokens = estimate_tokens(sent + json.dumps(schema.for_items(feature.output_serializer, 1)))
    assert PROMPT_TOKENS / 2 < tokens <= PROMPT_TOKENS
