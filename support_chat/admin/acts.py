"""What each button of the desk does. An act returns what the admin's history is to say; nothing for a reply,
which is in the conversation itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from support_chat.services import desk

from .forms import AssignForm, ClassifyForm, NothingForm, ReplyForm


def _reply(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    desk.reply(staff_id=staff_id, conversation_id=conversation_id, **values, now=now)
    return ""


def _assign(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    desk.assign(staff_id=staff_id, conversation_id=conversation_id, seen=values["seen"], now=now)
    return "Took the ticket"


def _classify(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    ticket = desk.classify(conversation_id=conversation_id, **values)
    return f"Priority {ticket.priority}, category {ticket.category}"


def _hand_back(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    desk.hand_back(staff_id=staff_id, conversation_id=conversation_id, now=now)
    return "Handed back to the bot"


def _resolve(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    desk.resolve(staff_id=staff_id, conversation_id=conversation_id, now=now)
    return "Resolved"


def _close(staff_id: int, conversation_id: UUID, values: dict[str, Any], now: datetime) -> str:
    desk.close(staff_id=staff_id, conversation_id=conversation_id, now=now)
    return "Closed for good"


# By the last part of their addresses.
ACTIONS = {
    "reply": (ReplyForm, _reply),
    "assign": (AssignForm, _assign),
    "classify": (ClassifyForm, _classify),
    "hand-back": (NothingForm, _hand_back),
    "resolve": (NothingForm, _resolve),
    "close": (NothingForm, _close),
}
