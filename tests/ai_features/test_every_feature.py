"""What holds for each feature, tried with its own example."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework import serializers

from ai_features.features import FEATURES, schema
from ai_features.features.base import Facts, Feature
from ai_features.privacy.sanitise import sanitise_tree
from ai_features.services import question as questions
from subscriptions.selectors import catalogue

pytestmark = pytest.mark.django_db
EACH = pytest.mark.parametrize("feature", FEATURES.values(), ids=list(FEATURES))


def facts_of(feature: Feature) -> Facts:
    return questions.read(feature, feature.example).facts[0]


def price(feature: Feature) -> Decimal:
    return catalogue.feature(slug=feature.slug, now=timezone.now()).credits


def path(feature: Feature) -> str:
    return f"/api/ai/{feature.slug.replace('_', '-')}/"


def post(shop: Any, feature: Feature, body: Any) -> Any:
    shop.grant("5.00")
    if catalogue.feature(slug=feature.slug, now=timezone.now()).needs_addon:
        shop.take_addon()
    return shop.client.post(path(feature), body)


@EACH
def test_the_example_answer_is_one_the_gateway_would_deliver(feature):
    question = questions.read(feature, feature.example)
    said = sanitise_tree(feature.example_result, feature.names(question.items[0]))[0]

    result, problems = schema.problems(feature.output_serializer, said)

    assert problems == []
    assert feature.check(question.facts[0], result) == []
    assert schema.problems(feature.delivers, feature.finish(question.facts[0], result))[1] == []


@EACH
def test_the_text_made_here_fits_the_output_and_invents_nothing(feature):
    facts = facts_of(feature)

    result, problems = schema.problems(feature.delivers, feature.local_text(facts))

    assert problems == []
    assert feature.check(facts, result) == []


@EACH
def test_an_answer_costs_its_price(feature, shop):
    reply = post(shop, feature, feature.example)

    assert reply.status_code == 200, reply.content
    body = reply.json()
    assert (body["feature"], body["source"]) == (feature.slug, "ai")
    assert Decimal(str(body["credits_charged"])) == price(feature)
    assert shop.transactions() == [("success", "ai", "", price(feature))]
    assert schema.problems(feature.delivers, body["result"])[1] == []


@EACH
def test_an_invented_figure_never_arrives_and_costs_nothing(feature, shop, sandbox):
    sandbox.fail("invented", times=2)

    reply = post(shop, feature, feature.example)

    assert (reply.status_code, reply.json()["code"]) == (502, "answer_unusable")
    assert "7777.77" not in reply.content.decode()
    assert shop.transactions() == [("failed", "ai", "answer_unusable", Decimal(0))]
    assert schema.problems(feature.delivers, reply.json()["local_answer"]["result"])[1] == []


@EACH
@pytest.mark.parametrize("body", [[], "text", {"nothing": "of use"}], ids=["list", "text", "other fields"])
def test_what_is_no_input_is_refused_with_what_is_missing(feature, body):
    with pytest.raises(serializers.ValidationError) as refused:
        questions.read(feature, body)

    assert refused.value.status_code == 400
