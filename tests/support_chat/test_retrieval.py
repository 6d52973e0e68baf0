"""Whether the right article is found, and nothing where there is nothing to find."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from support_chat.services import knowledge_import, retrieval
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
    """How many questions got the right article in the first three, or rightly none; of how many."""
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


@pytest.mark.django_db
def test_without_articles_nothing_is_found() -> None:
    assert retrieval.find(question="refund of credits", language="en", limit=3, now=NOW) == []


def test_one_query_and_none_without_words(knowledge: None) -> None:
    retrieval.find(question="refund", language="en", limit=3, now=NOW)  # the catalogue is read once
    with CaptureQueriesContext(connection) as queries:
        found = retrieval.find(question="How do I get a refund?", language="fr", limit=2, now=NOW)
        assert retrieval.find(question="\x00 ?!", language="en", limit=3, now=NOW) == []
        assert retrieval.find(question="of the and", language="en", limit=3, now=NOW) == []
    assert len(queries) == 1
    assert len(found) == 2
    first = found[0]
    assert (first.article_slug, first.language, first.title) == ("refunds", "fr", "Remboursements")
    assert first.text.startswith("Le propriétaire ou un gérant")
    assert 0.9 < first.score <= 1


def test_strange_signs_are_only_words(knowledge: None) -> None:
    signs = "refund's & | ! <-> :* ( ' \\ %s %(words)s"
    for strange in (signs, "\x00refund", "refund " * 5_000, "refund " + "x" * 1_900):
        found = retrieval.find(question=strange, language="en", limit=1, now=NOW)
        assert [one.article_slug for one in found] == ["refunds"], strange
