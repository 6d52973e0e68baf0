from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import Alert, AlertDelivery, AlertPreferences
from subscriptions.services import deliveries


class ForFilter(admin.SimpleListFilter):
    title = "for"
    parameter_name = "for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("operators", "Operators"), ("businesses", "Businesses")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() is None:
            return queryset
        return queryset.filter(business__isnull=self.value() == "operators")


class Deliveries(ReadOnlyInline):
    model = AlertDelivery
    fields = ["channel", "outcome", "attempts", "due_at", "sent_at", "error"]
    ordering = ["pk"]


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "shop", "kind", "how_bad", "title", "read_at"]
    list_select_related = ["business"]
    list_filter = [ForFilter, "severity", "kind", "created_at"]
    search_fields = ["title", "key", "business__name"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    inlines = [Deliveries]

    @admin.display(description="for", ordering="business__name")
    def shop(self, alert: Alert) -> str:
        return str(alert.business or "operators")

    @display(
        description="severity",
        ordering="severity",
        label={"info": "info", "warning": "warning", "critical": "danger", "blocked": "danger"},
    )
    def how_bad(self, alert: Alert) -> str:
        return alert.severity


@admin.register(AlertDelivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["alert", "channel", "what", "attempts", "due_at", "sent_at", "error"]
    list_select_related = ["alert"]
    list_filter = ["outcome", "channel"]
    search_fields = ["alert__title", "alert__key"]
    ordering = ["-pk"]
    actions = ["retry"]

    @display(
        description="outcome",
        ordering="outcome",
        label={"sent": "success", "skipped": "info", "gave_up": "danger", "": "warning"},
    )
    def what(self, delivery: AlertDelivery) -> tuple[str, str]:
        return delivery.outcome, delivery.get_outcome_display() if delivery.outcome else "waiting"

    @admin.action(description="Send again what was given up", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[AlertDelivery]) -> None:
        again = [row for row in queryset if deliveries.retry(delivery_id=row.pk, now=timezone.now())]
        for row in again:
            self.log_change(request, row, f"Made due again; it had failed with: {row.error}")
        self.message_user(request, f"Due again: {len(again)}. They are sent within seconds.")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("subscriptions.change_alertdelivery"))


@admin.register(AlertPreferences)
class PreferencesAdmin(ReadOnlyAdmin):
    list_display = ["business", "email_managers", "silent_kinds", "webhook_host"]
    list_select_related = ["business"]
    search_fields = ["business__name", "=business__id"]
    fields = ["business", "email_managers", "silent_kinds", "webhook_host"]
    ordering = ["business__name"]
