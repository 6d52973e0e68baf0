"""What the page of one conversation shows, at first and whenever it asks for news."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from support_chat import languages, selectors
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.services.assistants import CATEGORIES

PAGE = 100
_NAME = "admin:support_chat_supportconversation"
Status = SupportConversation.Status


def may_act(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("support_chat.change_supportconversation"))


def page_of(conversation: SupportConversation, *, request: HttpRequest, before: str) -> dict[str, Any]:
    """The newest messages, or those before number `before`; and what else the template needs."""
    rows = _messages(conversation)
    earlier = int(before) if before.isdecimal() and len(before) < 10 else None
    if earlier is not None:
        rows = rows.filter(number__lt=earlier)
    shown = list(rows.order_by("-number")[: PAGE + 1])
    earlier_one = shown[PAGE] if len(shown) > PAGE else None
    shown = shown[:PAGE][::-1]
    return {
        **_state(conversation, request),
        "rows": _marked(shown, earlier_one),
        "after": _settled(shown),
        "earlier_than": shown[0].number if earlier_one else None,
        "is_live": earlier is None,
        "key": uuid4(),
        "urls": {
            name: reverse(f"{_NAME}_{name}", args=[conversation.pk]) for name in ("news", "reply", "change")
        },
    }


def news_of(
    conversation: SupportConversation, *, request: HttpRequest, after: int, version: str
) -> dict[str, Any]:
    """Messages above `after`, oldest first; the state of the conversation where it is not `version`."""
    rows = list(_messages(conversation).filter(number__gte=after).order_by("number")[: PAGE + 1])
    last_one = rows.pop(0) if rows and rows[0].number == after else None
    state = _state(conversation, request)
    news: dict[str, Any] = {
        "messages": [
            {
                "number": row["message"].number,
                "html": render_to_string("admin/support_chat/message.html", row, request),
            }
            for row in _marked(rows, last_one)
        ],
        "after": max(after, _settled(rows)),
        "version": state["version"],
        "may_reply": state["may_reply"],
    }
    if state["version"] != version:
        news["state"] = render_to_string("admin/support_chat/state.html", state, request)
    return news


def _messages(conversation: SupportConversation) -> Any:
    return SupportMessage.objects.select_related("staff").filter(conversation=conversation)


def _marked(rows: list[SupportMessage], before: SupportMessage | None) -> list[dict[str, Any]]:
    """Each with whether it begins a segment. `before` is the message in front of them, if there is one."""
    return [
        {"message": row, "is_new_segment": was is not None and was.segment != row.segment}
        for was, row in zip([before, *rows], rows, strict=False)
    ]


def _settled(rows: list[SupportMessage]) -> int:
    """The last number up to which every one of these messages has ended."""
    settled = 0
    for row in rows:
        if row.finished_at is None:
            break
        settled = row.number
    return settled if settled or not rows else rows[0].number - 1


def _state(conversation: SupportConversation, request: HttpRequest) -> dict[str, Any]:
    ticket = selectors.open_ticket(conversation_id=conversation.pk)
    is_mine = ticket is not None and ticket.assigned_to_id == request.user.pk
    urls = {
        name: reverse(f"{_NAME}_{name}", args=[conversation.pk])
        for name in ("assign", "classify", "hand_back", "resolve", "close")
    }
    told = (
        *(conversation.status, conversation.segment, conversation.reopened, conversation.csat),
        *((ticket.pk, ticket.assigned_to_id, ticket.priority, ticket.category) if ticket else ()),
        ticket.waiting_since if ticket else None,
    )
    return {
        "conversation": conversation,
        "language": languages.NAMES.get(conversation.language, conversation.language),
        "status": conversation.get_status_display(),
        "ticket": ticket,
        "is_mine": is_mine,
        "may_act": may_act(request),
        "may_reply": may_act(request) and conversation.status == Status.WITH_STAFF,
        "may_take": conversation.status != Status.CLOSED and not is_mine,
        "priorities": SupportTicket.Priority.values,
        "categories": CATEGORIES,
        "acts": urls,
        "version": "|".join(str(part) for part in told),
    }
