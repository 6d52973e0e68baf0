from django.contrib import admin
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from subscriptions.models import AICreditPurchase

from . import links


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
        url = links.change_page("payments_payment", purchase.payment_id)
        return links.link(url, f"{purchase.payment.reference:.13}…")

    @admin.display(description="credits left")
    def grant_link(self, purchase: AICreditPurchase) -> str:
        if purchase.grant is None:
            return "–"
        url = links.change_page("subscriptions_creditgrant", purchase.grant_id)
        return links.link(url, purchase.grant.remaining)
