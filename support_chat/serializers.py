"""What goes in and out of the chat's API."""

from typing import Any

from rest_framework import serializers

from support_chat import languages
from support_chat.attachment_serializers import AttachmentNameSerializer
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.services.assistants import CATEGORIES
from support_chat.types import ASSISTANTS

LONGEST_MESSAGE = 4000
MOST_ATTACHMENTS = 5


class AssistantField(serializers.ChoiceField):
    """Also with dashes, as paths write them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(ASSISTANTS), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.replace("-", "_") if isinstance(data, str) else data)


class ChatRequestSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=LONGEST_MESSAGE)
    conversation_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Leave it out to begin a conversation."
    )
    continue_from = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A conversation at its limit: begins a new one that knows its summary.",
    )
    assistant = AssistantField(required=False, allow_null=True, default=None)
    language = serializers.ChoiceField(
        choices=languages.CHOICES,
        required=False,
        allow_null=True,
        default=None,
        help_text="Fixes the language of the conversation; detected otherwise.",
    )

    attachments = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=MOST_ATTACHMENTS,
        help_text="Ids of files from POST /api/support/attachments/, each for one message.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["conversation_id"] and attrs["continue_from"]:
            raise serializers.ValidationError(
                {"continue_from": "Send either this or conversation_id: this one begins a new conversation."}
            )
        return attrs


class ChatSourceSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()


class SupportMessageSerializer(serializers.ModelSerializer[SupportMessage]):
    sources = ChatSourceSerializer(many=True)
    attachments = AttachmentNameSerializer(many=True)
    source = serializers.ChoiceField(SupportMessage.Source.choices, allow_null=True)  # type: ignore[assignment]
    error_code = serializers.CharField(allow_null=True)

    class Meta:
        model = SupportMessage
        fields = [
            "number",
            "author",
            "status",
            "text",
            "source",
            "sources",
            "attachments",
            "language",
            "error_code",
            "created_at",
            "finished_at",
        ]

    def to_representation(self, instance: SupportMessage) -> dict[str, Any]:
        return super().to_representation(instance) | {
            "source": instance.source or None,
            "error_code": instance.error_code or None,
        }


class SupportConversationSerializer(serializers.ModelSerializer[SupportConversation]):
    class Meta:
        model = SupportConversation
        fields = [
            "id",
            "title",
            "status",
            "assistant",
            "language",
            "segment",
            "messages_used",
            "carried_from",
            "csat",
            "created_at",
            "last_message_at",
            "ended_at",
        ]


class DeskSerializer(serializers.Serializer[Any]):
    """Whose conversation it is, and what its open ticket says."""

    business = serializers.CharField(source="business.name", default=None, allow_null=True)
    user = serializers.EmailField(source="user.email", default=None, allow_null=True)
    priority = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    waiting_since = serializers.DateTimeField(allow_null=True)
    assigned_to = serializers.EmailField(source="assigned_to_email", allow_null=True)


class DeskConversationSerializer(SupportConversationSerializer):
    """In the list that staff get. Its title, which is the user's words, is in the conversation alone."""

    title = serializers.CharField(default="")
    desk = DeskSerializer(source="*")

    class Meta(SupportConversationSerializer.Meta):
        fields = [*SupportConversationSerializer.Meta.fields, "desk"]

    def to_representation(self, instance: SupportConversation) -> dict[str, Any]:
        return super().to_representation(instance) | {"title": ""}


class EscalateSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text="In the user's words."
    )
    category = serializers.ChoiceField(
        choices=CATEGORIES, required=False, default="other", help_text="Read from what was said otherwise."
    )


class SupportTicketSerializer(serializers.ModelSerializer[SupportTicket]):
    class Meta:
        model = SupportTicket
        fields = ["id", "status", "priority", "category", "sentiment", "reason", "created_at"]


class EscalatedSerializer(serializers.Serializer[Any]):
    conversation = SupportConversationSerializer()
    ticket = SupportTicketSerializer()


class FeedbackSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="1 is bad, 5 is very good.")
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ChatWindowSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


class ChatRoomSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()


class ChatQuotaSerializer(serializers.Serializer[Any]):
    """`hour` is missing for guests, whose `day` is the last 24 hours; `conversation` outside of one."""

    plan = serializers.CharField()
    day = ChatWindowSerializer()
    hour = ChatWindowSerializer(required=False)
    conversation = ChatRoomSerializer(required=False)


class ChatAnswerSerializer(serializers.Serializer[Any]):
    """`reply` is null while staff answers; its `status` is `pending` or `streaming` in a 202."""

    conversation = SupportConversationSerializer()
    message = SupportMessageSerializer()
    reply = SupportMessageSerializer(allow_null=True)
    quota = ChatQuotaSerializer()


class GuestTokenSerializer(serializers.Serializer[Any]):
    guest_token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    quota = ChatQuotaSerializer()
