"""The page on which staff give back what is unspent of something that was sold."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.admin import ModelAdmin

from config.core.admin_forms import ReasonForm, form_page
from config.core.errors import DomainError
from subscriptions.models import AddonPeriod, AICreditPurchase, StorefrontPeriod
from subscriptions.selectors import refundable
from subscriptions.services import refunds

from . import links


class SealField(forms.CharField):
    """The seal of the figures on the page; of the new ones when it is shown again."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class RefundForm(ReasonForm):
    seal = SealField(required=False)


def refund_page(
    *,
    page: ModelAdmin,
    request: HttpRequest,
    row: AICreditPurchase | AddonPeriod | StorefrontPeriod,
    name: str,
    explain: str = "The credits are taken at once. They come back should the refund fail.",
) -> HttpResponse:
    """Shows what would go back, and refunds exactly that once it is confirmed with a reason.

    When nothing can be refunded, leads back to the row and says why. `row` has been paid.
    """
    payment_id = row.paid_by_id
    assert payment_id is not None
    try:
        quote = refundable.quote(payment_id=payment_id, now=timezone.now())
    except DomainError as error:
        page.message_user(request, error.detail, messages.ERROR)
        return redirect(links.change_page(row._meta.label_lower.replace(".", "_"), row.pk))

    def perform(values: dict[str, Any]) -> str:
        done = refunds.request(
            payment_id=payment_id,
            reason=values["reason"],
            requested_by=int(request.user.pk),  # type: ignore[arg-type]  # staff only
            seal=values["seal"],
            now=timezone.now(),
        )
        taken = f" {done.credits:,} credits were taken." if done.credits else ""
        return f"GHS {done.refund.amount_ghs:,} is on its way back.{taken}"

    return form_page(
        page=page,
        request=request,
        row=row,
        form_class=RefundForm,
        initial={"seal": quote.seal},
        title="Refund",
        explain=explain,
        facts=[("Sold", name), *_facts(quote)],
        submit=f"Refund GHS {quote.amount_ghs:,}",
        perform=perform,
    )


def _facts(quote: refundable.Quote) -> Iterator[tuple[str, str]]:
    yield "Goes back to the payer", f"GHS {quote.amount_ghs:,} of {quote.paid_ghs:,} paid"
    if quote.sold:
        yield "Credits taken back", f"{quote.credits:,} of {quote.sold:,} sold"
        yield "Stays used", f"{quote.used:,} credits"
    if quote.kept:
        yield "Stays, as running calls need it", f"{quote.kept:,} credits"
    if quote.refunds:
        yield "Refunds before this one", str(quote.refunds)
