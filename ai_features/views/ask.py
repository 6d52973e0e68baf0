"""A free question."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView, check_scope
from ai_features import ask_schema, serializers
from ai_features.services import ask, caller
from config.core.idempotency import idempotent

from .document import IDEMPOTENCY_KEY, REFUSALS, require_key


class AskView(BusinessView):
    """Answers about the account say what `GET`s say, so an API key needs `read` beside `ai`."""

    scopes: ClassVar[dict[str, str]] = {"POST": "ai"}

    @extend_schema(
        operation_id="ai_ask",
        summary="Ask anything: answered here and free where possible, else by the AI",
        description="Commands and simple questions are answered from your own account, or from the"
        " `customers` you send, free and at once. Advice, planning and writing go to the AI at the price"
        " of a Customer Insight Query. `routing` says which way it went and why; `ask_ai: true` always"
        " takes the AI.",
        tags=["AI"],
        parameters=[IDEMPOTENCY_KEY],
        request=ask_schema.request_body(),
        responses={200: ask_schema.answer(), **REFUSALS},
        examples=ask_schema.EXAMPLES,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        check_scope(request, "read")
        key = require_key(request)
        answer = ask.run(
            data=request.data,
            caller=caller.from_membership(self.membership, self.role, idempotency_key=key),
            now=timezone.now(),
        )
        return Response(serializers.AskEnvelopeSerializer(answer).data)
