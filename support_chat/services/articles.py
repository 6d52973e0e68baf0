"""Keeps articles and what is searched of them in step, whoever changes them: the import or the admin."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from support_chat import words
from support_chat.models import KnowledgeArticle, KnowledgePassage, KnowledgeQuestion

from . import passages

_LOCK = 0x51CA_4E1B  # any number that nothing else locks
_FRENCH = "fr"

# Title, then what people ask, then the text. Words are plain already; PostgreSQL takes their endings off.
_INDEX = """
UPDATE support_chat_knowledgearticle
   SET search = setweight(to_tsvector('english', %(title)s), 'A')
             || setweight(to_tsvector('english', %(asked)s), 'B')
             || setweight(to_tsvector('english', %(text)s), 'D'),
       indexed_by = %(version)s
 WHERE id = %(id)s
"""
_PASSAGE = """
INSERT INTO support_chat_knowledgepassage (article_id, language, number, text, search)
VALUES (%(id)s, %(language)s, %(number)s, %(text)s, to_tsvector('english', %(words)s))
"""
_COUNT = """
DELETE FROM support_chat_knowledgeword;
INSERT INTO support_chat_knowledgeword (word, articles)
SELECT word, ndoc FROM ts_stat('SELECT search FROM support_chat_knowledgearticle WHERE is_published')
 WHERE length(word) <= 100
"""


def lock() -> None:
    """One at a time changes what is searched, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def index(*, articles: Iterable[KnowledgeArticle]) -> None:
    """Makes these articles, just saved, findable as they are now; then counts the words of all anew.

    Whoever else indexes waits (an advisory lock), so the counts are those of every committed article.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock()
        for article in articles:
            _index(article, cursor)
        cursor.execute(_COUNT)


def _index(article: KnowledgeArticle, cursor: Any) -> None:
    asked = [line.strip() for line in article.questions.splitlines() if line.strip()]
    text = f"{article.body}\n{article.summary_fr}"
    values = {"title": f"{article.title} {article.title_fr}", "asked": "\n".join(asked), "text": text}
    plain = {name: " ".join(words.words(value)) for name, value in values.items()}
    cursor.execute(_INDEX, {**plain, "id": article.pk, "version": words.VERSION})
    KnowledgePassage.objects.filter(article=article).delete()
    KnowledgeQuestion.objects.filter(article=article).delete()
    parts = [("en", number, part) for number, part in enumerate(passages.split(article.body))]
    for language, number, part in [*parts, (_FRENCH, 0, article.summary_fr)]:
        searched = " ".join(words.words(part))
        cursor.execute(
            _PASSAGE,
            {"id": article.pk, "language": language, "number": number, "text": part, "words": searched},
        )
    sentences = dict.fromkeys(" ".join(words.words(line)) for line in (article.title, article.title_fr, *asked))
    KnowledgeQuestion.objects.bulk_create(
        KnowledgeQuestion(article=article, text=sentence[:300]) for sentence in sentences if sentence
    )
