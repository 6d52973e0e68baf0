from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ai_features.models import AIRequest


@admin.register(AIRequest)
class AIRequestAdmin(ModelAdmin):
    """Read-only. What a customer asked and was told; no one can change it, least of all its charge."""

    list_display = [
        "created_at",
        "business",
        "feature",
        "status",
        "source",
        "credits_charged",
        "model",
        "error_code",
    ]
    list_filter = ["status", "source", "feature", "error_code"]
    list_select_related = ["business"]
    search_fields = ["id", "business__name", "idempotency_key"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
