from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin
from config.core.admin_forms import ReasonForm, form_page
from payments.models import Dispute, Payment, Refund
from payments.services import actions, refund_reports, refunds, review
from payments.timeline import timeline
from payments.types import DisputeStatus, PaymentStatus, ReviewDecision

from .forms import RefundForm, ReviewForm


class ToDoFilter(admin.SimpleListFilter):
    title = "to do"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("review", "Waits for a decision"),
            ("unapplied", "Unapplied, to be refunded"),
            ("refund", "Refund under way"),
            ("dispute", "Dispute to answer"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        refund = Refund.objects.filter(payment=OuterRef("pk"), status__in=Refund.OPEN)
        dispute = Dispute.objects.filter(payment=OuterRef("pk"), status=DisputeStatus.OPEN)
        match self.value():
            case "review":
                return queryset.filter(status=PaymentStatus.REVIEW)
            case "unapplied":
                return queryset.filter(unapplied=True, status=PaymentStatus.SUCCESSFUL)
            case "refund":
                return queryset.filter(Exists(refund))
            case "dispute":
                return queryset.filter(Exists(dispute))
        return queryset


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        "reference",
        "business",
        "purpose",
        "amount_ghs",
        "outcome",
        "channel",
        "created_at",
        "settled_at",
    ]
    list_filter = [ToDoFilter, "status", "purpose", "method", "channel", "created_at"]
    list_select_related = ["business"]
    search_fields = ["reference", "email", "business__name", "gateway_transaction_id"]
    date_hierarchy = "created_at"
    exclude = ["display_text", "access_code"]
    actions_detail = ["ask_again", "decide", "give_back"]
    change_form_before_template = "admin/payments/timeline.html"

    @display(
        description="status",
        ordering="status",
        label={
            "PENDING": "info",
            "SUCCESSFUL": "success",
            "FAILED": "danger",
            "REFUNDED": "warning",
            "REVIEW": "danger",
        },
    )
    def outcome(self, payment: Payment) -> str:
        return payment.status

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        now = timezone.now()
        payment = self.get_object(request, object_id) if object_id else None
        shown = timeline(payment=payment, now=now) if isinstance(payment, Payment) else []
        context = {**(extra_context or {}), "timeline": shown, "timeline_now": now}
        return super().changeform_view(request, object_id, form_url, context)

    @action(description="Ask the gateway now", url_path="ask-again", permissions=["act"])
    def ask_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = get_object_or_404(Payment, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            now = timezone.now()
            actions.record(
                payment_id=payment.pk, by=_who(request), action="ask_again", reason=values["reason"], now=now
            )
            found = review.ask_again(payment_id=payment.pk, now=now)
            return f"Asked. The payment is {found.get_status_display().lower()}."

        return form_page(
            page=self,
            request=request,
            row=payment,
            form_class=ReasonForm,
            title="Ask the gateway now",
            explain="Nothing changes unless the gateway says something new about it.",
            submit="Ask the gateway",
            perform=perform,
        )

    @action(description="Decide", url_path="decide", permissions=["decide"])
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = get_object_or_404(Payment, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            decided = review.resolve(
                payment_id=payment.pk,
                decision=ReviewDecision(values["decision"]),
                reason=values["reason"],
                by=_who(request),
                now=timezone.now(),
            )
            return f"Decided. The payment is {decided.get_status_display().lower()}."

        return form_page(
            page=self,
            request=request,
            row=payment,
            form_class=ReviewForm,
            title="Decide about this payment",
            explain=f"{payment.review_reason}. The gateway is asked once more before anything is done.",
            submit="Decide",
            perform=perform,
        )

    @action(description="Refund", url_path="refund", permissions=["give_back"])
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Only for what was never sold: a refund of credits is asked for where they are taken back."""
        payment = get_object_or_404(Payment, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            refunds.open_refund(
                payment_id=payment.pk,
                amount_ghs=values["amount_ghs"],
                reason=values["reason"],
                requested_by=_who(request),
                now=timezone.now(),
            )
            return "The refund is on its way."

        return form_page(
            page=self,
            request=request,
            row=payment,
            form_class=RefundForm,
            initial={"amount_ghs": refund_reports.refundable_ghs(payment=payment)},
            title="Refund",
            explain="The money goes back to the payer. Nothing was given for this payment.",
            submit="Refund",
            perform=perform,
        )

    def has_act_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        return bool(request.user.has_perm("payments.change_payment"))

    def has_decide_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        return self._may(request, object_id, status=PaymentStatus.REVIEW)

    def has_give_back_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        return self._may(request, object_id, status=PaymentStatus.SUCCESSFUL, unapplied=True)

    def _may(self, request: HttpRequest, object_id: str, **state: Any) -> bool:
        return self.has_act_permission(request) and Payment.objects.filter(pk=object_id, **state).exists()


def _who(request: HttpRequest) -> int:
    return int(request.user.pk)  # type: ignore[arg-type]  # staff only
