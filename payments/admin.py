from django.contrib import admin

from config.core.admin import ReadOnlyAdmin

from .models import Payment, Settlement, WebhookEvent


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        "reference",
        "business",
        "purpose",
        "amount_ghs",
        "status",
        "channel",
        "created_at",
        "settled_at",
    ]
    list_filter = ["status", "purpose", "method", "channel", "created_at"]
    list_select_related = ["business"]
    search_fields = ["reference", "email", "business__name", "gateway_transaction_id"]
    date_hierarchy = "created_at"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["event", "reference", "outcome", "received_at", "processed_at", "attempts", "last_error"]
    list_filter = ["outcome", "event", "received_at"]
    search_fields = ["reference", "body_sha256"]
    date_hierarchy = "received_at"


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = [
        "settled_on",
        "gateway",
        "status",
        "total_ghs",
        "fees_ghs",
        "deductions_ghs",
        "paid_out_ghs",
        "gateway_settlement_id",
        "seen_at",
    ]
    list_filter = ["gateway", "status", "settled_on"]
    search_fields = ["gateway_settlement_id"]
    date_hierarchy = "settled_on"
