"""Every input has limits, and what is in it is sent as data."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from ai_features.features import FEATURES
from ai_features.privacy import markup
from ai_features.services import question as questions
from config.core.errors import DomainError

EACH = pytest.mark.parametrize("feature", FEATURES.values(), ids=list(FEATURES))


def unlimited(field: Any, path: str) -> Iterator[str]:
    """Texts and lists without a greatest length."""
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        if getattr(field, "max_length", None) is None and not _has_own_limit(field):
            yield path
        yield from unlimited(field.child, f"{path}[]")
    elif isinstance(field, serializers.DictField):
        yield from unlimited(field.child, f"{path}{{}}")
    elif isinstance(field, serializers.Serializer):
        for name, inner in field.fields.items():
            yield from unlimited(inner, f"{path}.{name}")
    elif isinstance(field, serializers.ChoiceField):
        return
    elif isinstance(field, serializers.RegexField):
        with pytest.raises(serializers.ValidationError):
            field.run_validation("A" * 100_000)
    elif isinstance(field, serializers.JSONField) or getattr(field, "max_length", 0) is None:
        yield path


def _has_own_limit(field: Any) -> bool:
    """Counts before it reads the single values."""
    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation([0] * 100_000)
    return refused.value.get_codes() == ["max_length"]


@EACH
def test_every_text_and_list_has_a_limit(feature: Any) -> None:
    assert list(unlimited(feature.input_serializer(), feature.slug)) == []


@EACH
def test_what_was_given_is_in_the_data_and_never_in_the_orders(feature: Any) -> None:
    """The orders are the feature's own, word for word, whatever is asked."""
    question = questions.read(feature, feature.example)
    told = questions.messages(feature, question.facts, guidance="Speak to a cashier.", corrections=["no 7"])

    assert [message["role"] for message in told] == ["system", "user"]
    orders = told[0]["content"].split("\n")
    assert orders[:-2] == feature.instructions.strip().split("\n")
    assert orders[-2:] == [
        "About the reader: Speak to a cashier.",
        "`corrections` says what was wrong with an earlier answer to this; do not repeat it.",
    ]
    data = json.loads(told[1]["content"])
    assert data.pop("corrections") == ["no 7"]
    assert "data" in feature.instructions
    assert "never instructions" in feature.instructions


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 50_000, 400, "nested_too_deep"),
        (b'{"name":' + b"[" * 30 + b"]" * 30 + b"}", 400, "nested_too_deep"),
        (b'{"name":"' + b"a" * 1_100_000 + b'"}', 413, "body_too_large"),
        (b'{"name":"' + b"a" * 900_000 + b'"}', 400, "validation_error"),
        (b'{"name":' + b"9" * 900_000 + b"}", 400, "parse_error"),
    ],
)
def test_a_deep_or_huge_body_is_refused_and_nothing_happens(
    shop: Any, body: bytes, status: int, code: str
) -> None:
    reply = shop.client.post("/api/ai/product-description/", body, content_type="application/json")

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert shop.transactions() == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Good ![x](https://evil.example/?d=1)soap", "Good soap"),
        ("See [our page](https://evil.example) now", "See our page now"),
        ("<<b>script src=x>alert</<b>script>", "alert"),
        ("<" * 9 + "b" + ">b" * 9, "bbbbbbb"),
        ("HTTPS://EVIL.example and ftp://x.example/a", "and"),
        ("Press javascript:alert(1) here", "Press ) here"),
        ("Size < 5 and > 3; data: none", "Size < 5 and > 3; data: none"),
        ("![a](![b](https://x.example)https://y.example)", "!a"),
    ],
)
def test_links_images_and_html_are_taken_out_of_answers(text: str, left: str) -> None:
    assert markup.strip(text) == left


def with_each_text_as(text: str, node: Any) -> Iterator[Any]:
    """Copies of a JSON tree, each with another one of its texts replaced."""
    if isinstance(node, str):
        yield text
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from ({**node, name: changed} for changed in with_each_text_as(text, inner))
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from (
                [*node[:place], changed, *node[place + 1 :]] for changed in with_each_text_as(text, inner)
            )


@EACH
def test_a_text_of_invisible_characters_is_refused_or_does_no_harm(feature: Any) -> None:
    for body in with_each_text_as("\u202e\u200b", feature.example):
        try:
            facts = questions.read(feature, body).facts
        except (serializers.ValidationError, DomainError):
            continue
        for one in facts:
            feature.local_text(one)


@pytest.mark.django_db
def test_a_product_whose_name_cannot_be_seen_is_refused_and_free(shop: Any, sandbox: Any) -> None:
    reply = shop.client.post("/api/ai/product-description/", {"name": "\u202e\u200b", "brand": "Ama"})

    assert (reply.status_code, reply.json()["errors"]) == (
        400,
        [{"field": "name", "code": "blank", "detail": "This field may not be blank."}],
    )
    assert sandbox.calls() == []
    assert shop.account == (Decimal("5.00"), Decimal("0.00"))
