"""Conversations, messages and tickets written as tables, and stored as they are: no service is asked.

Moments are `10T08:30:15` of March 2126 in UTC, seconds left out when 0. `-` is nothing.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from accounts.models import Membership
from support_chat.models import SupportConversation, SupportMessage, SupportTicket


def at(moment: str) -> datetime:
    day, clock = moment.split("T")
    return datetime.combine(date(2126, 3, int(day)), time.fromisoformat(clock), UTC)


def rows(table: str, columns: int) -> list[list[str]]:
    lines = (line.strip() for line in table.splitlines())
    return [line.split(maxsplit=columns - 1) for line in lines if line and not line.startswith("#")]


class Talks:
    """What tables say, in the database; `members` are by the name that the tables have for them."""

    def __init__(self, members: dict[str, Membership]) -> None:
        self.members = members
        self.by_name: dict[str, SupportConversation] = {}

    def conversations(self, table: str) -> None:
        """name, who (a member, or `guest`), assistant, language, status, times reopened, stars, rated at."""
        for name, who, assistant, language, status, reopened, stars, rated_at in rows(table, 8):
            self.by_name[name] = SupportConversation.objects.create(
                **self._asker(who),
                assistant=assistant,
                language=language,
                status=status,
                reopened=int(reopened),
                csat=None if stars == "-" else int(stars),
                csat_at=None if stars == "-" else at(rated_at),
                created_at=at("01T00:00"),
                last_message_at=at("01T00:00"),
                ended_at=at("10T11:00") if status in ("resolved", "closed") else None,
            )

    def messages(self, table: str) -> None:
        """conversation, moment, author, text; or, of a reply to the message before it: conversation, `+`,
        source, seconds to the first text, seconds to the end, cost in USD. `failed` and `with_staff` are
        replies that failed."""
        for name, moment, author, rest in rows(table, 4):
            talk = self.by_name[name]
            talk.last_number += 1
            if moment == "+":
                message = _reply(talk, author, *rest.split())
            else:
                message = _create(talk, author, at(moment), text=rest, finished_at=at(moment))
            talk.last_message_at = message.finished_at or message.created_at
            talk.save(update_fields=["last_number", "last_message_at"])

    def tickets(self, table: str) -> None:
        """conversation, opened at, reason, category, first reply at, status."""
        for name, opened, reason, category, replied, status in rows(table, 6):
            SupportTicket.objects.create(
                conversation=self.by_name[name],
                business_id=self.by_name[name].business_id,
                reason=reason,
                category=category,
                status=status,
                created_at=at(opened),
                first_reply_at=None if replied == "-" else at(replied),
                ended_at=None if status == "open" else at("10T11:00"),
            )

    def _asker(self, who: str) -> dict[str, Any]:
        if who == "guest":
            return {"guest_id": uuid4()}
        member = self.members[who]
        return {"business_id": member.business_id, "membership": member, "user": member.user}


def _reply(talk: SupportConversation, source: str, first: str, whole: str, cost: str) -> SupportMessage:
    asked = SupportMessage.objects.get(conversation=talk, number=talk.last_number - 1)
    has_failed = source in ("failed", "with_staff")
    return _create(
        talk,
        "bot",
        asked.created_at,
        answers=asked,
        status="failed" if has_failed else "done",
        source="" if has_failed else source,
        error_code={"failed": "provider_unavailable", "with_staff": "with_staff"}.get(source, ""),
        cost_usd=Decimal(cost),
        first_text_at=None if first == "-" else asked.created_at + timedelta(seconds=float(first)),
        finished_at=asked.created_at + timedelta(seconds=float(whole)),
    )


def _create(talk: SupportConversation, author: str, moment: datetime, **values: Any) -> SupportMessage:
    if author == "staff":
        values["source"] = "staff"
    return SupportMessage.objects.create(
        conversation=talk,
        number=talk.last_number,
        author=author,
        language=talk.language,
        created_at=moment,
        **values,
    )
