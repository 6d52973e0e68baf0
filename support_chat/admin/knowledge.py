"""Help articles and curated answers, as staff write them. What they save is searched at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from support_chat.models import CannedAnswer, KnowledgeArticle
from support_chat.services import articles, figures


class FiguresForm(forms.ModelForm):
    """Refuses a placeholder that the catalogue has no figure for, in whichever text it stands."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        known = figures.figures(now=timezone.now())
        for name, value in list(cleaned.items()):
            unknown = figures.named(value) - known.keys() if isinstance(value, str) else set()
            if unknown:
                self.add_error(name, f"The catalogue has no figure {', '.join(sorted(unknown))}.")
        return cleaned


class Written(ModelAdmin):
    form = FiguresForm
    readonly_fields = ["origin", "created_at", "updated_at"]

    @admin.display(description="origin")
    def origin(self, row: Any) -> str:
        if row.file_hash:
            return "Ships with the product; what you change here stays until its file changes."
        return "Written here."

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        obj.created_at = obj.created_at or obj.updated_at
        super().save_model(request, obj, form, change)


@admin.register(KnowledgeArticle)
class ArticleAdmin(Written):
    list_display = ["title", "slug", "is_published", "updated_at"]
    list_filter = ["is_published"]
    search_fields = ["title", "slug", "body", "questions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KnowledgeArticle]:
        return super().get_queryset(request).defer("search")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            articles.index(articles=[obj])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            articles.index(articles=[])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[KnowledgeArticle]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            articles.index(articles=[])


@admin.register(CannedAnswer)
class AnswerAdmin(Written):
    list_display = ["slug", "text_en", "is_active", "updated_at"]
    list_filter = ["is_active"]
    search_fields = ["slug", "triggers", "text_en", "text_fr", "text_tw"]
