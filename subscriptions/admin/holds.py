from django.contrib import admin
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from subscriptions.models import CreditHold

from . import links


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
        return links.member(hold.membership)
