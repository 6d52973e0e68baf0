from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import CreditEntry, CreditSlice


class EntrySlices(ReadOnlyInline):
    model = CreditSlice
    fields = ["grant", "amount"]
    verbose_name_plural = "grants it took from or gave to"
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditSlice]:
        return super().get_queryset(request).select_related("grant")


@admin.register(CreditEntry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "kind", "amount", "balance_after", "debt_change", "key", "note"]
    list_select_related = ["business"]
    list_filter = ["kind", "created_at"]
    search_fields = ["key", "business__name", "note"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    inlines = [EntrySlices]
