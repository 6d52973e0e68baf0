"""The page on which staff correct a business's credits."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminDecimalFieldWidget

from config.core.admin_forms import ReasonForm, form_page
from subscriptions.models import BusinessAICredits
from subscriptions.selectors import account as accounts
from subscriptions.services import adjustments


class AdjustmentForm(ReasonForm):
    key = forms.UUIDField(widget=forms.HiddenInput)
    credits = forms.DecimalField(
        max_digits=14,
        decimal_places=2,
        help_text="To take credits, a number below zero. They leave in the order of use.",
        widget=UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal"}),
    )
    expires_on = forms.DateField(
        required=False,
        label="Last day",
        help_text="On which given credits can be used, in UTC. Empty: they don't expire.",
        widget=UnfoldAdminDateWidget,
    )
    field_order = ["credits", "expires_on", "reason"]


def adjustment_page(*, page: ModelAdmin, request: HttpRequest, account: BusinessAICredits) -> HttpResponse:
    """Shows what the business has, and corrects it once for each page that was opened."""

    def perform(values: dict[str, Any]) -> str:
        done = adjustments.adjust(
            business_id=account.pk,
            credits=values["credits"],
            reason=values["reason"],
            actor_id=int(request.user.pk),  # type: ignore[arg-type]  # staff only
            key=str(values["key"]),
            expires_at=_end_of(values["expires_on"]),
            now=timezone.now(),
        )
        if done.repeated:
            return f"This was done before. {done.available:,} credits are available."
        verb = "given" if done.credits > 0 else "taken"
        debt = f", {done.debt_paid:,} of them to pay a debt" if done.debt_paid else ""
        return f"{abs(done.credits):,} credits were {verb}{debt}. {done.available:,} are available."

    return form_page(
        page=page,
        request=request,
        row=account,
        form_class=AdjustmentForm,
        initial={"key": uuid4()},
        title="Correct",
        explain="Given credits are free ones, and pay a debt first. Taken ones never become a debt.",
        facts=[("Business", str(account.business)), *_facts(account)],
        submit="Correct the credits",
        perform=perform,
    )


def _facts(account: BusinessAICredits) -> Iterator[tuple[str, str]]:
    available = accounts.available(business_id=account.pk, now=timezone.now())
    yield "Balance", f"{account.balance:,} credits"
    yield "Can be taken", f"{available:,} credits"
    if account.debt:
        yield "Debt", f"{account.debt:,} credits"


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), UTC)
