"""The API's document of a feature, made from the feature itself."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer
from rest_framework import serializers

from ai_features import examples
from ai_features.features.base import Feature
from ai_features.serializers import EnvelopeSerializer, FreshMixin
from config.core import openapi


def camel(feature: Feature) -> str:
    return feature.slug.title().replace("_", "")


def request_body(feature: Feature) -> Any:
    """One item, or several where the feature takes several."""
    name = camel(feature)
    one = type(f"{name}Request", (feature.input_serializer, FreshMixin), {})
    if feature.max_items == 1:
        return one
    items: serializers.ListSerializer = serializers.ListSerializer(
        child=feature.input_serializer(), max_length=feature.max_items, allow_empty=False
    )
    several = type(f"{name}ItemsRequest", (FreshMixin,), {"items": items})
    return _either(f"{name}Body", one, several)


def answer(feature: Feature) -> type[serializers.Serializer]:
    """The envelope with the feature's own result in it."""
    name = camel(feature)
    result: Any = feature.delivers()
    if feature.max_items > 1:
        item = type(
            f"{name}Item",
            (serializers.Serializer,),
            {
                "index": serializers.IntegerField(),
                "result": feature.delivers(allow_null=True),
                "error": serializers.ChoiceField(["answer_unusable"], allow_null=True),
            },
        )
        several = type(f"{name}Items", (serializers.Serializer,), {"items": item(many=True)})
        result = _either(f"{name}Result", feature.delivers, several)
    return type(f"{name}Answer", (EnvelopeSerializer,), {"result": result})


def feature_examples(feature: Feature) -> list[OpenApiExample]:
    several = [openapi.request({"items": [feature.example]}, "Several")] if feature.max_items > 1 else []
    return [
        openapi.request(feature.example, "One"),
        *several,
        openapi.response(examples.envelope(feature), "Answer"),
        openapi.response(examples.INSUFFICIENT, "Too few credits", 402),
    ]


def _either(name: str, *choices: Any) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        component_name=name, serializers=list(choices), resource_type_field_name=None
    )
