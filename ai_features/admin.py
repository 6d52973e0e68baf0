from django.contrib import admin

from ai_features.models import AIRequest
from config.core.admin import ReadOnlyAdmin


@admin.register(AIRequest)
class AIRequestAdmin(ReadOnlyAdmin):
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
