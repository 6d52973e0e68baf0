"""`/api/business/budgets/`: what the owner allows in a month; `/api/subscriptions/quota/`: what is left."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView, person
from config.core import openapi
from config.core.pagination import page_of, paged
from subscriptions.examples import limits as examples
from subscriptions.selectors import budgets as selector
from subscriptions.selectors import quota
from subscriptions.serializers import budgets as shapes
from subscriptions.services import budgets

_PEOPLE_WRITE = {"GET": "read", "HEAD": "read"}
_NOT_FOUND = openapi.error("not_found", "Not found.", 404)


class BudgetsView(BusinessView):
    capabilities = {"GET": "manage", "HEAD": "manage", "POST": "manage"}
    scopes = _PEOPLE_WRITE

    @extend_schema(
        tags=["business"],
        operation_id="budget_list",
        summary="The monthly AI budgets, each with what is spent of it",
        responses=page_of(shapes.BudgetSerializer),
        examples=[openapi.page(examples.BUDGET)],
    )
    def get(self, request: Request) -> Response:
        rows = selector.of_business(business_id=self.business.pk, now=timezone.now())
        return paged(view=self, request=request, queryset=rows, serializer=shapes.BudgetSerializer)

    @extend_schema(
        tags=["business"],
        operation_id="budget_create",
        summary="Limit what the business, a member or a feature may spend in a month",
        request=shapes.BudgetCreateSerializer,
        responses={201: shapes.BudgetSerializer, 404: openapi.ErrorSerializer, 409: openapi.ErrorSerializer},
        examples=[
            openapi.request(examples.NEW_BUDGET),
            openapi.response(examples.BUDGET),
            openapi.error("not_found", "There is no such member.", 404),
            openapi.error("budget_exists", "There is a budget for this already. Change that one.", 409),
        ],
    )
    def post(self, request: Request) -> Response:
        body = shapes.BudgetCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        made = budgets.create(business_id=self.business.pk, now=now, **body.validated_data)
        line = selector.line(business_id=self.business.pk, budget_id=made.pk, now=now)
        return Response(shapes.BudgetSerializer(line).data, status=status.HTTP_201_CREATED)


class BudgetView(BusinessView):
    capabilities = {"PATCH": "manage", "DELETE": "manage"}
    scopes = _PEOPLE_WRITE

    @extend_schema(
        tags=["business"],
        operation_id="budget_change",
        summary="Change a budget from now on",
        request=shapes.BudgetChangeSerializer,
        responses={200: shapes.BudgetSerializer, 404: openapi.ErrorSerializer},
        examples=[openapi.request({"limit": 80}), openapi.response(examples.BUDGET), _NOT_FOUND],
    )
    def patch(self, request: Request, budget_id: int) -> Response:
        body = shapes.BudgetChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        budgets.change(business_id=self.business.pk, budget_id=budget_id, now=now, **body.validated_data)
        line = selector.line(business_id=self.business.pk, budget_id=budget_id, now=now)
        return Response(shapes.BudgetSerializer(line).data)

    @extend_schema(
        tags=["business"],
        operation_id="budget_remove",
        summary="Remove a budget; nothing is limited by it any more",
        responses={204: None, 404: openapi.ErrorSerializer},
        examples=[OpenApiExample("Removed", status_codes=["204"], value=None), _NOT_FOUND],
    )
    def delete(self, request: Request, budget_id: int, **kwargs: Any) -> Response:
        budgets.remove(business_id=self.business.pk, budget_id=budget_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class QuotaView(BusinessView):
    @extend_schema(
        tags=["credits"],
        operation_id="quota",
        summary="What is left for the caller: requests, the role's allowance, budgets",
        responses=shapes.QuotaSerializer,
        examples=[openapi.response(examples.QUOTA)],
    )
    def get(self, request: Request) -> Response:
        left = quota.quota(
            business_id=self.business.pk,
            membership_id=self.membership.pk,
            user_id=self.membership.user_id,
            role=self.membership.role,
            daily_limit_usd=self.role.daily_ai_cost_usd if self.role else Decimal(0),
            now=timezone.now(),
        )
        if not person(request).is_staff:
            del left["daily_allowance"]["limit_usd"], left["daily_allowance"]["used_usd"]
        return Response(shapes.QuotaSerializer(left).data)
