"""`/api/subscriptions/ai/purchases/{id}/refund/`."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from subscriptions.errors import NothingToRefund, RefundWindowOver
from subscriptions.examples import purchases as examples
from subscriptions.serializers import billing
from subscriptions.services import refunds


class RefundView(BusinessView):
    capabilities = {"POST": "refund"}

    @extend_schema(
        operation_id="ai_purchase_refund",
        tags=["credits"],
        summary="Give back what is unspent of a purchase, within 7 days of it",
        description="The unspent credits are taken at once; the money follows. Should the refund fail, the"
        " credits come back. Spent credits are not refunded.",
        request=billing.RefundRequestSerializer,
        responses={
            202: billing.RefundSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(examples.REFUND_REQUEST),
            openapi.response(examples.REFUND, status=202),
            openapi.error("nothing_to_refund", NothingToRefund.detail, 409),
            openapi.error("refund_window_over", RefundWindowOver.detail, 409),
        ],
    )
    @idempotent
    def post(self, request: Request, purchase_id: UUID) -> Response:
        body = billing.RefundRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        done = refunds.request_as_owner(
            business_id=self.business.pk,
            purchase_id=purchase_id,
            reason=body.validated_data["reason"],
            requested_by=self.membership.user_id,
            now=timezone.now(),
        )
        message = (
            f"{done.credits} unspent credits were taken back."
            f" GHS {done.refund.amount_ghs} is on its way to whoever paid."
        )
        answer = {"refund": done.refund, "credits": done.credits, "message": message}
        return Response(billing.RefundSerializer(answer).data, status=202)
