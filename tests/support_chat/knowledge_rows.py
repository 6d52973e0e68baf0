"""One valid row of every table of the help, and what a second valid row must change."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models

from support_chat.models import (
    CannedAnswer,
    KnowledgeArticle,
    KnowledgePassage,
    KnowledgeQuestion,
    KnowledgeWord,
)


def build(now: datetime) -> list[models.Model]:
    dates = {"created_at": now, "updated_at": now}
    article = KnowledgeArticle.objects.create(slug="refunds", title="Refunds", body="Text", **dates)
    return [
        article,
        KnowledgePassage.objects.create(article=article, language="en", number=0, text="Text", search="text"),
        KnowledgeQuestion.objects.create(article=article, text="refund"),
        KnowledgeWord.objects.create(word="refund", articles=1),
        CannedAnswer.objects.create(slug="hello", triggers="hello", text_en="Hello", **dates),
    ]


FRESH: dict[type[models.Model], Callable[[], dict[str, Any]]] = {
    KnowledgeArticle: lambda: {"slug": "receipts"},
    KnowledgePassage: lambda: {"number": 1},
    KnowledgeWord: lambda: {"word": "receipt"},
    CannedAnswer: lambda: {"slug": "thanks"},
}
