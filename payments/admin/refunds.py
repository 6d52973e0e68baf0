from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin
from config.core.admin_forms import form_page
from payments.models import Refund
from payments.services import refunds
from payments.types import RefundStatus

from .forms import BankAccountForm, OutcomeForm


class OpenFilter(admin.SimpleListFilter):
    title = "open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Not finished"), ("attention", "Needs attention")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        match self.value():
            case "yes":
                return queryset.filter(status__in=Refund.OPEN)
            case "attention":
                return queryset.filter(status=RefundStatus.NEEDS_ATTENTION)
        return queryset


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "payment",
        "shop",
        "amount_ghs",
        "state",
        "reason",
        "gateway_message",
        "finished_at",
    ]
    list_select_related = ["payment__business"]
    list_filter = [OpenFilter, "status", "created_at"]
    search_fields = ["=id", "payment__reference", "payment__business__name", "gateway_refund_id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    exclude = ["history"]
    actions_detail = ["bank_account", "by_hand"]

    @admin.display(description="business", ordering="payment__business__name")
    def shop(self, refund: Refund) -> str:
        return refund.payment.business.name

    @display(
        description="status",
        ordering="status",
        label={
            "REQUESTED": "info",
            "PENDING": "info",
            "PROCESSING": "info",
            "NEEDS_ATTENTION": "danger",
            "PROCESSED": "success",
            "FAILED": "danger",
        },
    )
    def state(self, refund: Refund) -> tuple[str, str]:
        return refund.status, refund.get_status_display()

    @action(description="Give the bank account", url_path="bank-account", permissions=["bank_account"])
    def bank_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = get_object_or_404(Refund, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            sent = refunds.give_bank_account(
                refund_id=refund.pk,
                account_number=values["account_number"],
                bank_id=values["bank_id"],
                by=int(request.user.pk),  # type: ignore[arg-type]  # staff only
                reason=values["reason"],
                now=timezone.now(),
            )
            return f"Sent. The refund is {sent.get_status_display().lower()}."

        return form_page(
            page=self,
            request=request,
            row=refund,
            form_class=BankAccountForm,
            title="Give the payer's bank account",
            explain="The gateway can't send the money back the way it came. It goes to this account instead.",
            submit="Send to the gateway",
            perform=perform,
        )

    @action(description="Finish by hand", url_path="by-hand", permissions=["by_hand"])
    def by_hand(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = get_object_or_404(Refund, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            done = refunds.finish_by_hand(
                refund_id=refund.pk,
                outcome=RefundStatus(values["outcome"]),
                reason=values["reason"],
                by=int(request.user.pk),  # type: ignore[arg-type]  # staff only
                now=timezone.now(),
            )
            return f"The refund is {done.get_status_display().lower()}."

        return form_page(
            page=self,
            request=request,
            row=refund,
            form_class=OutcomeForm,
            title="Finish by hand",
            explain="For what you have seen at the gateway's dashboard or at the bank. It can't be undone.",
            submit="Finish",
            perform=perform,
        )

    def has_bank_account_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        waiting = Refund.objects.filter(pk=object_id, status=RefundStatus.NEEDS_ATTENTION)
        return _may_change(request) and waiting.exclude(gateway_refund_id="").exists()

    def has_by_hand_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        started = Refund.objects.filter(pk=object_id, status__in=Refund.OPEN)
        return _may_change(request) and started.exclude(status=RefundStatus.REQUESTED).exists()


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("payments.change_refund"))
