from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from config.core.admin import ReadOnlyAdmin
from support_chat.models import StaffView


@admin.register(StaffView)
class StaffViewAdmin(ReadOnlyAdmin):
    """Who of the staff read which conversation."""

    list_display = ["viewed_at", "seen_until", "staff", "through", "conversation_link"]
    list_select_related = ["staff"]
    list_filter = ["through", "viewed_at"]
    search_fields = ["staff__email", "=conversation__id"]
    date_hierarchy = "viewed_at"
    ordering = ["-viewed_at"]
    exclude = ["conversation"]
    readonly_fields = ["conversation_link"]

    @admin.display(description="conversation")
    def conversation_link(self, view: StaffView) -> str:
        url = reverse("admin:support_chat_supportconversation_change", args=[view.conversation_id])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, view.conversation_id
        )
