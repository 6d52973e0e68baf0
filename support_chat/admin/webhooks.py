from django.contrib import admin
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from support_chat.models import ChatWebhook, ChatWebhookDelivery


@admin.register(ChatWebhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "host", "events", "is_active"]
    list_select_related = ["business"]
    list_filter = ["is_active"]
    search_fields = ["=id", "host", "business__name"]
    fields = ["id", "business", "host", "events", "is_active", "created_at"]
    ordering = ["-created_at"]


@admin.register(ChatWebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Without what was sent: it is from somebody's conversation."""

    list_display = ["created_at", "webhook", "event", "what", "attempts", "status_code", "due_at", "error"]
    list_select_related = ["webhook"]
    list_filter = ["outcome", "event", "created_at"]
    search_fields = ["=id", "=event_id", "=webhook__id", "webhook__host"]
    exclude = ["body"]
    ordering = ["-created_at", "-pk"]

    @display(
        description="outcome",
        ordering="outcome",
        label={"delivered": "success", "dropped": "info", "dead": "danger", "": "warning"},
    )
    def what(self, delivery: ChatWebhookDelivery) -> tuple[str, str]:
        return delivery.outcome, delivery.get_outcome_display() if delivery.outcome else "waiting"
