from django.contrib import admin

from config.core.admin import ReadOnlyAdmin
from payments.models import Settlement


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
