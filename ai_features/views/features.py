"""One POST per feature."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from ai_features import feature_schema, serializers
from ai_features.features.base import Feature
from ai_features.services import caller, gateway
from config.core.idempotency import idempotent

from .document import IDEMPOTENCY_KEY, REFUSALS, require_key


class FeatureView(BusinessView):
    """The endpoint of one feature; the gateway does the work."""

    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "ai"}
    feature: ClassVar[Feature]

    @idempotent
    def post(self, request: Request) -> Response:
        key = require_key(request)
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
