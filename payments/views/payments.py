"""`/api/payments/{reference}/`: how a payment stands, its code, and another attempt."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi, rate_limit
from config.core.idempotency import idempotent
from payments import examples, selectors
from payments.serializers import CodeRequestSerializer, PaymentSerializer, RetryRequestSerializer
from payments.services import charges, retries

CODES = "10/minute"
RETRIES = "10/minute"


class PaymentView(BusinessView):
    """How one payment stands. It does not ask the gateway; verifying a purchase does."""

    @extend_schema(
        operation_id="payment_status",
        summary="Status of a payment",
        responses={
            200: PaymentSerializer,
            401: openapi.ErrorSerializer,
            403: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
        },
        examples=[
            openapi.response(examples.PAID, name="Paid with mobile money"),
            openapi.response(examples.PROMPTED, name="A prompt is on the phone"),
        ],
    )
    def get(self, request: Request, reference: str) -> Response:
        payment = selectors.get_payment(reference=reference, business_id=self.business.pk)
        return Response(PaymentSerializer(payment).data)


class CodeView(BusinessView):
    capabilities = {"POST": "buy"}

    @extend_schema(
        operation_id="payment_code",
        summary="Enter the code that the payer was sent (next_action enter_otp)",
        request=CodeRequestSerializer,
        responses={
            200: PaymentSerializer,
            400: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
        },
        examples=[openapi.request({"otp": "123456"}), openapi.response(examples.PROMPTED)],
    )
    def post(self, request: Request, reference: str) -> Response:
        payment = selectors.get_payment(reference=reference, business_id=self.business.pk)
        body = CodeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rate_limit.check(scope="payment-code", identity=reference, limit=CODES)
        now = timezone.now()
        payment = charges.submit_code(payment_id=payment.pk, otp=body.validated_data["otp"], now=now)
        return Response(PaymentSerializer(payment).data)


class RetryView(BusinessView):
    capabilities = {"POST": "buy"}

    @extend_schema(
        operation_id="payment_retry",
        summary="Try to pay for the same order again: another phone or network, or the payment page",
        request=RetryRequestSerializer,
        responses={
            201: PaymentSerializer,
            400: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[openapi.request(examples.RETRY), openapi.response(examples.PROMPTED, status=201)],
    )
    @idempotent
    def post(self, request: Request, reference: str) -> Response:
        payment = selectors.get_payment(reference=reference, business_id=self.business.pk)
        body = RetryRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rate_limit.check(scope="payment-retry", identity=str(payment.order_id), limit=RETRIES)
        again = retries.try_again(
            reference=reference,
            started_by_id=self.membership.user_id,
            now=timezone.now(),
            **body.validated_data,
        )
        return Response(PaymentSerializer(again).data, status=201)
