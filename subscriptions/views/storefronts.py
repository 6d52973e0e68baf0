"""`/api/subscriptions/storefront-plan/`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from subscriptions.errors import NoStorefrontPlan, StorefrontPlanActive, StorefrontPlanEnds
from subscriptions.examples import plans as examples
from subscriptions.selectors import storefronts as selectors
from subscriptions.selectors.addon_calendar import period_start
from subscriptions.serializers import storefronts as bodies
from subscriptions.serializers.billing import CancelRequestSerializer, CancelSerializer
from subscriptions.services import storefronts

_TOO_FEW = openapi.error(
    "too_few_storefronts",
    "You have 3 active storefronts. Close some first, or choose 3 or more.",
    400,
    minimum=3,
)
_NONE = openapi.error("no_storefront_plan", NoStorefrontPlan.detail, 404)


class PlanView(BusinessView):
    @extend_schema(
        operation_id="storefront_plan",
        tags=["storefront plan"],
        summary="The plan of the business, and what it owes",
        responses={200: bodies.StorefrontPlanSerializer, 404: openapi.ErrorSerializer},
        examples=[openapi.response(examples.STOREFRONT_PLAN), _NONE],
    )
    def get(self, request: Request) -> Response:
        plan = selectors.current(business_id=self.business.pk, now=timezone.now())
        return Response(bodies.StorefrontPlanSerializer(plan).data)


class QuoteView(BusinessView):
    @extend_schema(
        operation_id="storefront_plan_quote",
        tags=["storefront plan"],
        summary="What so many storefronts cost a month, and what changing to them costs now",
        parameters=[bodies.StorefrontsSerializer],
        responses={200: bodies.StorefrontQuoteSerializer, 400: openapi.ErrorSerializer},
        examples=[openapi.response(examples.STOREFRONT_QUOTE)],
    )
    def get(self, request: Request) -> Response:
        query = bodies.StorefrontsSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        quote = selectors.quote(business_id=self.business.pk, now=timezone.now(), **query.validated_data)
        return Response(bodies.StorefrontQuoteSerializer(quote).data)


class SubscribeView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="storefront_plan_subscribe",
        tags=["storefront plan"],
        summary="Order the plan; it starts, with its free credits, once the first month is paid",
        request=bodies.StorefrontSubscribeRequestSerializer,
        responses={
            201: bodies.StorefrontSubscribedSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(examples.STOREFRONT_SUBSCRIBE),
            openapi.response(examples.STOREFRONT_SUBSCRIBED, status=201),
            _TOO_FEW,
            openapi.error("already_subscribed", StorefrontPlanActive.detail, 409),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = bodies.StorefrontSubscribeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        period = storefronts.subscribe(
            business_id=self.business.pk,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            now=now,
            **_ordered(body.validated_data),
        )
        period.next_renewal = period_start(now, 1)  # type: ignore[attr-defined]  # for the answer alone
        return Response(bodies.StorefrontSubscribedSerializer(period).data, status=201)


class ChangeView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="storefront_plan_change",
        tags=["storefront plan"],
        summary="Cover more storefronts, once the difference is paid, or fewer from the next renewal on",
        request=bodies.StorefrontSubscribeRequestSerializer,
        responses={
            200: bodies.StorefrontChangedSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(examples.STOREFRONT_SUBSCRIBE),
            openapi.response(examples.STOREFRONT_CHANGED),
            _TOO_FEW,
            _NONE,
            openapi.error("storefront_plan_ends", StorefrontPlanEnds.detail, 409),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = bodies.StorefrontSubscribeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changed = storefronts.change(
            business_id=self.business.pk,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            now=timezone.now(),
            **_ordered(body.validated_data),
        )
        answer = {
            **vars(changed),
            "storefronts": changed.plan.storefronts,
            "next_storefronts": changed.plan.next_storefronts,
            "message": _told(changed, body.validated_data["storefronts"]),
        }
        return Response(bodies.StorefrontChangedSerializer(answer).data)


class CancelView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="storefront_plan_cancel",
        tags=["storefront plan"],
        summary="Stop renewing the plan; what is paid is not given back",
        request=CancelRequestSerializer,
        responses={200: CancelSerializer, 404: openapi.ErrorSerializer},
        examples=[
            openapi.request({"immediate": False}),
            openapi.response(examples.STOREFRONT_CANCELLED),
            _NONE,
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = CancelRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        plan = storefronts.cancel(
            business_id=self.business.pk, immediate=body.validated_data["immediate"], now=timezone.now()
        )
        has_ended = plan.status == "CANCELLED"
        message = "The storefront plan has ended."
        if not has_ended:
            message = f"The storefront plan will not renew. It ends on {plan.period_end:%-d %B %Y}."
        answer = {"success": True, "cancelled_immediately": has_ended, "message": message}
        return Response(CancelSerializer(answer).data)


def _ordered(values: dict[str, Any]) -> dict[str, Any]:
    """How many, and how they are paid."""
    renamed = {"method" if name == "payment_method" else name: value for name, value in values.items()}
    return {"storefronts": renamed.pop("storefronts"), "way_to_pay": renamed}


def _told(changed: storefronts.Changed, storefronts: int) -> str:
    what = selectors.counted(storefronts)
    if changed.order is not None:
        return f"Your plan covers {what} once GHS {changed.cost.now_ghs} is paid for the rest of the month."
    if changed.plan.storefronts == changed.plan.next_storefronts:
        return f"Your plan covers {what}."
    return f"From {changed.cost.renews_at:%-d %B %Y} on your plan covers {what}."
