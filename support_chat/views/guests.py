"""The way in for visitors who are not signed in."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from config.core import rate_limit
from config.core.client_ip import client_ip
from support_chat import examples, serializers
from support_chat.services import askers, quotas

from .document import READ_REFUSALS


class AddressRate(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        limit = settings.RATE_LIMITS["guest_token"]
        rate_limit.check(scope="guest_token", identity=client_ip(request), limit=limit)
        return True


class GuestView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [AddressRate]

    @extend_schema(
        operation_id="support_guest",
        summary="Chat without an account",
        tags=["Support"],
        auth=[],
        request=None,
        responses={201: serializers.GuestTokenSerializer, 429: READ_REFUSALS[429]},
        examples=examples.GUEST,
    )
    def post(self, request: Request) -> Response:
        """A token to send as `X-Guest-Token`: 10 messages in 24 hours, with the executive assistant."""
        now = timezone.now()
        token = askers.new_guest_token()
        asker = askers.guest_of_token(token)
        limits = quotas.limits(asker=asker, now=now)
        given = {
            "guest_token": token,
            "expires_at": now + askers.TOKEN_LIFE,
            "quota": quotas.left(asker=asker, limits=limits, now=now),
        }
        return Response(serializers.GuestTokenSerializer(given).data, status=201)
