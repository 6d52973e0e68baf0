from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from support_chat.models import SupportTicket

PRIORITY_LABELS = {"low": "info", "normal": "info", "high": "warning", "urgent": "danger"}


@admin.register(SupportTicket)
class TicketAdmin(ReadOnlyAdmin):
    """The history of hand-overs. What was said is read, and logged, in the conversation."""

    list_display = [
        *("created_at", "how_urgent", "category", "status", "reason", "sentiment", "shop", "assigned_to"),
        *("first_reply_at", "ended_at", "conversation_link"),
    ]
    list_select_related = ["business", "assigned_to"]
    list_filter = ["status", "priority", "category", "reason", "sentiment", "created_at"]
    search_fields = ["=id", "business__name", "assigned_to__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    exclude = ["summary", "conversation"]
    readonly_fields = ["conversation_link"]

    @display(description="priority", ordering="priority", label=PRIORITY_LABELS)
    def how_urgent(self, ticket: SupportTicket) -> str:
        return ticket.priority

    @admin.display(description="business", ordering="business__name")
    def shop(self, ticket: SupportTicket) -> str:
        return str(ticket.business or "guest")

    @admin.display(description="conversation")
    def conversation_link(self, ticket: SupportTicket) -> str:
        url = reverse("admin:support_chat_supportconversation_change", args=[ticket.conversation_id])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">Open</a>', url)
