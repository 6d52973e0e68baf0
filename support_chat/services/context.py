"""What a model is told beside the question: who asks, what their account says, what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from ai_features.services import house
from subscriptions.selectors import account
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import Asker, Limits

# Of a summary that nobody else wrote: the beginning of each question.
_WORDS_KEPT = 160
_SUMMARY_LONGEST = 2400


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What was said before in this segment: the newest messages as they are, older ones in a summary.

    `to_fold` are messages that the summary does not tell yet and that no longer fit as they are.
    """

    summary: str
    messages: list[dict[str, str]]
    to_fold: list[SupportMessage]


def earlier(*, conversation: SupportConversation, before: int) -> Earlier:
    """The messages below number `before`, within CHAT_CONTEXT_TOKENS. One query."""
    told = (
        SupportMessage.objects.filter(
            conversation=conversation,
            segment=conversation.segment,
            number__lt=before,
            number__gt=conversation.summary_up_to,
            status=SupportMessage.Status.DONE,
            author__in=["user", "bot", "staff"],
        )
        .exclude(reply__error_code="input_refused")
        .exclude(error_code="input_refused")
        .order_by("-number")
    )
    recent: list[SupportMessage] = []
    older: list[SupportMessage] = []
    left = settings.CHAT_CONTEXT_TOKENS
    for message in told[: settings.CHAT_CONTEXT_MESSAGES]:
        left -= house.estimate_tokens(message.text)
        (recent if left >= 0 and not older else older).append(message)
    return Earlier(
        summary=conversation.summary,
        messages=[as_line(message) for message in reversed(recent)],
        to_fold=list(reversed(older)),
    )


def as_line(message: SupportMessage) -> dict[str, str]:
    return {"from": message.author, "text": message.text}


def of_account(*, asker: Asker, limits: Limits, now: datetime) -> dict[str, Any]:
    """Role, licence and balance, as a person would be told them. One query; for a guest nothing of a shop."""
    told: dict[str, Any] = {"role": asker.role_name, "chat_licence": limits.plan}
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
