"""The AI endpoints: one POST per feature, and what was stored about a call."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from accounts.authentication import ApiKeyAuthentication
from ai_features import examples, feature_schema, selectors, serializers
from ai_features.features.base import Feature
from ai_features.models import AIRequest
from ai_features.services import caller, gateway
from config.core import openapi
from config.core.idempotency import KeyRequired, idempotent
from subscriptions.selectors import usage

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="8 to 255 printable characters. Required with an API key: the same key is charged once.",
)
ERROR = serializers.AIErrorSerializer
REFUSALS = dict.fromkeys((400, 401, 402, 403, 404, 409, 422, 429, 502, 503), ERROR)
READ_REFUSALS = dict.fromkeys((401, 403, 404), ERROR)


class FeatureView(BusinessView):
    """The endpoint of one feature; the gateway does the work."""

    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "ai"}
    feature: ClassVar[Feature]

    @idempotent
    def post(self, request: Request) -> Response:
        key: str | None = request.idempotency_key  # type: ignore[attr-defined]
        if key is None and isinstance(request.successful_authenticator, ApiKeyAuthentication):
            raise KeyRequired
        answer = gateway.run(
            feature=self.feature,
            data=request.data,
            caller=caller.from_membership(self.membership, self.role, idempotency_key=key),
            now=timezone.now(),
        )
        return Response(serializers.EnvelopeSerializer(answer).data)


def feature_view(feature: Feature) -> type[FeatureView]:
    """The endpoint of a feature, with its document."""
    document = extend_schema(
        operation_id=f"ai_{feature.slug}",
        summary=feature.summary,
        tags=["AI"],
        parameters=[IDEMPOTENCY_KEY],
        request=feature_schema.request_body(feature),
        responses={200: feature_schema.answer(feature), **REFUSALS},
        examples=feature_schema.feature_examples(feature),
    )
    view = type(f"{feature_schema.camel(feature)}View", (FeatureView,), {"feature": feature})
    return extend_schema_view(post=document)(view)


class StoredRequestView(BusinessView):
    def stored(self, request_id: UUID) -> AIRequest:
        return selectors.get_request(
            request_id=request_id,
            business_id=self.business.pk,
            membership_id=self.membership.pk,
            features=frozenset(self.role.features) if self.role is not None else frozenset(),
        )


class RequestView(StoredRequestView):
    @extend_schema(
        summary="A stored answer again",
        tags=["AI"],
        responses={200: serializers.StoredAnswerSerializer, **READ_REFUSALS},
        examples=[openapi.response(examples.STORED)],
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        return Response(serializers.StoredAnswerSerializer(self.stored(request_id)).data)


class ReceiptView(StoredRequestView):
    @extend_schema(
        summary="What one call held, charged and gave back, and from which grants",
        tags=["AI"],
        responses={200: serializers.ReceiptSerializer, **READ_REFUSALS},
        examples=[openapi.response(examples.RECEIPT)],
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        receipt = usage.receipt(business_id=self.business.pk, request_id=self.stored(request_id).pk)
        serializer = serializers.ReceiptSerializer(receipt, context={"is_staff": request.user.is_staff})
        return Response(serializer.data)


class SentView(StoredRequestView):
    @extend_schema(
        summary="Exactly what was sent to the provider",
        tags=["AI"],
        responses={200: serializers.SentSerializer, **READ_REFUSALS},
        examples=[openapi.response(examples.SENT)],
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        return Response(serializers.SentSerializer(self.stored(request_id)).data)
