"""What calls of the chat look like, for the API's document."""

from typing import Any

from config.core.openapi import error, page, request, response

_CONVERSATION: dict[str, Any] = {
    "id": "5b0c7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10",
    "title": "How do I buy credits with MoMo?",
    "status": "open",
    "assistant": "executive",
    "language": "en",
    "segment": 1,
    "messages_used": 1,
    "carried_from": None,
    "csat": None,
    "created_at": "2026-11-21T09:00:00Z",
    "last_message_at": "2026-11-21T09:00:02Z",
    "ended_at": None,
}
_MESSAGE: dict[str, Any] = {
    "number": 1,
    "author": "user",
    "status": "done",
    "text": "How do I buy credits with MoMo?",
    "source": None,
    "sources": [],
    "attachments": [],
    "language": "en",
    "error_code": None,
    "created_at": "2026-11-21T09:00:00Z",
    "finished_at": "2026-11-21T09:00:00Z",
}
_REPLY: dict[str, Any] = _MESSAGE | {
    "number": 2,
    "author": "bot",
    "text": "Open Buy credits, choose a pack and MoMo, and approve the prompt on your phone.",
    "source": "model",
    "sources": [{"slug": "pay-with-momo", "title": "Paying with mobile money"}],
    "finished_at": "2026-11-21T09:00:02Z",
}
_DAY = {"limit": 500, "used": 1, "left": 499, "resets_at": "2026-11-22T00:00:00Z"}
_HOUR = {"limit": 100, "used": 1, "left": 99, "resets_at": "2026-11-21T10:00:00Z"}
_QUOTA = {"plan": "pro", "day": _DAY, "hour": _HOUR}
_ROOM = {"conversation": {"limit": 200, "used": 1, "left": 199}}

CHAT = [
    request({"message": "How do I buy credits with MoMo?"}, "Begin a conversation"),
    request({"message": "And by card?", "conversation_id": _CONVERSATION["id"]}, "Go on"),
    response({"conversation": _CONVERSATION, "message": _MESSAGE, "reply": _REPLY, "quota": _QUOTA | _ROOM}),
    error(
        "daily_limit",
        "You have sent as many messages today as your support-chat licence allows. Wait, or upgrade.",
        429,
        limit=20,
        used=20,
        resets_at="2026-11-22T00:00:00+00:00",
        retry_after=54000,
        plan="free",
    ),
]
STREAM = [
    response(
        'id: 1795251600000-0\nevent: message.start\ndata: {"number": 2, "author": "bot"}\n\n'
        'id: 1795251600120-0\nevent: delta\ndata: {"number": 2, "text": "Open Buy credits. "}\n\n'
    ),
]
_DESK = {
    "business": "Ama's Provisions",
    "user": "ama@shop.example",
    "priority": "high",
    "category": "payments",
    "waiting_since": "2026-11-21T09:04:00Z",
    "assigned_to": None,
}
_WITH_STAFF = _CONVERSATION | {"status": "with_staff"}
_TICKET = {
    "id": "0d5e0a83-6f0f-4a0e-8a54-1f0f5d1f6f11",
    "status": "open",
    "priority": "high",
    "category": "payments",
    "sentiment": "negative",
    "reason": "user",
    "created_at": "2026-11-21T09:04:00Z",
}
ESCALATE = [
    request({"reason": "I paid twice by MoMo", "category": "payments"}),
    response({"conversation": _WITH_STAFF, "ticket": _TICKET}),
    error(
        "conversation_closed",
        "This conversation is closed. Leave out `conversation_id` to begin a new one.",
        409,
    ),
]
FEEDBACK = [
    request({"rating": 5, "comment": "Quick and kind"}),
    response(_CONVERSATION | {"status": "resolved", "csat": 5, "ended_at": "2026-11-21T09:12:00Z"}),
]
CONVERSATIONS = [page(_CONVERSATION), page(_WITH_STAFF | {"title": "", "desk": _DESK}, "One page, for staff")]
CONVERSATION = [response(_CONVERSATION)]
MESSAGES = [page(_REPLY)]
QUOTA = [response(_QUOTA)]
GUEST = [
    response(
        {
            "guest_token": "IjRm…",
            "expires_at": "2026-12-21T09:00:00Z",
            "quota": {
                "plan": "guest",
                "day": {"limit": 10, "used": 0, "left": 10, "resets_at": "2026-11-22T09:00:00Z"},
            },
        }
    )
]
