"""The conversation desk: who waits, what was said, and what staff do about it. It works without JavaScript;
with it, the page fetches what is new by itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from unfold.decorators import display

from config.core.admin import ReadOnlyAdmin
from config.core.errors import DomainError, NotFound
from config.core.exception_handler import as_domain_error
from support_chat import selectors
from support_chat.models import StaffView, SupportConversation
from support_chat.services import viewing

from .acts import ACTIONS
from .desk_page import may_act, news_of, page_of
from .filters import AssignedFilter, PriorityFilter, StatusFilter, WaitingFilter
from .tickets import PRIORITY_LABELS

_PAGE = "admin:support_chat_supportconversation_change"
_STATUS_LABELS = {"open": "info", "with_staff": "warning", "resolved": "success", "closed": "default"}


@admin.register(SupportConversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = [
        *("who", "state", "how_urgent", "about", "waiting", "assigned", "assistant", "language"),
        "last_message_at",
    ]
    list_filter = [
        *(StatusFilter, PriorityFilter, AssignedFilter, WaitingFilter),
        *("assistant", "language", "last_message_at"),
    ]
    search_fields = ["=id", "business__name", "user__email", "user__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupportConversation]:
        return selectors.desk_list()

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Who waits longest comes first; where nobody need wait, what was last."""
        status = request.GET.get("status") or ("" if request.GET.get("q") else "with_staff")
        if status != SupportConversation.Status.WITH_STAFF:
            return ["-last_message_at", "-pk"]
        return [F("waiting_since").asc(nulls_last=True), "pk"]

    @admin.display(description="who", ordering="business__name")
    def who(self, conversation: SupportConversation) -> str:
        if conversation.user is None:
            return "Guest"
        return f"{conversation.user.get_full_name()} · {conversation.business}"

    @display(description="status", ordering="status", label=_STATUS_LABELS)
    def state(self, conversation: SupportConversation) -> tuple[str, str]:
        return conversation.status, conversation.status.replace("_", " ")

    @display(description="priority", label=PRIORITY_LABELS)
    def how_urgent(self, conversation: Any) -> str | None:
        return conversation.priority

    @admin.display(description="about")
    def about(self, conversation: Any) -> str:
        return (conversation.category or "").replace("_", " ") or "–"

    @admin.display(description="waiting", ordering="waiting_since")
    def waiting(self, conversation: Any) -> str:
        since = conversation.waiting_since
        return timesince(since, timezone.now(), depth=1) if since else "–"

    @admin.display(description="assigned to", ordering="assigned_to_email")
    def assigned(self, conversation: Any) -> str:
        return conversation.assigned_to_email or "–"

    def get_urls(self) -> list[Any]:
        name = "support_chat_supportconversation"
        view = self.admin_site.admin_view
        acts = [
            path(
                f"<uuid:conversation_id>/{action}/",
                view(self._acting(form_class, perform)),
                name=f"{name}_{action.replace('-', '_')}",
            )
            for action, (form_class, perform) in ACTIONS.items()
        ]
        news = path("<uuid:conversation_id>/news/", view(self.news), name=f"{name}_news")
        return [news, *acts, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The conversation. That it was looked at is stored."""
        self._check(request)
        try:
            conversation_id = UUID(object_id)
            conversation, seen = viewing.view(
                staff_id=_who(request), conversation_id=conversation_id, through="desk", now=timezone.now()
            )
        except (ValueError, NotFound):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        who = self.who(conversation)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": conversation,
            "media": self.media,
            "title": who,
            "view_id": seen.pk,
            **page_of(conversation, request=request, before=request.GET.get("before", "")),
        }
        return render(request, "admin/support_chat/desk.html", context)

    def news(self, request: HttpRequest, conversation_id: UUID) -> HttpResponse:
        """What the page does not show yet: `after` is the last number up to which nothing can change."""
        self._check(request)
        now, staff_id = timezone.now(), _who(request)
        view_id = _number(request.GET.get("view"))
        if not selectors.desk_list().filter(pk=conversation_id).exists():
            raise Http404
        is_open = viewing.go_on(view_id=view_id, staff_id=staff_id, conversation_id=conversation_id, now=now)
        if not is_open:
            _, seen = viewing.view(
                staff_id=staff_id, conversation_id=conversation_id, through=StaffView.Through.DESK, now=now
            )
            view_id = seen.pk
        conversation = selectors.desk_list().get(pk=conversation_id)
        after, version = _number(request.GET.get("after")), request.GET.get("version", "")
        found = news_of(conversation, request=request, after=after, version=version)
        return JsonResponse({"view": view_id, **found})

    def _acting(self, form_class: Any, perform: Any) -> Callable[..., HttpResponse]:
        def act(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
            self._check(request)
            if not may_act(request):
                raise PermissionDenied
            if request.method != "POST":
                return redirect(reverse(_PAGE, args=[conversation_id]))
            form = form_class(request.POST)
            if not form.is_valid():
                problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
                return self._told(request, conversation_id, problem=problem, status=422)
            try:
                told = perform(_who(request), conversation_id, form.cleaned_data, timezone.now())
            except (DomainError, OperationalError) as error:
                refusal = as_domain_error(error)
                if refusal is None:
                    raise
                return self._told(
                    request, conversation_id, problem=refusal.detail, status=refusal.status_code
                )
            if told:
                row = SupportConversation.objects.only("pk").get(pk=conversation_id)
                self.log_change(request, row, told)
            return self._told(request, conversation_id)

        return act

    def _told(
        self, request: HttpRequest, conversation_id: UUID, problem: str = "", status: int = 200
    ) -> HttpResponse:
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"problem": problem}, status=status)
        if problem:
            messages.error(request, problem)
        return redirect(reverse(_PAGE, args=[conversation_id]))

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _who(request: HttpRequest) -> int:
    return int(request.user.pk)  # type: ignore[arg-type]  # staff only


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
