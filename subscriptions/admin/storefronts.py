from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import StorefrontPeriod, StorefrontPlan

from . import links
from .refunds import refund_page


class StorefrontPeriods(ReadOnlyInline):
    model = StorefrontPeriod
    fields = ["period", "storefronts", "added", "price_ghs", "starts_at", "ends_at", "payment", "void_at"]
    readonly_fields = ["period"]
    verbose_name_plural = "periods"
    ordering = ["-number", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StorefrontPeriod]:
        return super().get_queryset(request).select_related("payment")

    @admin.display(description="period")
    def period(self, period: StorefrontPeriod) -> str:
        url = links.change_page("subscriptions_storefrontperiod", period.pk)
        return links.link(url, f"Number {period.number}")


@admin.register(StorefrontPlan)
class StorefrontPlanAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "outcome", "storefronts", "price_ghs", "period_end", "renews"]
    list_select_related = ["business"]
    list_filter = ["status", "renews", "created_at"]
    search_fields = ["=id", "business__name"]
    ordering = ["-created_at"]
    inlines = [StorefrontPeriods]

    @display(
        description="status",
        ordering="status",
        label={"PENDING": "info", "ACTIVE": "success", "UNAPPLIED": "danger"},
    )
    def outcome(self, plan: StorefrontPlan) -> str:
        return plan.status


@admin.register(StorefrontPeriod)
class StorefrontPeriodAdmin(ReadOnlyAdmin):
    list_display = ["shop", "number", "storefronts", "starts_at", "ends_at", "payment_link", "grant_link"]
    list_select_related = ["plan__business", "payment", "grant"]
    list_filter = ["starts_at"]
    search_fields = ["=plan__id", "payment__reference", "plan__business__name"]
    ordering = ["-pk"]
    actions_detail = ["refund"]

    @admin.display(description="business", ordering="plan__business__name")
    def shop(self, period: StorefrontPeriod) -> str:
        return links.wide(period.plan.business)

    @admin.display(description="payment", ordering="payment__reference")
    def payment_link(self, period: StorefrontPeriod) -> str:
        return links.payment(period.payment)

    @admin.display(description="free credits left")
    def grant_link(self, period: StorefrontPeriod) -> str:
        return links.credits_left(period.grant)

    @action(description="Refund", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        period = get_object_or_404(StorefrontPeriod.objects.select_related("plan__business"), pk=object_id)
        months = f"{period.starts_at:%-d %B %Y} to {period.ends_at:%-d %B %Y}"
        name = f"Storefront plan ({period.storefronts}), {months}, to {period.plan.business}"
        explain = (
            "All that is left of the payment goes back. Once it has, the plan ends if this is its current"
            " month, or covers as many storefronts as before. Free credits stay until they expire."
        )
        return refund_page(page=self, request=request, row=period, name=name, explain=explain)

    def has_refund_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """What was not paid has no refund; what was paid for nothing is refunded at its payment."""
        may = request.user.has_perm("subscriptions.change_storefrontperiod")
        period = self.get_object(request, object_id) if may else None
        return period is not None and period.paid_by_id is not None
