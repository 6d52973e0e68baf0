from django.contrib import admin

from config.core.admin import ReadOnlyAdmin
from subscriptions.models import Receipt


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
