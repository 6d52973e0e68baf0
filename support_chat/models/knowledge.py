"""What the chat knows: articles, what of them is searched, and answers given as they are written."""

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class KnowledgeArticle(models.Model):
    """A help article. Figures are placeholders such as `{{ packs.VALUE.price }}`, filled when it is read."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    body = models.TextField(help_text="Markdown. Prices as placeholders, e.g. {{ packs.VALUE.price }}.")
    title_fr = models.CharField("title in French", max_length=120)
    summary_fr = models.TextField(
        "summary in French", help_text="All that matters of the article, in a few sentences."
    )
    questions = models.TextField(
        blank=True, help_text="What people ask, one question a line, in any language and as they write it."
    )
    is_published = models.BooleanField(default=True)
    file_hash = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of the file it came from; empty: written here."
    )
    indexed_by = models.CharField(max_length=64, editable=False)
    search = SearchVectorField(editable=False, null=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["slug"]
        indexes = [GinIndex("search", name="article_search", fastupdate=False)]

    def __str__(self) -> str:
        return self.title


class KnowledgePassage(models.Model):
    """A part of an article that is short enough to be handed to a model, or shown, as it is."""

    article = models.ForeignKey(
        KnowledgeArticle, on_delete=models.CASCADE, related_name="passages", db_index=False
    )
    language = models.CharField(max_length=8)
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    search = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language", "number"], name="passage_once")]

    def __str__(self) -> str:
        return f"{self.article_id}, {self.language} {self.number}"


class KnowledgeQuestion(models.Model):
    """A question that an article answers, in plain letters: searched by its groups of three letters."""

    article = models.ForeignKey(KnowledgeArticle, on_delete=models.CASCADE, related_name="asked")
    text = models.CharField(max_length=300)

    class Meta:
        indexes = [GinIndex(OpClass("text", name="gin_trgm_ops"), name="question_letters", fastupdate=False)]

    def __str__(self) -> str:
        return self.text


class KnowledgeWord(models.Model):
    """A word of published articles, as PostgreSQL stems it, and in how many it is: rarity and spelling."""

    word = models.CharField(max_length=100, unique=True)
    articles = models.PositiveIntegerField()

    class Meta:
        indexes = [GistIndex(OpClass("word", name="gist_trgm_ops"), name="word_letters")]

    def __str__(self) -> str:
        return self.word


class CannedAnswer(models.Model):
    """An answer that is given as it is written, when a message is one of its triggers or nearly so."""

    slug = models.SlugField(max_length=80, unique=True)
    triggers = models.TextField(help_text="Whole messages that it answers, one a line, in any language.")
    text_en = models.TextField("answer in English", help_text="Placeholders as in articles.")
    text_fr = models.TextField("answer in French")
    text_tw = models.TextField("answer in Twi")
    article = models.SlugField(max_length=80, blank=True, help_text="The article that says more, if any.")
    is_active = models.BooleanField(default=True)
    file_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
