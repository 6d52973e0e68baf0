from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.client_ip import client_ip
from config.core.json import BodyTooLarge
from config.core.openapi import ErrorSerializer
from payments import examples
from payments.serializers import ReceivedSerializer
from payments.services import webhooks

_EVENT_SCHEMA = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "data": {"oneOf": [{"type": "object"}, {"type": "array"}]}},
}


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
                    "data": {
                        "reference": examples.REFERENCE,
                        "status": "success",
                        "amount": 5000,
                        "currency": "GHS",
                    },
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
