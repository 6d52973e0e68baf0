"""`/api/support/articles/`: our help, for everybody, signed in or not."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import ApiKeyAuthentication, BearerAuthentication
from config.core.openapi import ErrorSerializer, response
from config.core.pagination import CursorPage, page_of
from support_chat import article_selectors as selectors
from support_chat import article_serializers as serializers
from support_chat import languages
from support_chat.access import ChatRate, GuestAuthentication

_LINE = {
    "slug": "credit-expiry",
    "language": "en",
    "title": "When credits expire",
    "excerpt": "- **Packs**: never expire, their bonus credits included.",
    "score": 0.912,
}
_ARTICLE = {
    "slug": "credit-expiry",
    "language": "en",
    "title": "When credits expire",
    "body": _LINE["excerpt"],
}
_FOUND = {"results": [_LINE], "next": None, "previous": None}


class ArticlePage(CursorPage):
    ordering = ("slug", "pk")


class ArticlesView(APIView):
    authentication_classes = [ApiKeyAuthentication, BearerAuthentication, GuestAuthentication]
    permission_classes = [AllowAny]
    throttle_classes = [ChatRate]

    @extend_schema(
        operation_id="support_articles",
        summary="Help articles: all, or those that answer a question",
        tags=["Support"],
        auth=[],
        parameters=[serializers.ArticleSearchSerializer],
        responses={
            200: page_of(serializers.ArticleLineSerializer),
            **dict.fromkeys((400, 401, 429), ErrorSerializer),
        },
        examples=[response(_FOUND)],
    )
    def get(self, request: Request) -> Response:
        """With `q` the ten best articles in one page, or none; without it all by name, in pages."""
        form = serializers.ArticleSearchSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        language, now = form.validated_data.get("language"), timezone.now()
        question = form.validated_data.get("q")
        if question is None:
            paginator = ArticlePage()
            rows = paginator.paginate_queryset(selectors.published(), request, view=self)
            found = selectors.texts(rows or [], language=language or languages.DEFAULT, now=now)
            return paginator.get_paginated_response(
                serializers.ArticleLineSerializer(list(found), many=True).data
            )
        noticed = languages.detect(question, chosen=language).language
        lines = selectors.search(question=question, language=noticed, now=now)
        page = {"results": serializers.ArticleLineSerializer(lines, many=True).data}
        return Response({**page, "next": None, "previous": None})


class ArticleView(APIView):
    authentication_classes = ArticlesView.authentication_classes
    permission_classes = [AllowAny]
    throttle_classes = [ChatRate]

    @extend_schema(
        operation_id="support_article",
        summary="A help article",
        tags=["Support"],
        auth=[],
        parameters=[serializers.ArticleQuerySerializer],
        responses={
            200: serializers.ArticleSerializer,
            **dict.fromkeys((400, 401, 404, 429), ErrorSerializer),
        },
        examples=[response(_ARTICLE)],
    )
    def get(self, request: Request, slug: str) -> Response:
        form = serializers.ArticleQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        language = form.validated_data.get("language", languages.DEFAULT)
        found = selectors.article(slug=slug, language=language, now=timezone.now())
        return Response(serializers.ArticleSerializer(found).data)
