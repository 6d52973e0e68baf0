"""Published help articles as they are read: with the figures of the moment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db.models import QuerySet

from config.core.errors import NotFound
from support_chat.models import KnowledgeArticle
from support_chat.services import figures, retrieval

log = structlog.get_logger("sika.chat")
_FOUND = 10


@dataclass(frozen=True, kw_only=True)
class ArticleText:
    """`language` is that of the text: French has a summary, every other language the English article.

    `score` is how much speaks for it, where something was asked.
    """

    slug: str
    language: str
    title: str
    text: str
    score: float | None = None

    @property
    def excerpt(self) -> str:
        """What was found of it, or its first paragraph."""
        return self.text if self.score is not None else self.text.split("\n\n", 1)[0]


def published() -> QuerySet[KnowledgeArticle]:
    return KnowledgeArticle.objects.filter(is_published=True).defer("search", "questions").order_by("slug")


def search(*, question: str, language: str, now: datetime) -> list[ArticleText]:
    """The ten best, best first; none when no article answers it. One query."""
    found = retrieval.find(question=question, language=language, limit=_FOUND, now=now)
    return [
        ArticleText(
            slug=one.article_slug, language=one.language, title=one.title, text=one.text, score=one.score
        )
        for one in found
    ]


def article(*, slug: str, language: str, now: datetime) -> ArticleText:
    """Raises NotFound, also for one that is not published."""
    found = next(texts(published().filter(slug=slug), language=language, now=now), None)
    if found is None:
        raise NotFound("There is no such article. GET /api/support/articles/ lists them.")
    return found


def texts(rows: Iterable[KnowledgeArticle], *, language: str, now: datetime) -> Iterator[ArticleText]:
    """The articles in French or English; one whose figures are no longer in the catalogue is left out."""
    known = figures.figures(now=now)
    for row in rows:
        french = language == "fr"
        try:
            text = figures.fill(row.summary_fr if french else row.body, known=known)
        except figures.UnknownFigure as error:
            log.warning("article_without_figure", article=row.slug, figure=str(error))
            continue
        yield ArticleText(
            slug=row.slug,
            language="fr" if french else "en",
            title=row.title_fr if french else row.title,
            text=text,
        )
