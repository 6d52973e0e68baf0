"""A person's own conversations."""

from uuid import UUID

from django.core.cache import cache
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.pagination import CursorPage, page_of
from support_chat import examples, selectors, serializers
from support_chat.access import ChatView, ReaderView
from support_chat.services import conversations, quotas

from .document import READ_REFUSALS


class ByLastMessage(CursorPage):
    ordering = ("-last_message_at", "-pk")


class ByNumber(CursorPage):
    ordering = ("-number", "-pk")


class ConversationsView(ReaderView):
    @extend_schema(
        operation_id="support_conversations",
        summary="List your conversations",
        tags=["Support"],
        responses={200: page_of(serializers.SupportConversationSerializer), **READ_REFUSALS},
        examples=examples.CONVERSATIONS,
    )
    def get(self, request: Request) -> Response:
        """Newest first, 50 a page. Kept for five minutes, until something is written.

        Staff with the permission see everybody's, without titles, and `desk` with each.
        """
        if self.staff_id is not None:
            return self.everybodys(request)
        version = selectors.list_version(asker=self.asker)
        name = f"chat-list:{self.asker.key}:{version}:{hash_of(request)}"
        page = cache.get(name)
        if page is None:
            paginator = ByLastMessage()
            mine = selectors.conversations_of(asker=self.asker)
            rows = paginator.paginate_queryset(mine, request, view=self)
            data = serializers.SupportConversationSerializer(rows, many=True).data
            page = paginator.get_paginated_response(data).data
            cache.set(name, page, selectors.LIST_SECONDS)
        return Response(page)

    def everybodys(self, request: Request) -> Response:
        paginator = ByLastMessage()
        rows = paginator.paginate_queryset(selectors.desk_list(), request, view=self)
        return paginator.get_paginated_response(serializers.DeskConversationSerializer(rows, many=True).data)


class ConversationView(ReaderView):
    @extend_schema(
        operation_id="support_conversation",
        summary="Show one conversation",
        tags=["Support"],
        responses={200: serializers.SupportConversationSerializer, **READ_REFUSALS},
        examples=examples.CONVERSATION,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        found = self.find(conversation_id, now=timezone.now())
        return Response(serializers.SupportConversationSerializer(found).data)


class MessagesView(ReaderView):
    @extend_schema(
        operation_id="support_messages",
        summary="List the messages of a conversation",
        tags=["Support"],
        responses={200: page_of(serializers.SupportMessageSerializer), **READ_REFUSALS},
        examples=examples.MESSAGES,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """The newest first, 50 a page."""
        found = self.find(conversation_id, now=timezone.now())
        paginator = ByNumber()
        rows = paginator.paginate_queryset(selectors.messages(conversation_id=found.pk), request, view=self)
        return paginator.get_paginated_response(serializers.SupportMessageSerializer(rows, many=True).data)


class CloseView(ChatView):
    @extend_schema(
        operation_id="support_close",
        summary="Close a conversation",
        tags=["Support"],
        request=None,
        responses={200: serializers.SupportConversationSerializer, **READ_REFUSALS},
        examples=examples.CONVERSATION,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """For good; it makes room for another one. Twice is once."""
        closed = conversations.close(asker=self.asker, conversation_id=conversation_id, now=timezone.now())
        return Response(serializers.SupportConversationSerializer(closed).data)


class QuotaView(ChatView):
    @extend_schema(
        operation_id="support_quota",
        summary="See how many messages you may still send",
        tags=["Support"],
        responses={200: serializers.ChatQuotaSerializer, **READ_REFUSALS},
        examples=examples.QUOTA,
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        limits = quotas.limits(asker=self.asker, now=now)
        left = quotas.left(asker=self.asker, limits=limits, now=now)
        return Response(serializers.ChatQuotaSerializer(left).data)


def hash_of(request: Request) -> str:
    """What else the page depends on."""
    cursor, size = (request.query_params.get(name, "")[:200] for name in ("cursor", "page_size"))
    return f"{request.get_host()}:{cursor}:{size}".replace(" ", "")
