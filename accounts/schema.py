"""What the OpenAPI document says of an operation because of how its view is made."""

import inspect
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers

from config.core import openapi

from .access import BusinessView

_BUSINESS = OpenApiParameter(
    "X-Business-ID",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description="Which business, when you belong to several.",
)
_PAGE = [
    OpenApiParameter("cursor", str, description="As in `next` and `previous`; without it the first page."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "default": 50},
        description="1 to 200 at once; more counts as 200, less than 1 as 50.",
    ),
]


class ApiSchema(AutoSchema):
    """Adds the parameters and refusals that the view's kind brings with it. What a view says itself stays."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular calls it
        """A view without words of its own has none: those it inherits are for who writes views."""
        text: str = super().get_description()
        return "" if text == inspect.getdoc(BusinessView) else text

    def get_override_parameters(self) -> list[Any]:
        return [
            *super().get_override_parameters(),
            *([_BUSINESS] if isinstance(self.view, BusinessView) else []),
            *([openapi.idempotency_key("The same key is carried out once.")] if self._runs_once() else []),
            *(_PAGE if self._is_paged() else []),
        ]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in sorted(self._refusals()):
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(openapi.ErrorSerializer, str(status))
        return bodies

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        body: dict[str, Any] | None = super()._get_request_body(direction)
        if body is not None and isinstance(self.get_request_serializer(), PolymorphicProxySerializer):
            body["required"] = True  # one of several shapes, each of which needs something
        return body

    def _refusals(self) -> set[int]:
        found = {503}  # Busy
        if self.view.get_authenticators():
            found |= {401}
        if self.view.throttle_classes:
            found |= {429}
        if isinstance(self.view, BusinessView):
            found |= {403} if self.method in self.view.without_business else {400, 403, 404}
        if self._takes_body():
            found |= {400, 413, 415}
        if self._runs_once():
            found |= {400, 409, 422}
        if "{" in self.path or self._is_paged():
            found |= {404}
        return found

    def _takes_body(self) -> bool:
        """Not a webhook, whose signed body is read as it came."""
        return (
            bool(self.view.get_authenticators())
            and self.method in ("POST", "PUT", "PATCH")
            and self.get_request_serializer() is not None
        )

    def _runs_once(self) -> bool:
        return hasattr(getattr(self.view, self.method.lower()), "runs_once")

    def _is_paged(self) -> bool:
        answers: Any = self.get_response_serializers()
        shapes = answers.values() if isinstance(answers, dict) else [answers]
        return self.method == "GET" and any(
            {"results", "next"} <= set(getattr(serializer, "_declared_fields", ())) for serializer in shapes
        )

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, serializers.ListSerializer):
            lists: Any = field
            limits = {
                "minItems": lists.min_length or int(not lists.allow_empty),
                "maxItems": lists.max_length,
            }
            schema |= {name: limit for name, limit in limits.items() if limit}
        if isinstance(field, serializers.MultipleChoiceField) and not field.allow_empty:
            schema["minItems"] = 1
        if isinstance(field, serializers.JSONField):
            schema.pop("oneOf", None)  # anything or null, of which null is both: one of them it never is
        return schema
