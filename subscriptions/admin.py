"""The books as platform staff see them: accounts, ledger, holds, AI uses, purchases, add-ons."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline, ReadOnlyList

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
    Receipt,
)


class AccountGrants(ReadOnlyList):
    model = CreditGrant
    fields = ["key_link", "credits", "remaining", "unit_value_ghs", "created_at", "expires_at"]
    readonly_fields = ["key_link"]
    verbose_name_plural = "grants"

    @admin.display(description="key")
    def key_link(self, grant: CreditGrant) -> str:
        return _link(reverse("admin:subscriptions_creditgrant_change", args=[grant.pk]), grant.key)

    def get_form_queryset(self, obj: Model) -> QuerySet[CreditGrant]:
        return CreditGrant.objects.filter(business_id=obj.pk).order_by("-pk")


@admin.register(BusinessAICredits)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["business", "balance", "held", "debt", "total_purchased", "total_used"]
    list_select_related = ["business"]
    search_fields = ["business__name", "=business__id"]
    ordering = ["business__name"]
    readonly_fields = ["history"]
    inlines = [AccountGrants]

    @admin.display(description="everything about it")
    def history(self, account: BusinessAICredits) -> str:
        pages = {"entries": "creditentry", "holds": "credithold", "AI uses": "aitransaction"}
        links = (
            _link(f"{_list(name)}?business__id__exact={account.pk}", text) for text, name in pages.items()
        )
        return format_html(" · ".join(["{}"] * len(pages)), *links)


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


@admin.register(CreditHold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "feature", "credits", "captured", "status", "expires_at"]
    list_select_related = ["business"]
    list_filter = ["state", "feature", "created_at"]
    search_fields = ["=request_id", "business__name"]
    exclude = ["membership", "user_id", "counter"]
    readonly_fields = ["member"]
    ordering = ["-pk"]

    @display(
        description="state",
        ordering="state",
        label={"open": "info", "captured": "success", "released": "warning", "expired": "danger"},
    )
    def status(self, hold: CreditHold) -> str:
        return hold.state

    @admin.display(description="member")
    def member(self, hold: CreditHold) -> str:
        return _member(hold.membership)


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
        return _wide(used.business)

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
        return _ai_request(used.request_id)

    @admin.display(description="repeats")
    def repeated_request(self, used: AITransaction) -> str:
        return _ai_request(used.repeats_request_id) if used.repeats_request_id else "–"

    @admin.display(description="member")
    def member(self, used: AITransaction) -> str:
        return _member(used.membership)


@admin.register(AICreditPurchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "shop",
        "pack_name",
        "price_ghs",
        "total_credits",
        "outcome",
        "payment_method",
        "payment_link",
        "grant_link",
        "completed_at",
    ]
    list_select_related = ["business", "payment", "grant"]
    list_filter = ["status", "pack_type", "payment_method", "created_at"]
    search_fields = ["=id", "payment__reference", "business__name"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]

    @admin.display(description="business", ordering="business__name")
    def shop(self, purchase: AICreditPurchase) -> str:
        return _wide(purchase.business)

    @display(
        description="status",
        ordering="status",
        label={"PENDING": "info", "SUCCESSFUL": "success", "REFUNDED": "warning"},
    )
    def outcome(self, purchase: AICreditPurchase) -> str:
        return purchase.status

    @admin.display(description="payment", ordering="payment__reference")
    def payment_link(self, purchase: AICreditPurchase) -> str:
        url = reverse("admin:payments_payment_change", args=[purchase.payment_id])
        return _link(url, f"{purchase.payment.reference:.13}…")

    @admin.display(description="credits left")
    def grant_link(self, purchase: AICreditPurchase) -> str:
        if purchase.grant is None:
            return "–"
        url = reverse("admin:subscriptions_creditgrant_change", args=[purchase.grant_id])
        return _link(url, purchase.grant.remaining)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = [
        "number",
        "created_at",
        "business",
        "customer_name",
        "description",
        "total_ghs",
        "reference",
    ]
    list_select_related = ["business"]
    list_filter = ["kind", "year", "created_at"]
    search_fields = ["=number", "=reference", "customer_name", "business__name"]
    raw_id_fields = ["payment", "corrects", "refund"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]


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


def _link(url: str, text: Any) -> str:
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, text)


def _wide(text: Any) -> str:
    """Keeps a column of names from becoming one word wide in a table of many columns."""
    return format_html('<span class="block lg:w-56">{}</span>', text)


def _list(model: str) -> str:
    return reverse(f"admin:subscriptions_{model}_changelist")


def _ai_request(request_id: Any) -> str:
    """A link by name: the app that keeps the requests stands above this one."""
    return _link(reverse("admin:ai_features_airequest_change", args=[request_id]), request_id)


def _member(membership: Any) -> str:
    return f"{membership.user} ({membership.role})" if membership else "–"
