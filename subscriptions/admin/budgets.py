from django.contrib import admin

from config.core.admin import ReadOnlyAdmin, ReadOnlyInline
from subscriptions.models import Budget, BudgetCounter

from . import links


class Months(ReadOnlyInline):
    model = BudgetCounter
    fields = ["month", "monthly_limit", "soft_only", "spent", "held", "spent_before", "alerted_percent"]
    verbose_name_plural = "months"
    ordering = ["-month"]


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "limits", "unit", "monthly_limit", "soft_only"]
    list_select_related = ["business", "membership__user"]
    list_filter = ["unit", "soft_only", "created_at"]
    search_fields = ["business__name", "=feature"]
    exclude = ["membership"]
    readonly_fields = ["limits"]
    ordering = ["-pk"]
    inlines = [Months]

    @admin.display(description="limits")
    def limits(self, budget: Budget) -> str:
        return links.member(budget.membership) if budget.membership_id else budget.feature or "all"
