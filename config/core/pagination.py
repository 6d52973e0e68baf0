"""Lists are cursor pages `{results, next, previous}`."""

import functools
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class CursorPage(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("-created_at", "-pk")

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """The rows of the page that `?cursor=` names. Raises NotFound for a cursor that is none of ours."""
        cursor = self.decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            first = self.ordering[0].removeprefix("-")
            meta = queryset.model._meta
            field = meta.pk if first == "pk" else meta.get_field(first)
            if not _is_value(field, str(cursor.position)):
                raise NotFound(self.invalid_cursor_message)
        return super().paginate_queryset(queryset, request, view=view) or []


def _is_value(field: Any, text: str) -> bool:
    """Whether a column can be compared with `text`; REST framework would let the query fail on it."""
    try:
        return "\0" not in text and field.to_python(text) is not None
    except ValidationError:
        return False


def paged(
    *,
    view: APIView,
    request: Request,
    queryset: QuerySet[Any],
    serializer: type[serializers.BaseSerializer[Any]],
) -> Response:
    """One page of `queryset`, newest first; the models need `created_at`."""
    paginator = CursorPage()
    rows = paginator.paginate_queryset(queryset, request, view=view)
    return paginator.get_paginated_response(serializer(rows, many=True).data)


@functools.cache
def page_of(serializer: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The answer of `paged`, for the OpenAPI document."""
    return inline_serializer(
        name=f"{serializer.__name__.removesuffix('Serializer')}Page",
        fields={
            "results": serializer(many=True),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )
