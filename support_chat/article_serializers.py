"""What the articles' endpoints take and give."""

from typing import Any

from rest_framework import serializers

from support_chat import languages


class ArticleQuerySerializer(serializers.Serializer[Any]):
    language = serializers.ChoiceField(
        choices=list(languages.NAMES), required=False, help_text="`fr` for French; else English is given."
    )


class ArticleSearchSerializer(ArticleQuerySerializer):
    q = serializers.CharField(
        required=False,
        max_length=500,
        help_text="A question; its language is noticed.",
    )


class ArticleLineSerializer(serializers.Serializer[Any]):
    """An article of the list, or what a search found of it."""

    slug = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    excerpt = serializers.CharField(
        help_text="Markdown: what answers the question best; without one, its beginning."
    )
    score = serializers.FloatField(allow_null=True, help_text="0 to 1: what speaks for it; null: no `q`.")


class ArticleSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField(source="text", help_text="Markdown, with today's prices.")
