"""What goes in and out of the API of webhooks."""

from typing import Any

from rest_framework import serializers

from support_chat.models import ChatWebhook, ChatWebhookDelivery

LONGEST_URL = 2000


class WebhookCreateSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(
        max_length=LONGEST_URL, help_text="The full https:// address of a public server."
    )
    events = serializers.MultipleChoiceField(
        choices=ChatWebhook.Event.choices, allow_empty=False, help_text="What it is told of."
    )


class WebhookChangeSerializer(serializers.Serializer[Any]):
    events = serializers.MultipleChoiceField(
        choices=ChatWebhook.Event.choices, allow_empty=False, required=False
    )
    is_active = serializers.BooleanField(required=False)


class ChatWebhookSerializer(serializers.ModelSerializer[ChatWebhook]):
    """Of its address only the host is told again."""

    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ChatWebhook
        fields = ["id", "host", "events", "is_active", "created_at"]


class WebhookSecretSerializer(ChatWebhookSerializer):
    secret = serializers.CharField(read_only=True, help_text="Shown this once. It signs what is sent.")

    class Meta(ChatWebhookSerializer.Meta):
        fields = [*ChatWebhookSerializer.Meta.fields, "secret"]


class ChatDeliverySerializer(serializers.ModelSerializer[ChatWebhookDelivery]):
    outcome = serializers.CharField(help_text="`waiting`, `delivered`, `dead` or `dropped`.")

    class Meta:
        model = ChatWebhookDelivery
        fields = [
            "id",
            "event",
            "event_id",
            "outcome",
            "attempts",
            "status_code",
            "error",
            "created_at",
            "due_at",
            "ended_at",
        ]

    def to_representation(self, instance: ChatWebhookDelivery) -> dict[str, Any]:
        return super().to_representation(instance) | {"outcome": instance.outcome or "waiting"}
