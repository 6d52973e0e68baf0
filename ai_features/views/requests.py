"""What was stored about a call."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from ai_features import examples, selectors, serializers
from ai_features.models import AIRequest
from config.core import openapi
from subscriptions.selectors import usage

from .document import READ_REFUSALS


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
