"""The platform's figures, for staff."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core import openapi
from subscriptions.examples import analytics as examples
from subscriptions.selectors import analytics, member_usage, money_report
from subscriptions.serializers.analytics import AnalyticsSerializer, UserUsageSerializer

_REFUSALS = dict.fromkeys((400, 401, 403), openapi.ErrorSerializer)


class DaysSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=366)


def _days(default: int) -> OpenApiParameter:
    days = {"type": "integer", "minimum": 1, "maximum": 366, "default": default}
    return OpenApiParameter("days", days, description=f"1 to 366, today included; {default} unless told.")


class StaffView(APIView):
    permission_classes = [IsAdminUser]

    def days(self, request: Request, default: int) -> int:
        query = DaysSerializer(data={"days": request.query_params.get("days", default)})
        query.is_valid(raise_exception=True)
        return int(query.validated_data["days"])


class AnalyticsView(StaffView):
    @extend_schema(
        summary="AI of the whole platform: use, cost, revenue and margin; sales and what they still owe",
        tags=["staff"],
        parameters=[_days(30)],
        responses={200: AnalyticsSerializer, **_REFUSALS},
        examples=[openapi.response(examples.ANALYTICS)],
    )
    def get(self, request: Request) -> Response:
        days, now = self.days(request, 30), timezone.now()
        since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
        used = analytics.analytics(days=days, now=now)
        burnt_ghs = used["totals"]["revenue_ghs"]
        report = {
            **used,
            "money": money_report.money_report(burnt_ghs=burnt_ghs, since=since, now=now),
            "conversion_opportunities": money_report.conversion_opportunities(since=since),
        }
        return Response(AnalyticsSerializer(report).data)


class UserUsageView(StaffView):
    @extend_schema(
        summary="The same for one user, with role and what is left of today's allowance",
        tags=["staff"],
        parameters=[_days(7)],
        responses={200: UserUsageSerializer, **_REFUSALS, 404: openapi.ErrorSerializer},
        examples=[openapi.response(examples.USER_USAGE)],
    )
    def get(self, request: Request, user_id: int) -> Response:
        days, now = self.days(request, 7), timezone.now()
        found = member_usage.member_usage(user_id=user_id, now=now)
        report = {**analytics.analytics(days=days, now=now, user_id=user_id), **found}
        return Response(UserUsageSerializer(report).data)
