"""What goes in and out of the API of files."""

from typing import Any

from rest_framework import serializers

from support_chat.models import Attachment
from support_chat.services import attachments


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class AttachmentNameSerializer(serializers.ModelSerializer[Attachment]):
    """A file as its message names it."""

    type = serializers.CharField(source="media_type")

    class Meta:
        model = Attachment
        fields = ["id", "name", "type", "size"]


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    type = serializers.CharField(source="media_type")
    download_url = serializers.SerializerMethodField(help_text="Works for ten minutes, for whoever has it.")
    is_sent = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = [
            "id",
            "name",
            "type",
            "size",
            "sha256",
            "pages",
            "text_status",
            "is_sent",
            "created_at",
            "download_url",
        ]

    def get_download_url(self, attachment: Attachment) -> str:
        return attachments.link(attachment=attachment)

    def get_is_sent(self, attachment: Attachment) -> bool:
        return attachment.message_id is not None
