"""Whether the right article is found, and nothing where there is nothing to find."""

from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from support_chat import languages, words
from support_chat.models import KnowledgeArticle, KnowledgeQuestion
from support_chat.services import articles, figures, knowledge_import, retrieval
from tests.faults.report import Record, cell, note

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("questions.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
NOW = timezone.now()


@pytest.fixture
def knowledge(db: None) -> None:
    knowledge_import.run(now=NOW)


def right(split: str | None, *, within: bool) -> tuple[int, int, list[str]]:
    """How many questions got the right article in the first three, or none where there is none; of how many."""
    wrong = []
    rows = [row for row in ROWS if row[1] == (split or row[1]) and (row[0] != "-") == within]
    for article, _, language, question in rows:
        found = retrieval.find(question=question, language=language, limit=3, now=NOW)
        if article not in [one.article_slug for one in found] if within else found:
            wrong.append(question)
    return len(rows) - len(wrong), len(rows), wrong


def test_the_right_article_is_found_and_strange_questions_are_declined(
    knowledge: None, record_property: Record
) -> None:
    for what, within in (("right article in the first three", True), ("out of scope, declined", False)):
        for name, split in (("tuned on", "tune"), ("held out", "held")):
            found, of, wrong = right(split, within=within)
            cell(record_property, "support articles", what, name, f"{found}/{of} ({found / of:.0%})")
            if wrong:
                note(record_property, "support articles", f"{what}, not: {'; '.join(wrong)}")
            assert found >= 0.9 * of
