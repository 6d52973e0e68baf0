"""`/api/subscriptions/licences/` and `tier/`: API tiers and support-chat licences of members."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors as accounts
from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from config.core.pagination import page_of, paged
from subscriptions.examples import plans as examples
from subscriptions.selectors import licences as selectors
from subscriptions.selectors import tiers
from subscriptions.serializers import licences as shapes
from subscriptions.services import licences


class LicencesView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="licence_list",
        tags=["licences"],
        summary="The licences this business bought, newest first: yours, or all for who may subscribe",
        responses=page_of(shapes.LicenceMonthSerializer),
        examples=[openapi.page(examples.LICENCE)],
    )
    def get(self, request: Request) -> Response:
        sees_all = self.role is not None and "subscribe" in self.role.capabilities
        rows = selectors.bought(
            business_id=self.business.pk,
            user_id=None if sees_all else self.membership.user_id,
            now=timezone.now(),
        )
        return paged(view=self, request=request, queryset=rows, serializer=shapes.LicenceMonthSerializer)

    @extend_schema(
        operation_id="licence_order",
        tags=["licences"],
        summary="Order a month of an API tier or of support chat, for you or a member; it counts once paid",
        request=shapes.LicenceRequestSerializer,
        responses={
            201: shapes.LicenceOrderSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(examples.LICENCE_REQUEST),
            openapi.response(examples.LICENCE_ORDER, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = shapes.LicenceRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        member_id = body.validated_data.pop("user", self.membership.pk)
        month = licences.order(
            business_id=self.business.pk,
            user_id=accounts.member(business_id=self.business.pk, member_id=member_id).user_id,
            ordered_by_id=self.membership.user_id,
            email=self.membership.user.email,
            now=timezone.now(),
            **{"callback_url": "", **body.validated_data},
        )
        return Response(shapes.LicenceOrderSerializer(month).data, status=201)


class TierView(BusinessView):
    @extend_schema(
        operation_id="api_tier",
        tags=["licences"],
        summary="Your API tier in this business, why, and every tier on offer",
        responses=shapes.TierSerializer,
        examples=[openapi.response(examples.TIER)],
    )
    def get(self, request: Request) -> Response:
        found = tiers.overview(
            user_id=self.membership.user_id, business_id=self.business.pk, now=timezone.now()
        )
        return Response(shapes.TierSerializer(found).data)
