from decimal import Decimal

from django.contrib import admin
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from subscriptions.models import AITransaction

from . import links


@admin.register(AITransaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "shop",
        "feature",
        "outcome",
        "source",
        "model",
        "credits_charged",
        "revenue",
        "cost",
        "margin",
    ]
    list_select_related = ["business"]
    list_filter = ["status", "source", "feature", "model", "late", "created_at"]
    search_fields = ["=request_id", "business__name"]
    date_hierarchy = "created_at"
    fields = [
        ("created_at", "response_time_ms"),
        ("business", "member"),
        "feature",
        "stored_request",
        "repeated_request",
        ("status", "error_code"),
        ("source", "attempts"),
        "hold",
        ("partial", "late"),
        ("credits_charged", "revenue_ghs"),
        ("cost_ghs", "margin"),
        ("cost_usd", "fx_rate"),
        ("model", "price_effective_from"),
        ("input_tokens", "cached_tokens"),
        ("output_tokens", "reasoning_tokens"),
    ]
    readonly_fields = ["stored_request", "repeated_request", "member", "margin"]
    ordering = ["-pk"]

    @admin.display(description="business", ordering="business__name")
    def shop(self, used: AITransaction) -> str:
        return links.wide(used.business)

    @display(
        description="status",
        ordering="status",
        label={"success": "success", "failed": "danger", "abandoned": "warning"},
    )
    def outcome(self, used: AITransaction) -> str:
        return used.status

    @admin.display(description="GHS earned", ordering="revenue_ghs")
    def revenue(self, used: AITransaction) -> str:
        return f"{used.revenue_ghs:.4f}"

    @admin.display(description="GHS cost", ordering="cost_ghs")
    def cost(self, used: AITransaction) -> str:
        return f"{used.cost_ghs:.4f}"

    @admin.display(description="margin")
    def margin(self, used: AITransaction) -> str:
        """(revenue - provider cost) ÷ revenue; nothing where nothing was earned."""
        if not used.revenue_ghs:
            return "–"
        return f"{(1 - used.cost_ghs / used.revenue_ghs) * Decimal(100):.1f}%"

    @admin.display(description="AI request")
    def stored_request(self, used: AITransaction) -> str:
        return links.ai_request(used.request_id)

    @admin.display(description="repeats")
    def repeated_request(self, used: AITransaction) -> str:
        return links.ai_request(used.repeats_request_id) if used.repeats_request_id else "–"

    @admin.display(description="member")
    def member(self, used: AITransaction) -> str:
        return links.member(used.membership)
