"""Asking for a person, and saying how it went."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.openapi import ErrorSerializer
from support_chat import examples, selectors, serializers
from support_chat.access import ChatView, ReaderView
from support_chat.services import escalation, feedback

from .document import READ_REFUSALS

_REFUSALS = {400: ErrorSerializer, **READ_REFUSALS}


class EscalateView(ReaderView):
    @extend_schema(
        operation_id="support_escalate",
        summary="Ask for a person",
        tags=["Support"],
        request=serializers.EscalateSerializer,
        responses={
            200: serializers.EscalatedSerializer,
            201: serializers.EscalatedSerializer,
            **_REFUSALS,
            409: ErrorSerializer,
        },
        examples=examples.ESCALATE,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Staff are told once, and answer in this conversation; until they are done the bot is silent.
        201 for a new ticket, 200 where one is open. Costs no message. Staff may ask for any user."""
        body = serializers.EscalateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        ticket, is_new = escalation.escalate(
            asker=None if self.staff_id is not None else self.asker,
            conversation_id=conversation_id,
            why=body.validated_data["reason"],
            category=body.validated_data["category"],
            now=timezone.now(),
        )
        told = {"conversation": ticket.conversation, "ticket": ticket}
        return Response(serializers.EscalatedSerializer(told).data, status=201 if is_new else 200)


class FeedbackView(ChatView):
    @extend_schema(
        operation_id="support_feedback",
        summary="Rate a conversation",
        tags=["Support"],
        request=serializers.FeedbackSerializer,
        responses={200: serializers.SupportConversationSerializer, **_REFUSALS},
        examples=examples.FEEDBACK,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """1 to 5, with a comment if you like; at any time. A later one replaces it."""
        selectors.conversation(asker=self.asker, conversation_id=conversation_id)
        body = serializers.FeedbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rated = feedback.rate(
            asker=self.asker, conversation_id=conversation_id, **body.validated_data, now=timezone.now()
        )
        return Response(serializers.SupportConversationSerializer(rated).data)
