"""What the chat's endpoints say of themselves in the API's document."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from config.core import openapi
from config.core.openapi import ErrorSerializer

IDEMPOTENCY_KEY = openapi.idempotency_key("The same key stores the message once.")
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The id of the last event seen; also as `?last_event_id=`.",
)
EVENTS = OpenApiTypes.STR
SEND_REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), ErrorSerializer)
READ_REFUSALS = dict.fromkeys((401, 403, 404, 429), ErrorSerializer)
