"""The chat's figures, for staff."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core import openapi
from support_chat import analytics
from support_chat.analytics import example
from support_chat.analytics.serializers import SupportAnalyticsQuerySerializer, SupportAnalyticsSerializer

_REFUSALS = dict.fromkeys((400, 401, 403), openapi.ErrorSerializer)


class SupportAnalyticsView(APIView):
    permission_classes = [IsAdminUser]

    @extend_schema(
        summary="The support chat: answers, waiting, resolution, hand-offs, ratings, cost; what people ask",
        tags=["staff"],
        parameters=[SupportAnalyticsQuerySerializer],
        responses={200: SupportAnalyticsSerializer, **_REFUSALS},
        examples=[openapi.response(example.SUPPORT_ANALYTICS)],
    )
    def get(self, request: Request) -> Response:
        """Times are seconds, rates percent; both null where there is nothing to divide by."""
        query = SupportAnalyticsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = analytics.report(scope=analytics.Scope(**query.validated_data), now=timezone.now())
        return Response(SupportAnalyticsSerializer(found).data)
