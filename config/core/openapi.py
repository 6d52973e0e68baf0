"""What the OpenAPI document of every app is written with."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error has this shape; some add fields of their own."""

    code = serializers.CharField()
    detail = serializers.CharField()


def idempotency_key(promise: str) -> OpenApiParameter:
    """The header as `config.core.idempotency` reads it."""
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 8, "maxLength": 255, "pattern": "^[!-~][ -~]*[!-~]$"},
        OpenApiParameter.HEADER,
        description=f"8 to 255 printable characters. {promise}",
    )


def request(value: Any, name: str = "Request") -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def response(value: Any, name: str = "Response", status: int | None = None) -> OpenApiExample:
    """For 200 and 201 unless `status` names another."""
    codes = ["200", "201"] if status is None else [str(status)]
    return OpenApiExample(name, value=value, response_only=True, status_codes=codes)


def page(row: Any, name: str = "One page") -> OpenApiExample:
    value = {"results": [row], "next": None, "previous": None}
    return OpenApiExample(name, value=value, response_only=True)


def error(code: str, detail: str, status: int, **data: Any) -> OpenApiExample:
    return response({"code": code, "detail": detail, **data}, name=code, status=status)
