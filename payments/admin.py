from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Payment, WebhookEvent


class ReadOnlyAdmin(ModelAdmin):
    """Money is moved by services, which keep the books; here it is only looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
