"""Finds the help that answers a question, or nothing when there is none.

Two rankings are fused by reciprocal rank, 1 / (60 + rank) added up (Cormack, Clarke and Büttcher, "Reciprocal
rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009): the words of the
articles (PostgreSQL full text, each word weighed by how rare it is, a misspelt one read as the nearest that
there is), and the groups of three letters of the questions that people ask.

Ranks say nothing about whether an answer is there at all. That is judged apart: how much of what is asked,
weighed by rarity, an article has (`covered`), and how alike a question is to one of its own (`alike`).
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection

from support_chat import words

from . import figures

log = structlog.get_logger("sika.chat")

# Chosen on the tuning part of `tests/support_chat/questions.tsv`.
COVERED, ALIKE = 0.6, 0.4  # how much each counts
UNKNOWN = 0.7  # how much is taken off when no article has any of the words
THRESHOLD = 0.35  # of the best article; those with less than a third of its evidence are left out
_MOST_WORDS = 32
_RANKED = 20

# A word that no article has counts as one that a single article has. Spelling: at most one letter wrong in a
# word of four or five, two in a longer one; two letters that changed places are two.
FIND = """
WITH asked AS (
    SELECT word, (ts_lexize('english_stem', word))[1] AS stem FROM unnest(%(words)s::text[]) word
), total AS (
    SELECT count(*)::float AS articles FROM support_chat_knowledgearticle WHERE is_published
), term AS (
    SELECT found.word AS stem, coalesce(found.closeness, 0) AS closeness,
           ln(1 + total.articles / coalesce(found.articles, 1)) AS weight
      FROM asked CROSS JOIN total
      LEFT JOIN LATERAL (
            (SELECT word, articles, 1.0::float AS closeness
               FROM support_chat_knowledgeword WHERE word = asked.stem)
             UNION ALL
            (SELECT near.word, near.articles, similarity(near.word, asked.stem)::float
               FROM (SELECT word, articles FROM support_chat_knowledgeword
                      ORDER BY word <-> asked.stem LIMIT 20) near
              WHERE length(asked.stem) >= 4 AND left(near.word, 1) = left(asked.stem, 1)
                AND levenshtein_less_equal(near.word, asked.stem, 2)
                    <= CASE WHEN length(asked.stem) >= 6 THEN 2 ELSE 1 END
                AND NOT EXISTS (SELECT FROM support_chat_knowledgeword WHERE word = asked.stem)
              ORDER BY levenshtein(near.word, asked.stem), near.word <-> asked.stem LIMIT 1)
           ) found ON true
     WHERE asked.stem IS NOT NULL
), by_words AS (
    SELECT article.id,
           sum(weight * closeness * ts_rank('{0.2, 0.4, 0.7, 1.0}', search, query)) AS points,
           sum(weight * closeness
               * CASE WHEN search @@ to_tsquery('simple', stem || ':AB') THEN 1 ELSE 0.6 END) AS covered
      FROM term
     CROSS JOIN LATERAL to_tsquery('simple', stem) query
      JOIN support_chat_knowledgearticle article ON article.search @@ query AND article.is_published
     GROUP BY article.id ORDER BY points DESC, article.id LIMIT %(ranked)s
), by_letters AS (
    SELECT article_id AS id, max(similarity(question.text, %(sentence)s)) AS alike
      FROM support_chat_knowledgequestion question
      JOIN support_chat_knowledgearticle article ON article.id = article_id AND is_published
     WHERE question.text %% %(sentence)s
     GROUP BY article_id ORDER BY alike DESC, article_id LIMIT %(ranked)s
), ranked AS (
    SELECT id, covered, alike,
           coalesce(1.0 / (60 + rank() OVER (ORDER BY points DESC NULLS LAST)), 0) * (points IS NOT NULL)::int
         + coalesce(1.0 / (60 + rank() OVER (ORDER BY alike DESC NULLS LAST)), 0) * (alike IS NOT NULL)::int
           AS fused
      FROM by_words FULL JOIN by_letters USING (id)
), judged AS (
    SELECT id, fused,
           (%(c)s * coalesce(covered, 0) / of_all + %(a)s * coalesce(alike, 0)) * (1 - %(u)s * unknown)
           AS evidence
      FROM ranked
     CROSS JOIN (SELECT sum(weight) AS of_all,
                        sum(weight * (1 - closeness)) / nullif(sum(weight), 0) AS unknown
                   FROM term) question
)
SELECT article.slug, article.title, article.title_fr, passage.language, passage.text, evidence
  FROM judged
  JOIN support_chat_knowledgearticle article USING (id)
  JOIN LATERAL (
        SELECT language, text FROM support_chat_knowledgepassage
         WHERE article_id = article.id AND language IN (%(language)s, 'en')
         ORDER BY language = %(language)s DESC,
                  ts_rank(search, (SELECT string_agg(stem, ' | ') FROM term)::tsquery) DESC, number
         LIMIT 1
       ) passage ON true
 WHERE (SELECT max(evidence) FROM judged) >= %(threshold)s
   AND evidence >= (SELECT max(evidence) FROM judged) / 3
 ORDER BY fused DESC, evidence DESC, article.slug
 LIMIT %(limit)s
"""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """The part of an article that fits best, with its figures. `score` is evidence, 0 to 1, not order."""

    article_slug: str
    language: str
    title: str
    text: str
    score: float


def find(*, question: str, language: str, limit: int, now: datetime) -> list[Passage]:
    """The best passage of each of the `limit` best articles, best first; none when nothing answers it.

    In French where `language` is `fr`, else in English. One query. Linear in the question.
    """
    asked = words.of_question(question)[:_MOST_WORDS]
    if not asked or limit < 1:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FIND, parameters(asked, language=language, limit=limit))
        rows = cursor.fetchall()
    known = figures.figures(now=now)
    found = []
    for slug, title, title_fr, of_passage, text, evidence in rows:
        try:
            filled = figures.fill(text, known=known)
        except figures.UnknownFigure as error:
            log.warning("article_without_figure", article=slug, figure=str(error))
            continue
        found.append(
            Passage(
                article_slug=slug,
                language=of_passage,
                title=title_fr if of_passage == "fr" else title,
                text=filled,
                score=round(float(evidence), 3),
            )
        )
    return found


def parameters(asked: list[str], *, language: str, limit: int) -> dict[str, str | int | float | list[str]]:
    """What `FIND` takes."""
    return {
        "words": list(dict.fromkeys(asked)),
        "sentence": " ".join(asked),
        "language": "fr" if language == "fr" else "en",
        "c": COVERED,
        "a": ALIKE,
        "u": UNKNOWN,
        "threshold": THRESHOLD,
        "ranked": max(_RANKED, limit),
        "limit": limit,
    }
