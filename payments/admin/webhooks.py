from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from config.core.errors import DomainError
from payments.models import WebhookEvent
from payments.services import webhooks


class DeadLetterFilter(admin.SimpleListFilter):
    title = "dead letters"
    parameter_name = "dead"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Could not be acted upon"), ("waiting", "Not processed yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        match self.value():
            case "yes":
                return queryset.filter(outcome__in=webhooks.DEAD)
            case "waiting":
                return queryset.filter(processed_at=None)
        return queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["event", "reference", "what", "received_at", "processed_at", "attempts", "last_error"]
    list_filter = [DeadLetterFilter, "outcome", "event", "signed_with", "received_at"]
    search_fields = ["reference", "body_sha256"]
    date_hierarchy = "received_at"
    ordering = ["-received_at"]
    actions = ["replay"]

    @display(
        description="outcome",
        ordering="outcome",
        label={
            "applied": "success",
            "kept": "info",
            "unknown_reference": "danger",
            "unreadable": "danger",
            "unconfirmed": "danger",
            "failed": "danger",
            "": "warning",
        },
    )
    def what(self, event: WebhookEvent) -> tuple[str, str]:
        return event.outcome, event.outcome.replace("_", " ") or "waiting"

    @admin.action(description="Replay dead letters", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        by, replayed = int(request.user.pk), 0  # type: ignore[arg-type]  # staff only
        for event in queryset:
            try:
                done = webhooks.replay(event_id=event.pk, by=by, now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{event}: {error.detail}", messages.WARNING)
                continue
            if done:
                self.log_change(request, event, f"Replayed; it was {event.outcome}.")
                replayed += 1
        self.message_user(request, f"Replayed: {replayed}.")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("payments.change_webhookevent"))
