"""`/api/subscriptions/ai/statement/` and `ai/transactions/`: where every credit went, as pages and as CSV."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors as accounts
from accounts.access import BusinessView
from accounts.errors import RoleNotAllowed
from config.core import csv_text, openapi
from config.core.pagination import CursorPage, page_of, paged
from subscriptions import statement_csv
from subscriptions.examples import credits as examples
from subscriptions.selectors import lines, statement, uses
from subscriptions.serializers import statements as shapes

from .receipts import ErrorsAsJson

_CSV = {(200, "text/csv"): OpenApiTypes.STR}
_NEEDS = "statements"


class OldestFirst(CursorPage):
    ordering = ("pk",)  # type: ignore[assignment]  # of any length


class StatementView(BusinessView):
    capabilities = {"GET": _NEEDS, "HEAD": _NEEDS}
    content_negotiation_class = ErrorsAsJson

    @extend_schema(
        operation_id="ai_statement",
        tags=["credits"],
        summary="Every line of the ledger in a period, with the running balance, oldest first",
        description="Days are those of the business's time zone. `format=csv` downloads the whole period.",
        parameters=[shapes.PeriodSerializer],
        responses={
            (200, "application/json"): shapes.StatementSerializer,
            **_CSV,
            400: openapi.ErrorSerializer,
            403: openapi.ErrorSerializer,
        },
        examples=[openapi.response(examples.STATEMENT)],
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = _query(shapes.PeriodSerializer, self, request)
        found = statement.statement(
            business_id=self.business.pk,
            first=query["from"],
            last=query["to"],
            timezone=self.business.timezone,
        )
        if query["format"] == "csv":
            name = f"statement-{found.first}-{found.last}.csv"
            return csv_text.download(statement_csv.statement_rows(found), filename=name)
        return self._page(request, found)

    def _page(self, request: Request, found: statement.Statement) -> Response:
        paginator = OldestFirst()
        entries = paginator.paginate_queryset(found.entries(), request, view=self)
        rows = shapes.StatementLineSerializer(lines.lines(entries or []), many=True)
        head = {
            "from": found.first,
            "to": found.last,
            "timezone": found.timezone,
            "opening_balance": found.opening_balance,
            "closing_balance": found.closing_balance,
            "totals": shapes.KindTotalSerializer(statement.totals(of=found), many=True).data,
        }
        page = paginator.get_paginated_response(rows.data)
        page.data = {**head, **page.data}
        return page


class TransactionsView(BusinessView):
    content_negotiation_class = ErrorsAsJson

    @extend_schema(
        operation_id="ai_transaction_list",
        tags=["credits"],
        summary="Every AI use, newest first; members who may not read statements see their own",
        description="Days are those of the business's time zone. `format=csv` downloads all that match,"
        " oldest first. What the provider cost is there for platform staff alone.",
        parameters=[shapes.UsesQuerySerializer],
        responses={
            (200, "application/json"): page_of(shapes.UseSerializer),
            **_CSV,
            400: openapi.ErrorSerializer,
            403: openapi.ErrorSerializer,
        },
        examples=[openapi.page(examples.USE)],
    )
    def get(self, request: Request) -> HttpResponseBase:
        query, now = _query(shapes.UsesQuerySerializer, self, request), timezone.now()
        rows = uses.uses(
            business_id=self.business.pk,
            wanted=uses.Filter(
                membership_id=self._member(query.get("member")),
                **{name: query.get(name) for name in ("feature", "status", "source")},
                first=query["from"],
                last=query["to"],
            ),
            timezone=self.business.timezone,
        )
        is_staff = bool(request.user.is_staff)
        if query["format"] == "csv":
            zone = self.business.timezone
            told = statement_csv.use_rows(uses.oldest_first(rows), timezone=zone, now=now, costs=is_staff)
            return csv_text.download(told, filename=f"ai-uses-to-{query['to']}.csv")
        shape = shapes.UseWithCostSerializer if is_staff else shapes.UseSerializer
        return paged(view=self, request=request, queryset=rows, serializer=shape)

    def _member(self, wanted: int | None) -> int | None:
        """Whose uses are shown; None: everybody's. Raises RoleNotAllowed, ValidationError."""
        if self.role is None or _NEEDS not in self.role.capabilities:
            if wanted not in (None, self.membership.pk):
                raise RoleNotAllowed(needs=_NEEDS)
            return self.membership.pk
        members = accounts.members(business_id=self.business.pk)
        if wanted is not None and not members.filter(pk=wanted).exists():
            raise ValidationError({"member": "This is not the id of a member of your business."})
        return wanted


def _query(shape: Any, view: BusinessView, request: Request) -> dict[str, Any]:
    today = timezone.now().astimezone(ZoneInfo(view.business.timezone)).date()
    query = shape(data=request.query_params, context={"today": today})
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
