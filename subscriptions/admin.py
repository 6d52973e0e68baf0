"""The books as platform staff see them: accounts, ledger, holds, AI uses, purchases, add-ons."""

from decimal import Decimal

from django.contrib import admin

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline

from .models import (
    AddonPeriod,
    AICreditPurchase,
    AIMonthlyAddon,
    AITransaction,
    BusinessAICredits,
    CreditEntry,
    CreditGrant,
    CreditHold,
    CreditSlice,
)


@admin.register(BusinessAICredits)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["business", "balance", "held", "debt", "total_purchased", "total_used"]
    list_select_related = ["business"]
    search_fields = ["business__name"]
    ordering = ["business__name"]


class GrantSlices(ReadOnlyInline):
    model = CreditSlice
    fields = ["entry", "amount"]
    verbose_name_plural = "what came and went"


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


class EntrySlices(ReadOnlyInline):
    model = CreditSlice
    fields = ["grant", "amount"]
    verbose_name_plural = "grants it took from or gave to"


@admin.register(CreditEntry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "kind", "amount", "balance_after", "debt_change", "key", "note"]
    list_select_related = ["business"]
    list_filter = ["kind", "created_at"]
    search_fields = ["key", "business__name", "note"]
    ordering = ["-pk"]
    inlines = [EntrySlices]


@admin.register(CreditHold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "feature", "credits", "captured", "state", "expires_at"]
    list_select_related = ["business"]
    list_filter = ["state", "feature", "created_at"]
    search_fields = ["request_id", "business__name"]
    ordering = ["-pk"]


@admin.register(AITransaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "business",
        "feature",
        "status",
        "source",
        "credits_charged",
        "revenue_ghs",
        "cost_ghs",
        "margin",
        "model",
        "response_time_ms",
    ]
    list_select_related = ["business"]
    list_filter = ["status", "source", "feature", "model", "created_at"]
    search_fields = ["request_id", "business__name"]
    ordering = ["-pk"]

    @admin.display(description="margin")
    def margin(self, used: AITransaction) -> str:
        """(revenue - provider cost) ÷ revenue; nothing where nothing was earned."""
        if not used.revenue_ghs:
            return "–"
        return f"{(1 - used.cost_ghs / used.revenue_ghs) * Decimal(100):.1f}%"


@admin.register(AICreditPurchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "business",
        "pack_name",
        "price_ghs",
        "total_credits",
        "status",
        "payment_method",
        "payment",
        "completed_at",
    ]
    list_select_related = ["business", "payment"]
    list_filter = ["status", "pack_type", "payment_method", "created_at"]
    search_fields = ["id", "payment__reference", "business__name"]
    ordering = ["-created_at"]


class Periods(ReadOnlyInline):
    model = AddonPeriod
    fields = ["number", "starts_at", "ends_at", "payment", "grant"]


@admin.register(AIMonthlyAddon)
class AddonAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "status", "price_ghs", "credits", "period_end", "renews"]
    list_select_related = ["business"]
    list_filter = ["status", "renews"]
    search_fields = ["business__name"]
    ordering = ["-created_at"]
    inlines = [Periods]
