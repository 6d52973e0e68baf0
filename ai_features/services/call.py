"""One run of the gateway: what stays the same from its first step to its last, and its two ways out."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ai_features.features.base import Feature, Result
from ai_features.services.caller import Caller
from ai_features.services.question import Question

# Why a free question was answered where it was: route, intent, reason, confidence.
Routing = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """`price` is the catalogue's row of the feature in force at `started_at`."""

    feature: Feature
    price: Any
    caller: Caller
    started_at: datetime
    routing: Routing | None = None
    id: UUID = field(default_factory=uuid.uuid4)
    _clock: float = field(default_factory=time.monotonic)

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self._clock) * 1000)

    @property
    def now(self) -> datetime:
        """The caller's time plus what has passed since."""
        return self.started_at + timedelta(seconds=time.monotonic() - self._clock)


@dataclass(frozen=True)
class Answer:
    """The envelope of every feature. `new_balance` is None only while a charge is unconfirmed."""

    id: UUID
    feature: str
    source: str
    result: dict[str, Any]
    credits_charged: Decimal
    new_balance: Decimal | None
    low_credit_warning: bool
    model: str | None
    response_time_ms: int
    notice: str | None
    routing: Routing | None = None

    @property
    def indicator(self) -> str:
        """Where the answer came from and what it cost, to show beside it."""
        if self.source == "local":
            return "\N{HIGH VOLTAGE SIGN} instant, free"
        if self.source == "cached":
            return "\N{BLACK UNIVERSAL RECYCLING SYMBOL} answered before, free"
        credits = f"{self.credits_charged.normalize():f}"
        return f"\N{ROBOT FACE} AI, {credits} {'credit' if credits == '1' else 'credits'}"


def shape(question: Question, results: list[Result | None]) -> dict[str, Any]:
    """One result as it is; several with their places, and a reason where there is none."""
    if not question.is_batch:
        assert results[0] is not None
        return results[0]
    return {
        "items": [
            {"index": index, "result": result, "error": None if result is not None else "answer_unusable"}
            for index, result in enumerate(results)
        ]
    }
