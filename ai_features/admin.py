from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from ai_features import selectors
from ai_features.models import AIRequest, FalsePositive, InjectionFinding
from ai_features.privacy import injection
from ai_features.privacy.injection_rules import RULES
from ai_features.services import screening
from config.core.admin import ReadOnlyAdmin, ReadOnlyList
from config.core.admin_forms import ReasonForm, form_page

PERIODS = (7, 30, 90)


class SuspiciousFilter(admin.SimpleListFilter):
    title = "orders to the AI"
    parameter_name = "suspicious"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Found in a text"), ("refused", "Refused for it")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIRequest]) -> QuerySet[AIRequest]:
        match self.value():
            case "yes":
                return queryset.exclude(flags=[])
            case "refused":
                return queryset.filter(error_code="input_refused")
        return queryset


class Findings(ReadOnlyList):
    model = InjectionFinding
    fields = ["rule", "mode", "field"]
    readonly_fields = ["rule", "mode", "field"]
    verbose_name_plural = "texts that read like orders to the AI"

    def get_form_queryset(self, obj: AIRequest) -> QuerySet[InjectionFinding]:
        return InjectionFinding.objects.filter(request_id=obj.pk).order_by("pk")


@admin.register(AIRequest)
class AIRequestAdmin(ReadOnlyAdmin):
    """Read-only. What a customer asked and was told; no one can change it, least of all its charge."""

    list_display = [
        "created_at",
        "business",
        "feature",
        "status",
        "source",
        "credits_charged",
        "model",
        "error_code",
        "flags",
    ]
    list_filter = [SuspiciousFilter, "status", "source", "feature", "error_code"]
    list_select_related = ["business"]
    search_fields = ["id", "business__name", "idempotency_key"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    show_full_result_count = False
    inlines = [Findings]
    actions_detail = ["mark_honest"]

    @action(description="Mark as false positive", url_path="mark-honest", permissions=["mark_honest"])
    def mark_honest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = get_object_or_404(AIRequest.objects.select_related("business"), pk=object_id)

        def perform(values: dict[str, Any]) -> str:
            count = screening.mark_false_positives(
                request_id=found.pk,
                rules=values["rules"],
                note=values["reason"],
                by_id=int(request.user.pk),  # type: ignore[arg-type]  # staff only
                now=timezone.now(),
            )
            return f"Marked: {count}. The same texts of {found.business} are let through from now on."

        return form_page(
            page=self,
            request=request,
            row=found,
            form_class=_mark_form(found),
            title="Mark as false positive",
            explain="The texts in which these rules saw an order to the AI are honest. For this business "
            "alone, the rules will let the same texts through, however they are spelled.",
            facts=[("Business", str(found.business)), ("Feature", found.feature)],
            submit="Mark as false positive",
            perform=perform,
        )

    def has_mark_honest_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        may = request.user.has_perm("ai_features.add_falsepositive")
        return may and InjectionFinding.objects.filter(request_id=object_id).exists()


def _mark_form(request: AIRequest) -> type[ReasonForm]:
    found = InjectionFinding.objects.filter(request_id=request.pk).order_by("pk").values_list("rule", "field")
    choices = list({rule: f"{rule}: {field}" for rule, field in reversed(found)}.items())

    class MarkForm(ReasonForm):
        rules = forms.MultipleChoiceField(
            choices=choices,
            initial=[rule for rule, _ in choices],
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            help_text="Which of them were wrong.",
        )
        field_order = ["rules", "reason"]

    return MarkForm


@admin.register(FalsePositive)
class FalsePositiveAdmin(ModelAdmin):
    """What was marked, by whom. Deleting a row makes the rule look at that text again."""

    list_display = ["created_at", "business", "rule", "note", "marked_by_id"]
    list_filter = ["rule", "created_at"]
    list_select_related = ["business"]
    search_fields = ["business__name", "note", "request_id"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(InjectionFinding)
class InjectionFindingAdmin(ReadOnlyAdmin):
    """Its list is the report: how often each rule found something, and how often it was wrong."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        asked = request.GET.get("days", "")
        days = int(asked) if asked in {str(period) for period in PERIODS} else 30
        rates = selectors.injection_rates(since=timezone.now() - timedelta(days=days))
        for row in rates:  # a rule may have gone since
            row["mode"] = injection.mode_of(row["rule"]) if row["rule"] in RULES else "gone"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "Orders to the AI, by rule",
            "days": days,
            "periods": PERIODS,
            "rates": rates,
            "silent": sorted(RULES.keys() - {row["rule"] for row in rates}),
        }
        return render(request, "admin/injection_rules.html", context)
