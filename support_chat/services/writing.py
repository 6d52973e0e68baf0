"""One attempt at one reply: what is said so far, and to whom."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from support_chat import texts
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import Asker, Limits

from . import streams

Source = SupportMessage.Source


@dataclass(kw_only=True)
class Writing:
    """One attempt at one reply."""

    reply: SupportMessage
    asker: Asker
    limits: Limits
    started_at: datetime
    pieces: list[str] = field(default_factory=list)
    source: str = Source.NONE
    sources: list[dict[str, str]] = field(default_factory=list)
    handoff: dict[str, Any] | None = None
    error_code: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    request_id: UUID | None = None
    model: str = ""
    cost_usd: Decimal = Decimal(0)
    summary: str = ""
    summary_up_to: int = 0
    first_text_at: datetime | None = None
    _clock: float = field(default_factory=time.monotonic)

    @property
    def conversation(self) -> SupportConversation:
        return self.reply.conversation

    @property
    def asked(self) -> SupportMessage:
        assert self.reply.answers is not None
        return self.reply.answers

    @property
    def question(self) -> str:
        return self.asked.text

    @property
    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self._clock)

    def tell(self, event: str, **data: Any) -> None:
        streams.publish(
            conversation_id=self.reply.conversation_id, event=event, number=self.reply.number, **data
        )

    def begin(self) -> None:
        self.pieces = []
        self.tell("message.start", **streams.start_of(self.reply))

    def say(self, text: str) -> None:
        self.first_text_at = self.first_text_at or self.now
        self.pieces.append(text)
        self.tell("delta", text=text)

    def say_instead(self, key: str) -> None:
        """One of our own texts in place of what was said so far."""
        if self.pieces:
            self.begin()
        self.source = Source.NONE
        self.say(texts.text(key, self.conversation.language))
