"""What the feature checks and writes by itself; the calls are in test_gateway.py."""

from decimal import Decimal

import pytest

from ai_features.features import figures, schema
from ai_features.features import product_description as feature

INPUT = {
    "name": "Shea butter",
    "brand": "Ama Naturals",
    "category": "Skin care",
    "attributes": {"weight": "250 g", "origin": "Tamale"},
    "price": Decimal("45.50"),
    "tone": "friendly",
    "length": "short",
    "language": "English",
}
FACTS = feature.facts(INPUT)
GOOD = {
    "title": "Ama Naturals Shea Butter 250 g",
    "description": "Soft skin every day. Our shea butter from Tamale comes in 250 g for GHS 45.50.",
    "bullets": ["Weight: 250 g", "From Tamale"],
    "seo_title": "Ama Naturals Shea Butter",
    "seo_description": "Shea butter by Ama Naturals, 250g, GHS 45.5.",
    "tags": ["shea butter", "skin care"],
}


def changed(**fields):
    return feature.check(FACTS, {**GOOD, **fields})


def test_a_text_from_the_facts_passes():
    assert feature.check(FACTS, GOOD) == []


@pytest.mark.parametrize(
    ("field", "text", "invented"),
    [
        ("description", "Lasts 12 months.", "the number 12"),
        ("description", "Only GHS 45.00.", "the number 45.00"),
        ("description", "A pack of three jars.", "the number three"),
        ("title", "Shea Butter 500 g", "the number 500"),
        ("bullets", ["100% pure"], "the number 100"),
        ("seo_description", "Now 20% off.", "the number 20"),
        ("tags", ["top10"], "the number 10"),
        ("description", "Better than Nivea.", "the name Nivea"),
        ("title", "NIVEA Shea Butter", "the name NIVEA"),
        ("tags", ["vaseline"], "the name vaseline"),
        ("description", "Made with love in Kumasi for you.", "the name Kumasi"),
        ("bullets", ["Loved by Akosua Labs"], "the name Akosua"),
    ],
)
def test_what_the_input_does_not_say_is_invented(field, text, invented):
    problems = changed(**{field: text})

    assert problems[0].split(" is not")[0] == invented


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ("GHS 1,500.00", "1500"),
        ("1500", "GHS 1,500.00"),
        ("1.5 l", "1,5 l"),
        ("2.50", "2.5"),
        ("A54 128GB", "128 GB"),
        ("two", "2"),
        ("pack of 12", "a dozen"),
    ],
)
def test_one_number_written_two_ways(facts, text):
    assert figures.invented_numbers(text, facts) == []


def test_sentences_may_begin_large_and_months_are_nobodys_brand():
    text = "Lovely. Really soft: Perfect for Christmas and Mother's Day - Order today! I'm sold."

    assert changed(description=text) == ["the name Day is not in the product's data; leave it out"]


def test_the_plain_text_passes_its_own_check_and_the_schema():
    result = feature.local_text(FACTS)

    text = (
        "Ama Naturals Shea butter, from our Skin care range. weight: 250 g; origin: Tamale. Price: GHS 45.50."
    )
    assert result == {
        "title": "Ama Naturals Shea butter",
        "description": text,
        "bullets": ["weight: 250 g", "origin: Tamale", "Category: Skin care"],
        "seo_title": "Ama Naturals Shea butter",
        "seo_description": text,
        "tags": ["shea butter", "skin care"],
    }
    assert schema.problems(feature.ProductOutput, result) == (result, [])
    assert figures.invented_numbers(result, FACTS) == []


def test_the_schema_sent_is_strict():
    sent = schema.json_schema(feature.ProductOutput)

    assert sent["additionalProperties"] is False
    assert sent["required"] == ["title", "description", "bullets", "seo_title", "seo_description", "tags"]
    assert sent["properties"]["bullets"]["minItems"] == 1
    assert schema.many(sent, 3)["properties"]["items"]["maxItems"] == 3


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "blank"),
        ("name", "x" * 121, "max_length"),
        ("price", "-1", "min_value"),
        ("price", "1.234", "max_decimal_places"),
        ("tone", "rude", "invalid_choice"),
        ("keywords", ["x"] * 11, "max_length"),
        ("attributes", {f"a{n}": "x" for n in range(21)}, "max_length"),
        ("attributes", {"a": ["nested"]}, "invalid"),
        ("attributes", {"x" * 41: "x"}, "max_length"),
    ],
)
def test_bad_input_is_named(field, value, code):
    serializer = feature.ProductInput(data={"name": "Soap", field: value})

    assert not serializer.is_valid()
    assert list(serializer.errors) == [field]
    assert code in str(serializer.errors[field])  # ErrorDetail shows its code


def test_attributes_may_be_numbers():
    serializer = feature.ProductInput(data={"name": "Soap", "attributes": {"kg": Decimal("1.50"), "n": 2}})

    assert serializer.is_valid()
    assert serializer.validated_data["attributes"] == {"kg": "1.50", "n": "2"}
