from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin
from config.core.admin_forms import form_page
from payments import providers
from payments.models import Dispute
from payments.providers.base import Evidence
from payments.services import dispute_answers, disputes
from payments.types import DisputeAnswer, DisputeStatus

from .forms import AcceptDisputeForm, DeclineDisputeForm


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ["payment", "shop", "amount_ghs", "state", "due_at", "time_left", "category", "opened_at"]
    list_select_related = ["payment__business"]
    list_filter = ["status", "category", "opened_at"]
    search_fields = ["gateway_dispute_id", "payment__reference", "payment__business__name"]
    date_hierarchy = "opened_at"
    # What has to be answered soonest comes first.
    ordering = [Case(When(status=DisputeStatus.OPEN, then=0), default=1).asc(), "due_at"]
    exclude = ["history", "evidence"]
    readonly_fields = ["how_to_answer"]
    actions_detail = ["decline", "accept"]

    @admin.display(description="business", ordering="payment__business__name")
    def shop(self, dispute: Dispute) -> str:
        return dispute.payment.business.name

    @display(
        description="status",
        ordering="status",
        label={"OPEN": "danger", "ANSWERED": "info", "WON": "success", "LOST": "warning"},
    )
    def state(self, dispute: Dispute) -> str:
        return dispute.status

    @admin.display(description="time left")
    def time_left(self, dispute: Dispute) -> str:
        if dispute.status != DisputeStatus.OPEN:
            return "–"
        left = dispute.due_at - timezone.now()
        hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
        return f"{hours} h {minutes} min" if left > timedelta(0) else "over"

    @admin.display(description="how to answer")
    def how_to_answer(self, dispute: Dispute) -> str:
        return disputes.where_to_answer(dispute)

    @action(description="Decline", url_path="decline", permissions=["answer"])
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dispute = get_object_or_404(Dispute.objects.select_related("payment__business"), pk=object_id)
        payment = dispute.payment

        def perform(values: dict[str, Any]) -> str:
            given = dispute_answers.answer(
                dispute_id=dispute.pk,
                decision=DisputeAnswer.DECLINE,
                message=values["message"],
                evidence=Evidence(
                    customer_email=values["customer_email"],
                    customer_name=values["customer_name"],
                    customer_phone=values["customer_phone"],
                    service_details=values["service_details"],
                ),
                file=values["file"],
                by=int(request.user.pk),  # type: ignore[arg-type]  # staff only
                reason=values["reason"],
                now=timezone.now(),
            )
            return _told(given)

        return form_page(
            page=self,
            request=request,
            row=dispute,
            form_class=DeclineDisputeForm,
            initial={
                "customer_email": payment.email,
                "customer_name": payment.business.name,
                "customer_phone": payment.phone or payment.business.phone,
            },
            title="Decline the dispute",
            explain=f"Tell the payer's bank why the payment of {payment.paid_ghs} cedis was right."
            f" An answer is possible until {dispute.due_at:%-d %B, %H:%M} UTC.",
            submit="Decline",
            perform=perform,
        )

    @action(description="Accept", url_path="accept", permissions=["answer"])
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dispute = get_object_or_404(Dispute, pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            given = dispute_answers.answer(
                dispute_id=dispute.pk,
                decision=DisputeAnswer.ACCEPT,
                message=values["message"],
                refund_ghs=values["refund_ghs"],
                by=int(request.user.pk),  # type: ignore[arg-type]  # staff only
                reason=values["reason"],
                now=timezone.now(),
            )
            return _told(given)

        return form_page(
            page=self,
            request=request,
            row=dispute,
            form_class=AcceptDisputeForm,
            initial={"refund_ghs": dispute.amount_ghs},
            title="Accept the dispute",
            explain="The payer gets the money back; what was sold for it is taken back. It can't be undone.",
            submit="Accept",
            perform=perform,
        )

    def has_answer_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        dispute = Dispute.objects.filter(pk=object_id).select_related("payment").first()
        is_open = dispute is not None and dispute.status == DisputeStatus.OPEN
        is_ours = dispute is not None and providers.answers_disputes(dispute.payment.gateway)
        return bool(request.user.has_perm("payments.change_dispute")) and is_open and is_ours


def _told(dispute: Dispute) -> str:
    if dispute.status == DisputeStatus.OPEN:
        return "The answer is kept. The gateway has not confirmed it yet; it is asked again by itself."
    return f"The dispute is {dispute.get_status_display().lower()}."
