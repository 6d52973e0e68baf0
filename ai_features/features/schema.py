"""One definition of an output serves three times: for the provider, for our check, for the API's document."""

import functools
from collections.abc import Iterator
from typing import Any

from rest_framework import serializers


@functools.cache
def json_schema(serializer_class: type[serializers.Serializer]) -> dict[str, Any]:
    """The strict JSON schema of a serializer: every field required, nothing else allowed."""
    return _of_field(serializer_class())


def for_items(serializer_class: type[serializers.Serializer], count: int) -> dict[str, Any]:
    """What is asked of the provider for so many items."""
    one = json_schema(serializer_class)
    return one if count == 1 else many(one, count)


def many(item: dict[str, Any], count: int) -> dict[str, Any]:
    """The schema of `{"items": [...]}` with exactly `count` items, in the order they were asked for."""
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item, "minItems": count, "maxItems": count}},
        "required": ["items"],
        "additionalProperties": False,
    }


def problems(serializer_class: type[serializers.Serializer], answer: Any) -> tuple[dict[str, Any], list[str]]:
    """The answer as far as it fits the serializer, and what does not fit."""
    serializer = serializer_class(data=answer)
    if serializer.is_valid():
        return dict(serializer.validated_data), []
    return {}, [f"{field}: {_first(detail)}" for field, detail in serializer.errors.items()]


@functools.cache
def own_words(serializer_class: type[serializers.Serializer]) -> frozenset[str]:
    """Names of fields and choices at any depth: words of ours, not of whoever fills them in."""
    return frozenset(_own_words(serializer_class()))


def _own_words(field: Any) -> Iterator[str]:
    if isinstance(field, serializers.ChoiceField):
        yield from (str(choice) for choice in field.choices)
    for name, inner in getattr(field, "fields", {}).items():
        yield name
        yield from _own_words(inner)
    if getattr(field, "child", None) is not None:
        yield from _own_words(field.child)


def _first(detail: Any) -> str:
    while isinstance(detail, dict | list) and detail:
        detail = next(iter(detail.values())) if isinstance(detail, dict) else detail[0]
    return str(detail)


def _of_field(field: Any) -> dict[str, Any]:
    schema = _of_type(field)
    if field.help_text:
        schema["description"] = str(field.help_text)
    return schema


def _of_type(field: Any) -> dict[str, Any]:
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        schema: dict[str, Any] = {"type": "array", "items": _of_field(field.child)}
        limits = {
            "minItems": getattr(field, "min_length", None),
            "maxItems": getattr(field, "max_length", None),
        }
        return schema | {name: value for name, value in limits.items() if value is not None}
    if isinstance(field, serializers.Serializer):
        properties = {name: _of_field(inner) for name, inner in field.fields.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    if isinstance(field, serializers.ChoiceField):
        return {"type": "string", "enum": list(field.choices)}
    if isinstance(field, serializers.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, serializers.IntegerField):
        return {"type": "integer"}
    if isinstance(field, serializers.DecimalField):
        return {"type": "number"}
    assert isinstance(field, serializers.CharField), f"no JSON schema for {type(field).__name__}"
    return {"type": "string"}
