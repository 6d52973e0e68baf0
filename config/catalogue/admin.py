"""Prices, limits and roles in the admin: every version of every row, and a change is a new version.

The rules are those of the file: a row is read and checked by the same code, alone and together with the rest.
"""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from config.core.dated import Table, Values, read_row

from .tables import TABLES, problems_between

IN_FORCE, SCHEDULED, WITHDRAWN, PAST = "in force", "scheduled", "withdrawn", "past"
WHEN_HELP = "Empty: at once. A later time schedules it. The version before it stays as history."
COLUMNS = {
    "packs": ["name", "price_ghs", "credits", "bonus_credits", "recommended"],
    "addon_plans": ["name", "price_ghs", "credits", "rollover_cap"],
    "free_credits": ["credits", "subsidy_share"],
    "features": ["name", "credits", "category", "model_class", "popular", "needs_addon"],
    "model_routes": ["models_in_order", "max_output_tokens"],
    "ai_models": ["input_usd", "cached_input_usd", "output_usd", "shutdown_on"],
    "storefront_tariffs": ["storefronts", "price_ghs"],
    "api_tiers": ["requests_per_day", "requests_per_month", "price_usd"],
    "chat_licences": ["messages_per_day", "messages_per_hour", "open_conversations", "price_usd"],
    "roles": ["name", "daily_ai_cost_usd", "capabilities", "is_owner"],
    "fx_rates": ["ghs", "source"],
    "tax_rates": ["name", "rate"],
}
# Fields that follow from the key are not asked for.
FROM_KEY = {"ai_models": ["provider", "name"]}


def state(row: Any, now: datetime) -> str:
    """Of a row from `DatedAdmin.get_queryset`, or of one just made."""
    if row.effective_from > now:
        return SCHEDULED
    if row.pk != getattr(row, "current_pk", row.pk):
        return PAST
    return IN_FORCE if row.is_active else WITHDRAWN


class DatedForm(forms.ModelForm):
    """A new version of a row; only a version that has not started yet is edited itself."""

    table: ClassVar[Table]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        self.follows_another = bool(self.instance.pk) and self.instance.effective_from <= self.now
        if "effective_from" in self.fields:  # a version of the past is only shown
            self.fields["effective_from"].required = False
            self.fields["effective_from"].help_text = WHEN_HELP
            if not self.instance.pk or self.follows_another:
                self.initial["effective_from"] = None

    def clean_effective_from(self) -> datetime:
        start: datetime = self.cleaned_data["effective_from"] or self.now
        if start < self.now:
            raise ValidationError("This is in the past. Leave it empty to start at once.")
        return start

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if self.follows_another and not self.has_changed():
            raise ValidationError("Nothing is different from the version in force.")
        key = cleaned.get(self.table.model.key_field) or getattr(self.instance, self.table.model.key_field)
        given = {name: cleaned.get(name) for name in self.table.fields()}
        row, problems = read_row(
            self.table, key, {name: value for name, value in given.items() if value is not None}
        )
        if row is not None:
            problems = self._problems_with_others(
                key, row.values if cleaned["is_active"] else None, cleaned["effective_from"]
            )
            for name, value in self.table.from_key(key).items():
                setattr(self.instance, name, value)
        for problem in problems:
            name, _, wrong = problem.partition(" ")
            self.add_error(*((name, wrong.capitalize()) if name in self.fields else (None, problem)))
        return cleaned

    def _problems_with_others(self, key: str, values: Values | None, start: datetime) -> list[str]:
        """What this change would break that was whole before. `values` is None for a withdrawal."""
        sections = {
            table.section: {
                getattr(row, table.model.key_field): table.values(row) for row in table.model.in_force(start)
            }
            for table in TABLES
        }
        already = set(problems_between(sections))
        if values is None:
            sections[self.table.section].pop(key, None)
        else:
            sections[self.table.section][key] = values
        return [problem for problem in problems_between(sections) if problem not in already]


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in (IN_FORCE, SCHEDULED, WITHDRAWN, PAST)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        now = timezone.now()
        return queryset.filter(pk__in=[row.pk for row in queryset if state(row, now) == self.value()])


class DatedAdmin(ModelAdmin):
    """Lists every version with its state. Saving the one in force adds a version; history stays."""

    table: ClassVar[Table]
    actions = None
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        key = self.table.model.key_field
        started = self.model._default_manager.filter(
            **{key: OuterRef(key)}, effective_from__lte=timezone.now()
        )
        newest = started.order_by("-effective_from", "-pk").values("pk")[:1]
        return super().get_queryset(request).annotate(current_pk=Subquery(newest))

    @display(
        description="State",
        label={IN_FORCE: "success", SCHEDULED: "info", WITHDRAWN: "danger", PAST: "warning"},
    )
    def state(self, row: Any) -> str:
        return state(row, timezone.now())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        derived = FROM_KEY.get(self.table.section, [])
        values = [name for name in self.table.fields() if name not in derived]
        return [
            (None, {"fields": [self.table.model.key_field, *values]}),
            ("From when", {"fields": ["effective_from", "is_active"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else [self.table.model.key_field]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        superseded = obj is not None and state(obj, timezone.now()) == PAST
        return super().has_change_permission(request, obj) and not superseded

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        started = obj is not None and obj.effective_from <= timezone.now()
        return super().has_delete_permission(request, obj) and not started

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.follows_another:
            obj.pk = None
            obj._state.adding = True
        super().save_model(request, obj, form, change)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # The address names the version that was; the new one has another.
        context = {**(extra_context or {}), "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, context)


def register(table: Table) -> None:
    """Gives the table its pages."""
    key = table.model.key_field
    pages = {
        "table": table,
        "form": type(f"{table.model.__name__}Form", (DatedForm,), {"table": table}),
        "list_display": [key, *COLUMNS[table.section], "effective_from", "state"],
        "list_filter": [StateFilter, key],
        "ordering": [key, "-effective_from"],
        "search_fields": [key],
    }
    admin.site.register(table.model, type(f"{table.model.__name__}Admin", (DatedAdmin,), pages))


for _table in TABLES:
    register(_table)
