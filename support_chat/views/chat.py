"""Asking, and following what is answered."""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.db import release_connection
from config.core.idempotency import read_key
from support_chat import examples, selectors, serializers
from support_chat.access import ChatView, wants_stream
from support_chat.errors import StreamingNotInPlan
from support_chat.services import following, quotas, sending

from .document import EVENTS, IDEMPOTENCY_KEY, LAST_EVENT_ID, READ_REFUSALS, SEND_REFUSALS


class ChatMessageView(ChatView):
    @extend_schema(
        operation_id="support_chat",
        summary="Ask the support chat",
        tags=["Support"],
        parameters=[IDEMPOTENCY_KEY],
        request=serializers.ChatRequestSerializer,
        responses={
            200: serializers.ChatAnswerSerializer,
            202: serializers.ChatAnswerSerializer,
            **SEND_REFUSALS,
        },
        examples=examples.CHAT,
    )
    def post(self, request: Request) -> Response | StreamingHttpResponse:
        """The answer as JSON; with `Accept: text/event-stream` (from the pro licence on) as it is written."""
        body = serializers.ChatRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now, values = timezone.now(), dict(body.validated_data)
        values["attachments"] = tuple(values["attachments"])
        limits = quotas.limits(asker=self.asker, now=now)
        if wants_stream(request) and not limits.streaming:
            raise StreamingNotInPlan
        sent = sending.send(
            asker=self.asker,
            limits=limits,
            draft=sending.Draft(text=values.pop("message"), **values),
            key=read_key(request),
            now=now,
        )
        if wants_stream(request):
            return event_stream(following.sent_events(sent=sent, seconds=settings.CHAT_STREAM_SECONDS))
        if sent.reply is not None:
            following.wait_for(reply=sent.reply, position=sent.position, seconds=settings.CHAT_WAIT_SECONDS)
        answer = {
            "conversation": sent.conversation,
            "message": sent.message,
            "reply": sent.reply,
            "quota": quotas.left_in(
                asker=self.asker, limits=limits, conversation=sent.conversation, now=timezone.now()
            ),
        }
        waits = sent.reply is not None and sent.reply.finished_at is None
        return Response(
            serializers.ChatAnswerSerializer(answer).data,
            status=202 if waits else 200,
            headers={"Location": f"/api/support/conversations/{sent.conversation.pk}/messages/"}
            if waits
            else {},
        )


class StreamView(ChatView):
    @extend_schema(
        operation_id="support_stream",
        summary="Follow a conversation live",
        tags=["Support"],
        parameters=[LAST_EVENT_ID],
        responses={(200, "text/event-stream"): EVENTS, **READ_REFUSALS},
        examples=examples.STREAM,
    )
    def get(self, request: Request, conversation_id: UUID) -> StreamingHttpResponse:
        """Replies as they are written, what staff writes, and hand-overs. Resumes after `Last-Event-ID`."""
        found = selectors.conversation(asker=self.asker, conversation_id=conversation_id)
        if not quotas.limits(asker=self.asker, now=timezone.now()).streaming:
            raise StreamingNotInPlan
        last_id = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id")
        return event_stream(
            following.conversation_events(
                conversation_id=found.pk, last_id=last_id, seconds=settings.CHAT_STREAM_SECONDS
            )
        )


def event_stream(events: Iterator[str]) -> StreamingHttpResponse:
    """Sends the events as they come; no database connection is held meanwhile."""
    release_connection()
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would collect it
    return response
