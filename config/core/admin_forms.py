"""A page of the admin that asks for a reason before something is done, and says what came of it."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import OperationalError, models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from .errors import DomainError
from .exception_handler import as_domain_error

REASON_LENGTH = 300


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        help_text="Kept for ever, with your name.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def form_page(
    *,
    page: ModelAdmin,
    request: HttpRequest,
    row: models.Model,
    form_class: type[forms.Form],
    initial: dict[str, Any] | None = None,
    title: str,
    explain: str,
    facts: Sequence[tuple[str, str]] = (),
    submit: str,
    perform: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    """Shows the form; once it is filled in, calls `perform` with its values and goes back to the row.

    `facts` are shown as a list of names and values. `perform` returns what to tell; a DomainError it raises,
    or a lock it could not have in time, is shown above the form, which keeps its values.
    """
    form = form_class(request.POST or None, request.FILES or None, initial=initial)
    back = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    if request.method == "POST" and form.is_valid():
        try:
            told = perform(form.cleaned_data)
        except (DomainError, OperationalError) as error:
            refusal = as_domain_error(error)
            if refusal is None:
                raise
            form.add_error(None, refusal.detail)
        else:
            page.log_change(request, row, f"{title}: {form.cleaned_data.get('reason', '')}".rstrip(": "))
            page.message_user(request, told, messages.SUCCESS)
            return redirect(back)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "original": row,
        "title": title,
        "explain": explain,
        "facts": facts,
        "submit": submit,
        "form": form,
        "back": back,
        "media": page.media + form.media,
        "has_file": form.is_multipart(),
    }
    status = 200 if not form.errors else 422
    return render(request, "admin/form_page.html", context, status=status)
