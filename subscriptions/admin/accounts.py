from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from unfold.decorators import action

from config.core.admin import ReadOnlyAdmin, ReadOnlyList
from subscriptions.models import BusinessAICredits, CreditGrant

from . import links
from .adjustments import adjustment_page


class AccountGrants(ReadOnlyList):
    model = CreditGrant
    fields = ["key_link", "credits", "remaining", "unit_value_ghs", "created_at", "expires_at"]
    readonly_fields = ["key_link"]
    verbose_name_plural = "grants"

    @admin.display(description="key")
    def key_link(self, grant: CreditGrant) -> str:
        return links.link(links.change_page("subscriptions_creditgrant", grant.pk), grant.key)

    def get_form_queryset(self, obj: Model) -> QuerySet[CreditGrant]:
        return CreditGrant.objects.filter(business_id=obj.pk).order_by("-pk")


@admin.register(BusinessAICredits)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["business", "balance", "held", "debt", "total_purchased", "total_used"]
    list_select_related = ["business"]
    search_fields = ["business__name", "=business__id"]
    ordering = ["business__name"]
    readonly_fields = ["history"]
    inlines = [AccountGrants]
    actions_detail = ["correct"]

    @action(description="Correct", url_path="correct", permissions=["correct"])
    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = get_object_or_404(BusinessAICredits.objects.select_related("business"), pk=object_id)
        return adjustment_page(page=self, request=request, account=account)

    def has_correct_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        return bool(request.user.has_perm("subscriptions.change_businessaicredits"))

    @admin.display(description="everything about it")
    def history(self, account: BusinessAICredits) -> str:
        pages = {"entries": "creditentry", "holds": "credithold", "AI uses": "aitransaction"}
        found = (
            links.link(f"{links.list_page(name)}?business__id__exact={account.pk}", text)
            for text, name in pages.items()
        )
        return format_html(" · ".join(["{}"] * len(pages)), *found)
