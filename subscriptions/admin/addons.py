from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import AddonPeriod, AIMonthlyAddon

from . import links
from .refunds import refund_page


class Periods(ReadOnlyInline):
    model = AddonPeriod
    fields = ["period", "starts_at", "ends_at", "payment", "grant", "rolled_over"]
    readonly_fields = ["period"]
    verbose_name_plural = "periods"
    ordering = ["-number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AddonPeriod]:
        return super().get_queryset(request).select_related("payment", "grant")

    @admin.display(description="period")
    def period(self, period: AddonPeriod) -> str:
        url = links.change_page("subscriptions_addonperiod", period.pk)
        return links.link(url, f"Number {period.number}")


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
        label={"PENDING": "info", "ACTIVE": "success", "LAPSED": "warning", "UNAPPLIED": "danger"},
    )
    def outcome(self, addon: AIMonthlyAddon) -> str:
        return addon.status


@admin.register(AddonPeriod)
class PeriodAdmin(ReadOnlyAdmin):
    list_display = ["shop", "number", "starts_at", "ends_at", "payment_link", "grant_link"]
    list_select_related = ["addon__business", "payment", "grant"]
    list_filter = ["starts_at"]
    search_fields = ["=addon__id", "payment__reference", "addon__business__name"]
    ordering = ["-pk"]
    actions_detail = ["refund"]

    @admin.display(description="business", ordering="addon__business__name")
    def shop(self, period: AddonPeriod) -> str:
        return links.wide(period.addon.business)

    @admin.display(description="payment", ordering="payment__reference")
    def payment_link(self, period: AddonPeriod) -> str:
        return links.payment(period.payment)

    @admin.display(description="credits left")
    def grant_link(self, period: AddonPeriod) -> str:
        return links.credits_left(period.grant)

    @action(description="Refund", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        period = get_object_or_404(AddonPeriod.objects.select_related("addon__business"), pk=object_id)
        months = f"{period.starts_at:%-d %B %Y} to {period.ends_at:%-d %B %Y}"
        name = f"Monthly add-on, {months}, to {period.addon.business}"
        return refund_page(page=self, request=request, row=period, name=name)

    def has_refund_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """What was not paid has no refund; what was paid for nothing is refunded at its payment."""
        may = request.user.has_perm("subscriptions.change_addonperiod")
        period = self.get_object(request, object_id) if may else None
        return period is not None and period.paid_by_id is not None
