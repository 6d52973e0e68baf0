from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import CreditGrant, CreditSlice


class GrantSlices(ReadOnlyInline):
    model = CreditSlice
    fields = ["entry", "amount"]
    verbose_name_plural = "what came and went"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditSlice]:
        return super().get_queryset(request).select_related("entry")


@admin.register(CreditGrant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "business",
        "source",
        "credits",
        "remaining",
        "unit_value_ghs",
        "expires_at",
        "key",
    ]
    list_select_related = ["business"]
    list_filter = ["source", "expires_at"]
    search_fields = ["key", "business__name"]
    ordering = ["-pk"]
    inlines = [GrantSlices]
