from collections.abc import Iterable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import BusinessView
from config.core.client_ip import client_ip
from config.core.errors import DomainError
from config.core.json import BodyTooLarge
from config.core.openapi import ErrorSerializer

from . import selectors
from .errors import UnclaimedPayment
from .serializers import PaymentSerializer, ReceivedSerializer
from .services import settlement, webhooks
from .types import PaymentStatus

_REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
_EVENT_SCHEMA = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "data": {"oneOf": [{"type": "object"}, {"type": "array"}]}},
}
_log = structlog.get_logger("sika.payments")


class PaymentView(BusinessView):
    """How one payment stands. It does not ask the gateway; verifying a purchase does."""

    @extend_schema(
        operation_id="payment_status",
        summary="Status of a payment",
        responses={200: PaymentSerializer, 401: ErrorSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
        examples=[
            OpenApiExample(
                "Paid with mobile money",
                response_only=True,
                status_codes=["200"],
                value={
                    "reference": _REFERENCE,
                    "status": "SUCCESSFUL",
                    "purpose": "credit_purchase",
                    "method": "MOMO",
                    "amount": 50.00,
                    "currency": "GHS",
                    "channel": "mobile_money",
                    "payment_url": "https://checkout.paystack.com/3ni8kdavz62431k",
                    "message": "Approved",
                    "created_at": "2026-11-21T09:30:00Z",
                    "settled_at": "2026-11-21T09:31:12Z",
                },
            )
        ],
    )
    def get(self, request: Request, reference: str) -> Response:
        payment = selectors.get_payment(reference=reference, business_id=self.business.pk)
        return Response(PaymentSerializer(payment).data)


class WhateverIsAccepted(BaseContentNegotiation):
    """Answers in JSON without looking at `Accept`: a delivery is not refused over its manners."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class PaystackWebhookView(APIView):
    """Called by Paystack. The signature is its only credential."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    content_negotiation_class = WhateverIsAccepted
    throttle_classes: list[Any] = []  # a refused delivery would only come again

    @extend_schema(
        operation_id="paystack_webhook",
        summary="Deliver a Paystack event",
        auth=[],
        parameters=[
            OpenApiParameter(
                "X-Paystack-Signature",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="Lower-case hex HMAC-SHA512 of the raw body, keyed with the secret key.",
            )
        ],
        request={"application/json": _EVENT_SCHEMA},
        responses={
            200: ReceivedSerializer,
            401: ErrorSerializer,
            403: ErrorSerializer,
            413: ErrorSerializer,
        },
        examples=[
            OpenApiExample(
                "A mobile-money payment succeeded",
                request_only=True,
                value={
                    "event": "charge.success",
                    "data": {"reference": _REFERENCE, "status": "success", "amount": 5000, "currency": "GHS"},
                },
            ),
            OpenApiExample("Kept", response_only=True, status_codes=["200"], value={"received": True}),
        ],
    )
    def post(self, request: Request) -> Response:
        webhooks.refuse_strangers(source=client_ip(request), allowed=settings.PAYSTACK_WEBHOOK_IPS)
        # The raw bytes: what is signed is the body as sent, not as anyone parses it.
        try:
            body = request._request.body
        except RequestDataTooBig:
            raise BodyTooLarge from None
        webhooks.receive(
            gateway_name="paystack",
            body=body,
            signature=request.headers.get("X-Paystack-Signature", ""),
            now=timezone.now(),
        )
        return Response({"received": True})


@require_GET
@never_cache
def return_page(request: HttpRequest) -> HttpResponse:
    """Where the checkout sends the browser. Arriving proves nothing, so it asks the gateway.

    Without sign-in: it says paid, failed or waiting, never for whom or how much. A reference that does not
    exist is waiting, too.
    """
    reference = request.GET.get("reference") or request.GET.get("trxref") or ""
    try:
        status = settlement.verify(reference=reference, now=timezone.now()).status
    except (DomainError, OperationalError):
        status = PaymentStatus.PENDING
    except UnclaimedPayment:
        _log.exception("unclaimed_payment", reference=reference)
        status = PaymentStatus.PENDING
    response = render(request, "payments/return.html", {"outcome": _OUTCOMES.get(status, "waiting")})
    response["Referrer-Policy"] = "no-referrer"
    return response


_OUTCOMES: dict[str, str] = {
    PaymentStatus.SUCCESSFUL: "paid",
    PaymentStatus.REFUNDED: "paid",
    PaymentStatus.FAILED: "failed",
}
