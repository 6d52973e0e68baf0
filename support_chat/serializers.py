"""What goes in and out of the chat's API."""

from typing import Any

from rest_framework import serializers

from support_chat import languages
from support_chat.models import SupportConversation, SupportMessage
from support_chat.types import ASSISTANTS

LONGEST_MESSAGE = 4000
LANGUAGES = sorted(languages.NAMES.items())


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
        choices=LANGUAGES,
        required=False,
        allow_null=True,
        default=None,
        help_text="Fixes the language of the conversation; detected otherwise.",
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
