from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin
from subscriptions.models import AICreditPurchase

from . import links
from .refunds import refund_page


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
    actions_detail = ["refund"]

    @admin.display(description="business", ordering="business__name")
    def shop(self, purchase: AICreditPurchase) -> str:
        return links.wide(purchase.business)

    @display(
        description="status",
        ordering="status",
        label={"PENDING": "info", "SUCCESSFUL": "success", "REFUNDED": "warning"},
    )
    def outcome(self, purchase: AICreditPurchase) -> str:
        return purchase.status

    @admin.display(description="payment", ordering="payment__reference")
    def payment_link(self, purchase: AICreditPurchase) -> str:
        return links.payment(purchase.payment)

    @admin.display(description="credits left")
    def grant_link(self, purchase: AICreditPurchase) -> str:
        return links.credits_left(purchase.grant)

    @action(description="Refund", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        purchase = get_object_or_404(AICreditPurchase.objects.select_related("business"), pk=object_id)
        name = f"{purchase.pack_name} pack, to {purchase.business}"
        return refund_page(page=self, request=request, row=purchase, name=name)

    def has_refund_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """What was not paid has no refund."""
        may = request.user.has_perm("subscriptions.change_aicreditpurchase")
        purchase = self.get_object(request, object_id) if may else None
        return purchase is not None and purchase.paid_by_id is not None
