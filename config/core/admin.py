from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.inlines.admin import NonrelatedTabularInline

ROWS_SHOWN = 50


class _ReadOnly:
    """Money is moved by services, which keep the books; in the admin it is only looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    show_full_result_count = False


class ReadOnlyInline(_ReadOnly, TabularInline):
    extra = 0
    hide_title = True
    per_page = ROWS_SHOWN


class ReadOnlyList(_ReadOnly, NonrelatedTabularInline):
    """Rows that belong to the same thing as the row above them without pointing at it."""

    extra = 0
    hide_title = True
    per_page = ROWS_SHOWN
