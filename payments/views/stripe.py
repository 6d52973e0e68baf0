from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core import openapi
from config.core.errors import NotFound
from config.core.json import BodyTooLarge
from payments import providers
from payments.serializers import ReceivedSerializer
from payments.services import webhooks

from .webhooks import WhateverIsAccepted

_SCHEMA = {
    "type": "object",
    "required": ["id", "object", "type", "data"],
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string", "enum": ["event"]},
        "type": {"type": "string"},
        "livemode": {"type": "boolean"},
        "data": {"type": "object", "properties": {"object": {"type": "object"}}},
    },
}
_EXAMPLE = {
    "id": "evt_1S8fTtLkdIwHu7ixqX3RrS4a",
    "object": "event",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {
        "object": {
            "id": "cs_test_a1B2c3D4",
            "object": "checkout.session",
            "client_reference_id": "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31",
            "payment_status": "paid",
        }
    },
}


class StripeWebhookView(APIView):
    """Called by Stripe. The signature is its only credential."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    content_negotiation_class = WhateverIsAccepted
    throttle_classes: list[Any] = []  # a refused delivery would only come again

    @extend_schema(
        operation_id="stripe_webhook",
        summary="Deliver a Stripe event",
        auth=[],
        parameters=[
            OpenApiParameter(
                "Stripe-Signature",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`t=…,v1=…`: HMAC-SHA256 of `t.body` with the endpoint's secret; up to 5 min old",
            )
        ],
        request={"application/json": _SCHEMA},
        responses={
            200: ReceivedSerializer,
            401: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            413: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(_EXAMPLE, "A card payment succeeded"),
            openapi.response({"received": True}, "Kept", 200),
            openapi.error("not_found", "Stripe is not set up here.", 404),
        ],
    )
    def post(self, request: Request) -> Response:
        if "stripe" not in providers.configured():
            raise NotFound("Stripe is not set up here.")
        try:
            body = request._request.body  # the raw bytes: they are what is signed
        except RequestDataTooBig:
            raise BodyTooLarge from None
        signature = request.headers.get("Stripe-Signature", "")
        webhooks.receive(gateway_name="stripe", body=body, signature=signature, now=timezone.now())
        return Response({"received": True})
