"""`/api/subscriptions/ai/addon/` and `addon/renew/`."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from subscriptions.examples import addon as examples
from subscriptions.selectors import addons as selectors
from subscriptions.serializers import addons as bodies
from subscriptions.serializers import billing
from subscriptions.services import addons


class AddonView(BusinessView):
    @extend_schema(
        operation_id="ai_addon",
        tags=["add-on"],
        summary="How the monthly add-on stands: its month, what is owed now, what was paid",
        responses={200: bodies.AddonOverviewSerializer, 404: openapi.ErrorSerializer},
        examples=[
            openapi.response(examples.ADDON_DUE, name="A month is due"),
            openapi.error("no_addon", "This business has no monthly add-on yet.", 404),
        ],
    )
    def get(self, request: Request) -> Response:
        found = selectors.overview(business_id=self.business.pk, now=timezone.now())
        return Response(bodies.AddonOverviewSerializer(found).data)


class AddonRenewView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="ai_addon_renew",
        tags=["add-on"],
        summary="Pay for the month that is due; its credits come once it is paid",
        request=billing.AddonRequestSerializer,
        responses={
            201: bodies.RenewalSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request({"payment_method": "MOMO", "phone": "0551234987", "network": "mtn"}),
            openapi.response(examples.ADDON, status=201),
            openapi.error("nothing_due", "No month of the monthly add-on is due.", 409),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = billing.AddonRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        period = addons.renew(
            business_id=self.business.pk,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            now=timezone.now(),
            **{"callback_url": "", **body.validated_data},
        )
        answer = {
            "addon_id": period.addon_id,
            "addon": period.addon,
            "payment": period.payment,
            "next_renewal": selectors.due_until(period),
        }
        return Response(bodies.RenewalSerializer(answer).data, status=201)
