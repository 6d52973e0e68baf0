"""What a model is told beside the question: who asks, what their account says, what was said before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from ai_features.services import house
from subscriptions.selectors import account
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import Asker, Limits

from . import quotas

# Of a summary that nobody else wrote: the beginning of each question.
_WORDS_KEPT = 160
_SUMMARY_LONGEST = 2400
_FIGURES = r"(?:balance|credits?|solde|crédits?|add-?on|licen[cs]e|plan|role|rôle|messages?)"
_ACCOUNT = re.compile(
    rf"\b(?:my|our|mon|ma|mes|notre|nos|me)\b.{{0,20}}\b{_FIGURES}\b"
    rf"|\b{_FIGURES}\b.{{0,30}}\b(?:left|remain\w*|reste\w*|(?:do|have) (?:i|we)|i have|j'ai|ai-je|aka)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What was said before in this segment: the newest messages as they are, older ones in a summary.

    `to_fold` are messages that the summary does not tell yet and that no longer fit as they are.
    """

    summary: str
    messages: list[SupportMessage]
    to_fold: list[SupportMessage]


def earlier(*, conversation: SupportConversation, before: int) -> Earlier:
    """The messages below number `before`, within CHAT_CONTEXT_TOKENS. One query."""
    told = SupportMessage.objects.filter(
        conversation=conversation,
        segment=conversation.segment,
        number__lt=before,
        number__gt=conversation.summary_up_to,
        status=SupportMessage.Status.DONE,
        author__in=["user", "bot", "staff"],
    )
    last = told.order_by("-number")[: settings.CHAT_CONTEXT_MESSAGES]
    newest = [one for one in last if not house.reads_like_orders(one.text)]
    kept = _fitting(newest, settings.CHAT_CONTEXT_TOKENS)
    if kept < len(newest):  # make room for a while, so that not every message is a reason to fold
        kept = _fitting(newest, settings.CHAT_CONTEXT_TOKENS // 2)
    return Earlier(
        summary=conversation.summary,
        messages=newest[:kept][::-1],
        to_fold=newest[kept:][::-1],
    )


def _fitting(newest: Sequence[SupportMessage], tokens: int) -> int:
    """How many of them, from the first on, fit into so many tokens."""
    for count, message in enumerate(newest):
        tokens -= house.estimate_tokens(message.text)
        if tokens < 0:
            return count
    return len(newest)


def as_lines(messages: Sequence[SupportMessage]) -> list[dict[str, str]]:
    return [{"from": message.author, "text": message.text} for message in messages]


def is_about_account(question: str) -> bool:
    """Whether the account's own figures may answer it, which no article has."""
    return _ACCOUNT.search(question) is not None


def carry(*, conversation: SupportConversation) -> str:
    """What a new conversation is told of the one it goes on from. One query."""
    said = earlier(conversation=conversation, before=conversation.last_number + 1)
    return digest(said.summary, [*said.to_fold, *said.messages])


def of_account(*, asker: Asker, limits: Limits, now: datetime) -> dict[str, Any]:
    """Role, licence, balance and what is left. Two queries; for a guest nothing of a shop."""
    left = quotas.left(asker=asker, limits=limits, now=now)
    told: dict[str, Any] = {
        "role": asker.role_name,
        "chat_licence": limits.plan,
        "messages_left_today": left["day"]["left"],
    }
    if asker.business_id is None:
        return told
    standing = account.account(business_id=asker.business_id, now=now)
    addon = standing.addon or {}
    renews_at = addon.get("next_renewal")
    return told | {
        "credits_balance": standing.balance,
        "credits_available": standing.available,
        "monthly_addon": "active" if addon else "none",
        "addon_renews_on": renews_at.date().isoformat() if renews_at else None,
    }


def digest(summary: str, messages: Sequence[SupportMessage]) -> str:
    """A summary made without a model: what it was, and how each newer message begins."""
    lines = [summary] if summary else []
    lines += [f"{message.author}: {message.text[:_WORDS_KEPT].strip()}" for message in messages]
    return "\n".join(lines)[-_SUMMARY_LONGEST:]
