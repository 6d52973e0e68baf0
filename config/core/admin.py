from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class _ReadOnly:
    """Money is moved by services, which keep the books; in the admin it is only looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    pass


class ReadOnlyInline(_ReadOnly, TabularInline):
    extra = 0
    tab = True
