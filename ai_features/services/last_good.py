"""The last good answer to the same question, for callers who can't be given a new one. However old; free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.timesince import timesince

from ai_features.models import AIRequest
from config.core import json, money


def question_key(cache_key: str, tokens: Mapping[str, str]) -> str:
    """What all calls with the same question share: 64 hex digits.

    `cache_key` says business, role, feature, prompt and sanitised input; `tokens` whose names were taken out,
    so that an answer with names in it only meets the same people again. Keyed, so that nobody who reads the
    table can try names until one fits; with a new SECRET_KEY older answers are not found any more.
    """
    people = json.dumps([cache_key, sorted(tokens.items())])
    return salted_hmac("ai_features.question", people, algorithm="sha256").hexdigest()


def find(*, business_id: UUID, question_key: str, now: datetime) -> dict[str, Any] | None:
    """The newest whole, paid answer as the body of a refusal shows it, or None. One query."""
    stored = (
        AIRequest.objects.filter(
            business_id=business_id, question_key=question_key, status="succeeded", source="ai"
        )
        .order_by("-created_at")
        .values("pk", "result", "model", "finished_at")
        .first()
    )
    if stored is None:
        return None
    age = in_words(stored["finished_at"], now)
    return {
        "source": "cached",
        "request_id": stored["pk"],
        "result": stored["result"],
        "credits_charged": money.ZERO,
        "model": stored["model"],
        "answered_at": stored["finished_at"],
        "age": age,
        "notice": f"The AI's last answer to this question, {age} old; free. It may be out of date.",
    }


def in_words(then: datetime, now: datetime) -> str:
    """`3 days`, the largest unit alone."""
    if (now - then).total_seconds() < 60:
        return "less than a minute"
    return timesince(then, now, depth=1).replace("\xa0", " ")
