import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support_chat", "0001_initial"),
    ]

    operations = [
        # Both may be made by the owner of a database: they are trusted extensions.
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                (
                    "triggers",
                    models.TextField(
                        help_text="Whole messages that it answers, one a line, in any language."
                    ),
                ),
                (
                    "text_en",
                    models.TextField(
                        help_text="Placeholders as in articles.", verbose_name="answer in English"
                    ),
                ),
                ("text_fr", models.TextField(verbose_name="answer in French")),
                ("text_tw", models.TextField(verbose_name="answer in Twi")),
                (
                    "article",
                    models.SlugField(
                        blank=True, help_text="The article that says more, if any.", max_length=80
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("file_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeArticle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown. Prices as placeholders, e.g. {{ packs.VALUE.price }}."
                    ),
                ),
                ("title_fr", models.CharField(max_length=120, verbose_name="title in French")),
                (
                    "summary_fr",
                    models.TextField(
                        help_text="All that matters of the article, in a few sentences.",
                        verbose_name="summary in French",
                    ),
                ),
                (
                    "questions",
                    models.TextField(
                        blank=True,
                        help_text="What people ask, one question a line, in any language and as they write it.",
                    ),
                ),
                ("is_published", models.BooleanField(default=True)),
                (
                    "file_hash",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Of the file it came from; empty: written here.",
                        max_length=64,
                    ),
                ),
                ("indexed_by", models.CharField(editable=False, max_length=64)),
                ("search", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ["slug"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.F("search"), fastupdate=False, name="article_search"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=100, unique=True)),
                ("articles", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        django.contrib.postgres.indexes.OpClass("word", name="gist_trgm_ops"),
                        name="word_letters",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgePassage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("search", django.contrib.postgres.search.SearchVectorField()),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="support_chat.knowledgearticle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("article", "language", "number"), name="passage_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked",
                        to="support_chat.knowledgearticle",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("text", name="gin_trgm_ops"),
                        fastupdate=False,
                        name="question_letters",
                    )
                ],
            },
        ),
    ]
