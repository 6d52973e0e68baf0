"""What the desk's list can be narrowed down by."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from support_chat.models import SupportConversation, SupportTicket

_WAITS = {"5": "5 minutes", "60": "an hour", "1440": "a day"}


class StatusFilter(admin.SimpleListFilter):
    """What is with staff, unless told otherwise or something is searched for."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.is_search = bool(request.GET.get("q"))
        return [("all", "All"), *((value, value.replace("_", " ").capitalize()) for value in self._values())]

    def value(self) -> str:
        return super().value() or ("all" if self.is_search else SupportConversation.Status.WITH_STAFF)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SupportConversation]
    ) -> QuerySet[SupportConversation]:
        return queryset.filter(status=self.value()) if self.value() in self._values() else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.value() == value, "query_string": query, "display": title}

    def _values(self) -> list[str]:
        return list(SupportConversation.Status.values)


class PriorityFilter(admin.SimpleListFilter):
    title = "priority"
    parameter_name = "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value.capitalize()) for value in reversed(SupportTicket.Priority.values)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(ticket__priority=self.value()) if self.value() else queryset


class AssignedFilter(admin.SimpleListFilter):
    title = "assigned"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "To me"), ("nobody", "To nobody"), ("others", "To others")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "me":
                return queryset.filter(ticket__assigned_to=request.user.pk)
            case "nobody":
                return queryset.filter(ticket__id__isnull=False, ticket__assigned_to__isnull=True)
            case "others":
                taken = queryset.filter(ticket__assigned_to__isnull=False)
                return taken.exclude(ticket__assigned_to=request.user.pk)
        return queryset


class WaitingFilter(admin.SimpleListFilter):
    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("0", "For a word of ours"),
            *((value, f"More than {told}") for value, told in _WAITS.items()),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value not in {"0", *_WAITS}:
            return queryset
        return queryset.filter(ticket__waiting_since__lte=timezone.now() - timedelta(minutes=int(value)))
