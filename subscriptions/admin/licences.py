from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.decorators import action, display

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from config.core.admin_forms import ReasonForm, form_page
from subscriptions.models import Licence, LicenceAction, LicenceMonth
from subscriptions.selectors import licences as reading
from subscriptions.services import licences

from . import links
from .refunds import refund_page


class Months(ReadOnlyInline):
    model = LicenceMonth
    fields = ["month", "business", "status", "starts_at", "ends_at", "price_ghs"]
    readonly_fields = ["month"]
    verbose_name_plural = "months"
    ordering = ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LicenceMonth]:
        return super().get_queryset(request).select_related("business")

    @admin.display(description="plan")
    def month(self, month: LicenceMonth) -> str:
        return links.link(links.change_page("subscriptions_licencemonth", month.pk), month.plan_name)


class Actions(ReadOnlyInline):
    model = LicenceAction
    fields = ["created_at", "action", "reason", "by_id"]
    verbose_name_plural = "suspensions"
    ordering = ["-pk"]


@admin.register(Licence)
class LicenceAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "outcome", "expires_at", "created_at"]
    list_select_related = ["user"]
    list_filter = ["kind", "status", "expires_at"]
    search_fields = ["user__email", "user__name"]
    ordering = ["-pk"]
    inlines = [Months, Actions]
    actions_detail = ["suspend", "unsuspend"]

    @display(
        description="status",
        ordering="status",
        label={"active": "success", "suspended": "danger", "expired": "info"},
    )
    def outcome(self, licence: Licence) -> tuple[str, str]:
        return licence.status, licence.get_status_display()

    @action(description="Suspend", url_path="suspend", permissions=["suspend"])
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        licence = get_object_or_404(Licence.objects.select_related("user"), pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            licences.suspend(
                licence_id=licence.pk, reason=values["reason"], by_id=_who(request), now=timezone.now()
            )
            return "Suspended. It counts as free from now on."

        return form_page(
            page=self,
            request=request,
            row=licence,
            form_class=ReasonForm,
            title="Suspend",
            explain="It counts as free at once; its paid time runs on. Money that still comes is refunded.",
            facts=_facts(licence),
            submit="Suspend",
            perform=perform,
        )

    @action(description="End the suspension", url_path="unsuspend", permissions=["unsuspend"])
    def unsuspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        licence = get_object_or_404(Licence.objects.select_related("user"), pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            done = licences.unsuspend(
                licence_id=licence.pk, reason=values["reason"], by_id=_who(request), now=timezone.now()
            )
            return f"The suspension has ended. The licence is {done.status}."

        return form_page(
            page=self,
            request=request,
            row=licence,
            form_class=ReasonForm,
            title="End the suspension",
            explain="What is left of its paid time counts again; the time of the suspension does not.",
            facts=_facts(licence),
            submit="End the suspension",
            perform=perform,
        )

    def has_suspend_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        licences = Licence.objects.filter(pk=object_id).exclude(status=Licence.Status.SUSPENDED)
        return _may_change(request) and licences.exists()

    def has_unsuspend_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        licences = Licence.objects.filter(pk=object_id, status=Licence.Status.SUSPENDED)
        return _may_change(request) and licences.exists()


@admin.register(LicenceMonth)
class LicenceMonthAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "shop",
        "user",
        "kind",
        "plan_name",
        "outcome",
        "price_ghs",
        "starts_at",
        "ends_at",
        "payment_link",
    ]
    list_select_related = ["business", "licence__user", "payment"]
    list_filter = ["licence__kind", "status", "plan", "ends_at"]
    search_fields = ["=id", "payment__reference", "business__name", "licence__user__email"]
    ordering = ["-created_at"]
    actions_detail = ["refund"]

    @admin.display(description="paid by", ordering="business__name")
    def shop(self, month: LicenceMonth) -> str:
        return links.wide(month.business)

    @admin.display(description="user", ordering="licence__user__email")
    def user(self, month: LicenceMonth) -> str:
        return month.licence.user.email

    @admin.display(description="kind", ordering="licence__kind")
    def kind(self, month: LicenceMonth) -> str:
        return month.licence.get_kind_display()

    @display(
        description="status",
        ordering="status",
        label={"pending": "info", "active": "success", "waiting": "info", "unapplied": "danger"},
    )
    def outcome(self, month: LicenceMonth) -> str:
        return reading.state(month, now=timezone.now())

    @admin.display(description="payment", ordering="payment__reference")
    def payment_link(self, month: LicenceMonth) -> str:
        return links.payment(month.payment)

    @action(description="Refund", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        months = LicenceMonth.objects.select_related("licence__user", "business")
        month = get_object_or_404(months, pk=object_id)
        name = f"{month.licence.get_kind_display()} {month.plan_name} of {month.licence.user.email}"
        return refund_page(page=self, request=request, row=month, name=f"{name}, to {month.business}")

    def has_refund_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """What was not paid has no refund; what was paid for nothing is refunded at its payment."""
        may = request.user.has_perm("subscriptions.change_licencemonth")
        month = self.get_object(request, object_id) if may else None
        return month is not None and month.paid_by_id is not None


def _facts(licence: Licence) -> list[tuple[str, str]]:
    until = f"{licence.expires_at:%-d %B %Y, %H:%M} UTC" if licence.expires_at else "free, without end"
    return [("Whose", licence.user.email), ("Kind", licence.get_kind_display()), ("Paid until", until)]


def _who(request: HttpRequest) -> int:
    return int(request.user.pk)  # type: ignore[arg-type]  # staff only


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("subscriptions.change_licence"))
