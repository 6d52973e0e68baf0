from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import AddonPeriod, AIMonthlyAddon


class Periods(ReadOnlyInline):
    model = AddonPeriod
    fields = ["number", "starts_at", "ends_at", "payment", "grant"]
    verbose_name_plural = "periods"
    ordering = ["-number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AddonPeriod]:
        return super().get_queryset(request).select_related("payment", "grant")


@admin.register(AIMonthlyAddon)
class AddonAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "outcome", "price_ghs", "credits", "period_end", "renews"]
    list_select_related = ["business"]
    list_filter = ["status", "renews", "created_at"]
    search_fields = ["=id", "business__name"]
    ordering = ["-created_at"]
    inlines = [Periods]

    @display(
        description="status",
        ordering="status",
        label={"PENDING": "info", "ACTIVE": "success", "UNAPPLIED": "danger"},
    )
    def outcome(self, addon: AIMonthlyAddon) -> str:
        return addon.status
