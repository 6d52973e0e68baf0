"""`/api/subscriptions/ai/pricing/`: what is on sale. Not a business's own, so any signed-in user may ask."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core import openapi
from subscriptions.examples import credits as examples
from subscriptions.selectors.pricing import pricing
from subscriptions.serializers.catalogue import PricingSerializer


class PricingView(APIView):
    @extend_schema(
        operation_id="ai_pricing",
        tags=["credits"],
        summary="Credit packs, what each feature costs, and the monthly add-on",
        responses=PricingSerializer,
        examples=[openapi.response(examples.PRICING)],
    )
    def get(self, request: Request) -> Response:
        return Response(PricingSerializer(pricing(now=timezone.now())).data)
