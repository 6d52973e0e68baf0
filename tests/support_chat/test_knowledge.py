"""The articles and answers as they ship, and their way into the database and out through the API."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ai_features import cache
from ai_features.features import collection_analysis, inventory_forms, portfolio_dashboard
from ai_features.services import jobs
from config.settings.base import BASE_DIR
from payments.services import prompts
from subscriptions.selectors import addon_calendar, refundable
from support_chat import knowledge_files, words
from support_chat.knowledge_files import UnreadableKnowledge
from support_chat.models import CannedAnswer, KnowledgeArticle, KnowledgeQuestion, KnowledgeWord
from support_chat.services import articles, curated, figures, knowledge_import, passages, retrieval
from tests.support_chat.test_retrieval import ROWS

NOW = timezone.now()
FOLDER = BASE_DIR / "support_chat" / "knowledge"
ARTICLES = {one.slug: one.values for one in knowledge_files.articles(FOLDER)}


@pytest.fixture
def knowledge(db: None) -> None:
    knowledge_import.run(now=NOW)


def test_prices_are_nowhere_typed_by_hand() -> None:
    typed = re.compile(r"(?:GHS|USD)\s?\d|\d+(?:[.,]\d+)?\s?(?:GHS|USD|cedis?)\b|\b\d+\.\d+\s+credit")
    texts = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir() if path.name != "synonyms.toml"}
    assert len(texts) >= 31
    assert {name: typed.findall(text) for name, text in texts.items() if typed.search(text)} == {}


def test_no_test_question_is_written_in_an_article() -> None:
    def bare(text: str) -> str:
        return " ".join(re.findall(r"\w+", words.plain(text)))

    written = {bare(line) for one in ARTICLES.values() for line in one["questions"].splitlines()}
    assert {question for *_, question in ROWS if bare(question) in written} == set()
    counts = [sum((row[0] != "-") == within for row in ROWS) for within in (True, False)]
    assert counts[0] >= 60 and counts[1] >= 30
    assert {row[0] for row in ROWS} - {"-"} <= ARTICLES.keys()


def test_what_it_says_of_the_catalogue_is_what_the_catalogue_says(knowledge: None) -> None:
    known = figures.figures(now=NOW)
    some = {"packs.VALUE.price": "80", "packs.VALUE.total": "100", "packs.VALUE.bonus": "16.67"}
    some |= {"addon.rollover": "50", "features.product_description": "0.1", "storefronts.5": "250"}
    some |= {"tiers.enterprise.month": "100,000", "chat.pro.price": "29", "tiers.pro.ghs": "159.84"}
    some |= {"taxes": "VAT 15%, NHIL 2.5%, GETFund 2.5%", "free.trial": "5"}
    assert {name: known[name] for name in some} == some
    with pytest.raises(figures.UnknownFigure, match=r"packs\.GOLD\.price"):
        figures.fill("{{ packs.GOLD.price }}", known=known)


@pytest.mark.parametrize(
    ("slug", "says", "holds"),
    [
        ("refunds", "within 7 days", timedelta(days=7) == refundable.OWNER_WINDOW),
        ("buy-with-mobile-money", "three minutes", timedelta(minutes=3) == prompts.LIFE),
        ("not-enough-credits", "after 15 minutes", timedelta(minutes=15) == settings.HOLD_LEASE),
        ("free-answers", "24 hours", cache.KEEP_SECONDS == 24 * 3600),
        ("monthly-addon", "1, 3 and 7 days later", addon_calendar.REMIND_ON == (0, 1, 3, 7)),
        ("monthly-addon", "eight days after", timedelta(days=8) == addon_calendar.GRACE),
        ("background-jobs", "up to 50 items", jobs.MAX_ITEMS == 50),
        ("inventory-forecast", "Up to 500 items", inventory_forms.MAX_ARTICLES == 500),
        ("collection-analysis", "Up to 5,000 debtors", collection_analysis.MAX_DEBTORS == 5_000),
        ("portfolio-dashboard", "up to 5,000", portfolio_dashboard.MOST_ROWS == 5_000),
    ],
)
def test_limits_that_are_typed_are_those_of_the_code(slug: str, says: str, holds: bool) -> None:
    assert says in " ".join(ARTICLES[slug]["body"].split())
    assert holds


def test_importing_twice_changes_nothing_and_edits_stay_until_the_file_changes(
    knowledge: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knowledge_import.run(now=NOW) == []
    KnowledgeArticle.objects.filter(slug="refunds").update(title="Money back")
    kept = knowledge_import.Change(kind="kept", what="article", slug="refunds", fields=("title",))
    assert knowledge_import.run(now=NOW) == [kept]
    call_command("import_articles", "--dry-run", "--overwrite")
    assert "~ article refunds: title" in capsys.readouterr().out
    assert KnowledgeArticle.objects.get(slug="refunds").title == "Money back"
    KnowledgeArticle.objects.filter(slug="refunds").update(file_hash="of an older file")
    assert [one.kind for one in knowledge_import.run(now=NOW)] == ["changed"]
    assert KnowledgeArticle.objects.get(slug="refunds").title == "Refunds"


def test_what_left_the_files_is_withdrawn_and_what_staff_wrote_stays(knowledge: None) -> None:
    for slug, file_hash in (("old-news", "from a file"), ("our-own", "")):
        KnowledgeArticle.objects.create(
            slug=slug,
            title="Zebra crossing",
            body="Zebra",
            file_hash=file_hash,
            created_at=NOW,
            updated_at=NOW,
        )
    changes = {(one.kind, one.slug) for one in knowledge_import.run(now=NOW)}
    assert changes == {("withdrawn", "old-news"), ("indexed", "our-own")}
    found = retrieval.find(question="zebra crossing", language="en", limit=3, now=NOW)
    assert [one.article_slug for one in found] == ["our-own"]
    assert found[0].text == "Zebra"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("x.md", "no front", "no front matter"),
        ("x.md", '+++\ntitle = "A"\n+++\nText', "`title_fr` must be a text"),
        ("x.md", "+++\ntitle = A\n+++\nText", "no front matter"),
        ("Ä.md", '+++\ntitle = "A"\n+++\nText', "small letters"),
    ],
)
def test_an_unsound_file_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableKnowledge, match=problem):
        knowledge_files.articles(tmp_path)


def test_a_figure_that_the_catalogue_lacks_stops_the_import(db: None, tmp_path: Path) -> None:
    text = (FOLDER / "refunds.md").read_text("utf-8") + "GHS {{ packs.GOLD.price }}\n"
    (tmp_path / "refunds.md").write_text(text)
    (tmp_path / "answers.toml").write_text(
        '[hello]\ntriggers = ["hello"]\nen = "Hi"\nfr = "Salut"\ntw = "Akwaaba"\narticle = "gone"\n'
    )
    with pytest.raises(UnreadableKnowledge) as refused:
        knowledge_import.run(now=NOW, folder=tmp_path)
    assert refused.value.problems == [
        "refunds: the catalogue has no figure packs.GOLD.price",
        "hello: there is no article gone",
    ]
    assert not KnowledgeArticle.objects.exists()


def test_passages_lose_nothing_and_are_short() -> None:
    for one in ARTICLES.values():
        parts = passages.split(one["body"])
        assert "".join("".join(parts).split()) == "".join(one["body"].split())
        assert max(map(len, parts)) <= passages.MOST
    long = "## A\n\n" + "\n\n".join("word " * 100 for _ in range(9)) + "\n\n## B\n\nend"
    assert [len(part) <= passages.MOST for part in passages.split(long)] == [True] * 5
    assert passages.split("x" * 5_000) == ["x" * 5_000]


CURATED = [
    ("Hello", "greeting"),
    ("Bonjour !!", "greeting"),
    ("thank you very much", "thanks"),
    ("Good morning, how do I buy credits please?", "buy-credits"),
    ("how do i buy credtis", "buy-credits"),
    ("Mɛyɛ dɛn atɔ credit?", "buy-credits"),
    ("meye den ato credit", "buy-credits"),
    ("J'ai payé mais je n'ai pas reçu mes crédits", "paid-no-credits"),
    ("I want a refnud", "refund"),
    ("hello, my printer is on fire", None),
    ("how do I buy credits for my sister in Togo", None),
    ("I don't want a refund", None),
    ("how do I buy debits", None),
    ("thanks but it does not work", None),
    ("refund refund", None),
    ("price of tomatoes", None),
    ("", None),
    ("hello " * 100, None),
]


def test_a_curated_answer_is_for_its_own_question_only(knowledge: None) -> None:
    for message, slug in CURATED:
        found = curated.answer(question=message, language="en", now=NOW)
        assert (found and found.slug) == slug, message
    for article, _, language, question in ROWS:
        found = curated.answer(question=question, language=language, now=NOW)
        assert found is None or found.article == article, question


def test_curated_answers_are_in_three_languages_with_todays_prices(knowledge: None) -> None:
    for language, part in {
        "en": "GHS 80 for 100 credits",
        "fr": "80 GHS pour 100 crédits",
        "tw": "GHS 80 ma credit 100",
        "ha": "GHS 80 for 100 credits",
    }.items():
        found = curated.answer(question="how do I buy credits", language=language, now=NOW)
        assert found is not None and part in found.text
        assert found.language == (language if language != "ha" else "en")
        assert found.article == "buy-with-mobile-money"
    CannedAnswer.objects.filter(slug="buy-credits").update(text_en="{{ packs.GOLD.price }}")
    assert curated.answer(question="how do I buy credits", language="en", now=NOW) is None


def test_anybody_reads_and_searches_the_articles(knowledge: None) -> None:
    guest = APIClient()
    page = guest.get("/api/support/articles/?page_size=5").json()
    assert [row["slug"] for row in page["results"]] == sorted(ARTICLES)[:5]
    assert page["next"] and page["previous"] is None and page["results"][0]["score"] is None
    found = guest.get("/api/support/articles", {"q": "Comment être remboursé ?"}).json()["results"]
    assert (found[0]["slug"], found[0]["language"], found[0]["title"]) == ("refunds", "fr", "Remboursements")
    assert guest.get("/api/support/articles/", {"q": "jollof recipe"}).json()["results"] == []
    one = guest.get("/api/support/articles/credit-packs/").json()
    assert "- Value: GHS 80 for 100 credits, 16.67 of them a bonus" in one["body"]
    assert "{{" not in one["body"]
    french = guest.get("/api/support/articles/credit-packs/?language=fr").json()
    assert "80 GHS pour 100 crédits" in french["body"]
    for path, status, code in (
        ("nothing/", 404, "not_found"),
        ("?language=xx", 400, "validation_error"),
        (f"?q={'x' * 501}", 400, "validation_error"),
    ):
        reply = guest.get(f"/api/support/articles/{path}")
        assert (reply.status_code, reply.json()["code"]) == (status, code)
    KnowledgeArticle.objects.filter(slug="credit-packs").update(is_published=False)
    assert guest.get("/api/support/articles/credit-packs/").status_code == 404


def test_an_article_without_its_figures_is_not_shown(knowledge: None) -> None:
    row = KnowledgeArticle.objects.get(slug="credit-expiry")
    row.body += "\n\nGHS {{ packs.GOLD.price }}"
    row.save()
    articles.index(articles=[row])
    assert APIClient().get("/api/support/articles/credit-expiry/").status_code == 404
    found = retrieval.find(question="gold", language="en", limit=3, now=NOW)
    assert "credit-expiry" not in [one.article_slug for one in found]


def test_staff_write_an_article_that_is_found_at_once(knowledge: None) -> None:
    get_user_model().objects.create_superuser("staff@sika.test", "correct-horse-battery")
    staff = Client()
    assert staff.login(email="staff@sika.test", password="correct-horse-battery")
    form: dict[str, Any] = {
        "slug": "barcode-scanner",
        "title": "Connect a barcode scanner",
        "body": "Plug it in. It costs {{ packs.GOLD.price }}.",
        "title_fr": "Brancher un lecteur de codes-barres",
        "summary_fr": "Branchez-le.",
        "questions": "How do I connect a scanner?",
        "is_published": "on",
    }
    add = "/admin/support_chat/knowledgearticle/add/"
    assert "has no figure packs.GOLD.price" in staff.post(add, form).content.decode()
    assert staff.post(add, {**form, "body": "Plug it in."}).status_code == 302
    found = retrieval.find(question="my barcode scaner", language="en", limit=1, now=NOW)
    assert [(one.article_slug, one.text) for one in found] == [("barcode-scanner", "Plug it in.")]
    row = KnowledgeArticle.objects.get(slug="barcode-scanner")
    change = f"/admin/support_chat/knowledgearticle/{row.pk}/"
    assert staff.get(f"{change}change/").status_code == 200
    assert staff.post(f"{change}delete/", {"post": "yes"}).status_code == 302
    assert not KnowledgeQuestion.objects.filter(article_id=row.pk).exists()
    assert not KnowledgeWord.objects.filter(word="barcod").exists()
    assert knowledge_import.run(now=NOW) == []
