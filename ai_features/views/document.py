"""What every AI endpoint says of itself in the API's document."""

from rest_framework.request import Request

from accounts.authentication import ApiKeyAuthentication
from ai_features import serializers
from config.core import openapi
from config.core.idempotency import KeyRequired

IDEMPOTENCY_KEY = openapi.idempotency_key("Required with an API key: the same key is charged once.")
ERROR = serializers.AIErrorSerializer
REFUSALS = dict.fromkeys((400, 401, 402, 403, 404, 409, 422, 429, 502, 503), ERROR)
READ_REFUSALS = dict.fromkeys((401, 403, 404), ERROR)


def require_key(request: Request) -> str | None:
    """The request's Idempotency-Key. Raises KeyRequired for a program that sends none."""
    key: str | None = request.idempotency_key  # type: ignore[attr-defined]
    if key is None and isinstance(request.successful_authenticator, ApiKeyAuthentication):
        raise KeyRequired
    return key
