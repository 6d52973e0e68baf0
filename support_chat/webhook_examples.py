"""What calls about webhooks look like, for the API's document."""

from typing import Any

from config.core.openapi import error, page, request, response
from config.core.public_http import AddressNotAllowed
from support_chat.errors import IntegrationsNotInPlan

_WEBHOOK: dict[str, Any] = {
    "id": "7c1e7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10",
    "host": "hooks.shop.example",
    "events": ["conversation.escalated", "message.created"],
    "is_active": True,
    "created_at": "2026-11-21T09:00:00Z",
}
_DELIVERY: dict[str, Any] = {
    "id": "0d1e7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10",
    "event": "message.created",
    "event_id": "51c0e8d1-7ac6-5c70-8d4e-3e29ad4e1f0a",
    "outcome": "delivered",
    "attempts": 1,
    "status_code": 200,
    "error": "",
    "created_at": "2026-11-21T09:00:02Z",
    "due_at": None,
    "ended_at": "2026-11-21T09:00:02Z",
}
LIST = [page(_WEBHOOK)]
CREATE = [
    request({"url": "https://hooks.shop.example/sika", "events": _WEBHOOK["events"]}),
    response({**_WEBHOOK, "secret": "whsec_…"}),
    error("address_not_allowed", AddressNotAllowed.detail, 400),
    error("integrations_not_in_plan", IntegrationsNotInPlan.detail, 403),
]
ONE = [response(_WEBHOOK)]
CHANGE = [request({"is_active": False}), response({**_WEBHOOK, "is_active": False})]
TEST = [response({**_DELIVERY, "event": "ping"})]
DELIVERIES = [page(_DELIVERY)]
