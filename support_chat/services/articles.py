"""Keeps articles and what is searched of them in step, whoever changes them: the import or the admin."""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from support_chat import words
from support_chat.models import KnowledgeArticle

from . import passages

_LOCK = 0x51CA_4E1B  # any number that nothing else locks
_LONGEST = 300  # of a question

# Title, then what people ask, then the text. Words are plain already; PostgreSQL takes their endings off.
_INDEX = """
UPDATE support_chat_knowledgearticle article
   SET search = setweight(to_tsvector('english', title_words), 'A')
             || setweight(to_tsvector('english', asked_words), 'B')
             || setweight(to_tsvector('english', text_words), 'D'),
       indexed_by = %s
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) one(id, title_words, asked_words, text_words)
 WHERE article.id = one.id
"""
_FORGET = """
DELETE FROM support_chat_knowledgepassage WHERE article_id = ANY(%(ids)s);
DELETE FROM support_chat_knowledgequestion WHERE article_id = ANY(%(ids)s);
"""
_PASSAGES = """
INSERT INTO support_chat_knowledgepassage (article_id, language, number, text, search)
SELECT id, language, number, part, to_tsvector('english', part_words)
  FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[])
       one(id, language, number, part, part_words)
"""
_QUESTIONS = """
INSERT INTO support_chat_knowledgequestion (article_id, text)
SELECT * FROM unnest(%s::bigint[], %s::text[])
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


def index(*, articles: Sequence[KnowledgeArticle]) -> None:
    """Makes these articles, just saved, findable as they are now; then counts the words of all anew.

    Whoever else indexes waits (an advisory lock), so the counts are those of every committed article. Six
    statements, however many articles.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock()
        if articles:
            cursor.execute(_INDEX, [words.VERSION, *_columns(map(_plain, articles))])
            cursor.execute(_FORGET, {"ids": [article.pk for article in articles]})
            cursor.execute(_PASSAGES, _columns(row for article in articles for row in _passages(article)))
            cursor.execute(_QUESTIONS, _columns(row for article in articles for row in _questions(article)))
        cursor.execute(_COUNT)


def _plain(article: KnowledgeArticle) -> tuple[int, str, str, str]:
    return (
        article.pk,
        _joined(f"{article.title} {article.title_fr}"),
        _joined(article.questions),
        _joined(f"{article.body}\n{article.summary_fr}"),
    )


def _passages(article: KnowledgeArticle) -> Iterator[tuple[int, str, int, str, str]]:
    for number, part in enumerate(passages.split(article.body)):
        yield article.pk, "en", number, part, _joined(part)
    yield article.pk, "fr", 0, article.summary_fr, _joined(article.summary_fr)


def _questions(article: KnowledgeArticle) -> Iterator[tuple[int, str]]:
    lines = map(_joined, (article.title, article.title_fr, *article.questions.splitlines()))
    for line in dict.fromkeys(lines):
        if line:
            yield article.pk, line[:_LONGEST]


def _joined(text: str) -> str:
    return " ".join(words.words(text))


def _columns(rows: Iterator[tuple]) -> list[list]:
    """Rows as arrays, one for each column: a single statement takes them all."""
    return [list(column) for column in zip(*rows, strict=True)]
