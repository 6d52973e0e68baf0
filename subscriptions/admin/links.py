"""Cells of the admin's tables that lead somewhere, and how names and members are written in them."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from subscriptions.models import CreditGrant


def link(url: str, text: Any) -> str:
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, text)


def wide(text: Any) -> str:
    """Keeps a column of names from becoming one word wide in a table of many columns."""
    return format_html('<span class="block lg:w-56">{}</span>', text)


def change_page(model: str, row_id: Any) -> str:
    """`model` with its app: `payments_payment`. By name, as some of these apps stand above this one."""
    return reverse(f"admin:{model}_change", args=[row_id])


def list_page(model: str) -> str:
    return reverse(f"admin:subscriptions_{model}_changelist")


def ai_request(request_id: Any) -> str:
    return link(change_page("ai_features_airequest", request_id), request_id)


def member(membership: Any) -> str:
    return f"{membership.user} ({membership.role})" if membership else "–"


def payment(paid: Any) -> str:
    return link(change_page("payments_payment", paid.pk), f"{paid.reference:.13}…")


def credits_left(grant: CreditGrant | None) -> str:
    return link(change_page("subscriptions_creditgrant", grant.pk), grant.remaining) if grant else "–"
