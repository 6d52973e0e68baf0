"""`/api/business/alerts/` and `/api/business/preferences/`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.pagination import page_of, paged
from config.core.public_http import AddressNotAllowed
from subscriptions.examples import limits as examples
from subscriptions.selectors import alerts
from subscriptions.serializers import alerts as bodies
from subscriptions.services import preferences

PEOPLE_WRITE = {"GET": "read", "HEAD": "read"}


class AlertsView(BusinessView):
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["alerts"],
        operation_id="alert_list",
        summary="What your business was told of, newest first",
        parameters=[bodies.AlertQuerySerializer],
        responses=page_of(bodies.AlertSerializer),
        examples=[openapi.page(examples.ALERT)],
    )
    def get(self, request: Request) -> Response:
        query = bodies.AlertQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = alerts.alerts(business_id=self.business.pk, **query.validated_data)
        return paged(view=self, request=request, queryset=rows, serializer=bodies.AlertSerializer)


class AlertReadView(BusinessView):
    capabilities = {"POST": "manage"}
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["alerts"],
        operation_id="alert_read",
        summary="Mark an alert as read, for everybody in the business; again changes nothing",
        request=None,
        responses=bodies.AlertSerializer,
        examples=[openapi.response(examples.ALERT_READ)],
    )
    def post(self, request: Request, alert_id: int, **kwargs: Any) -> Response:
        preferences.mark_read(business_id=self.business.pk, alert_id=alert_id, now=timezone.now())
        found = alerts.alert(business_id=self.business.pk, alert_id=alert_id)
        return Response(bodies.AlertSerializer(found).data)


class AlertsReadAllView(BusinessView):
    capabilities = {"POST": "manage"}
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["alerts"],
        operation_id="alert_read_all",
        summary="Mark every alert as read",
        request=None,
        responses=bodies.MarkedSerializer,
        examples=[openapi.response({"marked": 3})],
    )
    def post(self, request: Request) -> Response:
        marked = preferences.mark_read(business_id=self.business.pk, alert_id=None, now=timezone.now())
        return Response(bodies.MarkedSerializer({"marked": marked}).data)


class PreferencesView(BusinessView):
    capabilities = {"PATCH": "manage"}
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["alerts"],
        operation_id="preferences",
        summary="When and how your business is told of things",
        responses=bodies.PreferencesSerializer,
        examples=[openapi.response(examples.PREFERENCES)],
    )
    def get(self, request: Request) -> Response:
        mine = alerts.preferences(business_id=self.business.pk)
        return Response(bodies.PreferencesSerializer(mine).data)

    @extend_schema(
        tags=["alerts"],
        operation_id="preferences_update",
        summary="Change when and how your business is told; what is left out stays",
        request=bodies.PreferencesUpdateSerializer,
        responses={200: bodies.PreferencesSerializer, 400: openapi.ErrorSerializer},
        examples=[
            openapi.request(examples.PREFERENCES_UPDATE),
            openapi.response(examples.PREFERENCES),
            openapi.error("address_not_allowed", AddressNotAllowed.detail, 400),
        ],
    )
    def patch(self, request: Request) -> Response:
        body = bodies.PreferencesUpdateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        preferences.update(business_id=self.business.pk, now=timezone.now(), **body.validated_data)
        return self.get(request)
