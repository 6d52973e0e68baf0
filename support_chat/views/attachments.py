"""Files that members send along, and the links that give them back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.throttling import CallerRate
from config.core.openapi import ErrorSerializer
from support_chat import attachment_examples as examples
from support_chat import attachment_serializers as serializers
from support_chat.access import ChatView
from support_chat.errors import AttachmentTooLarge
from support_chat.models import AttachmentContent
from support_chat.services import attachments, quotas

from .document import READ_REFUSALS

# Of the body, beside the file itself: the form around it.
_FORM_BYTES = 64 * 1024
_UPLOAD_REFUSALS = dict.fromkeys((400, 401, 403, 413, 415, 422, 429, 503), ErrorSerializer)


class OneFile(MultiPartParser):
    """Refuses by the declared length, before a byte is read. Without one there is no body to read."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        if not str(media_type).startswith("multipart/form-data"):
            raise ParseError("Send the file as multipart/form-data, in the field `file`.")
        length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.CHAT_UPLOAD_BYTES + _FORM_BYTES:
            raise AttachmentTooLarge(limit_bytes=settings.CHAT_UPLOAD_BYTES)
        return super().parse(stream, media_type, parser_context)


class LinkAuthentication(BaseAuthentication):
    """`?token=…` of a signed link: as its file's owner, for this file alone."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = request.query_params.get("token")
        if token is None:
            return None
        named = request.parser_context["kwargs"]["attachment_id"]
        return AnonymousUser(), attachments.owner_of_link(token=token, attachment_id=named)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class LinkScheme(OpenApiAuthenticationExtension):
    target_class = LinkAuthentication
    name = "signedLink"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": "token"}


class AttachmentsView(ChatView):
    parser_classes = [OneFile]

    @extend_schema(
        operation_id="support_attachment_upload",
        summary="Upload a file for a message",
        tags=["Support"],
        request={"multipart/form-data": serializers.UploadSerializer},
        responses={201: serializers.AttachmentSerializer, **_UPLOAD_REFUSALS},
        examples=examples.UPLOAD,
    )
    def post(self, request: Request) -> Response:
        """PNG, JPEG, WebP, PDF, plain text or CSV, told by content; from the pro licence on.

        Send its `id` in `attachments` of POST /api/support/chat within a day. Pictures are kept without
        metadata. The same file again, before it was sent, is the same attachment.
        """
        now = timezone.now()
        limits = quotas.limits(asker=self.asker, now=now)
        attachments.check_may_upload(limits=limits)  # before the body is read
        form = serializers.UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        kept = attachments.upload(
            asker=self.asker, limits=limits, name=file.name or "", content=file.read(), now=now
        )
        return Response(serializers.AttachmentSerializer(kept).data, status=201)


class AttachmentView(ChatView):
    @extend_schema(
        operation_id="support_attachment",
        summary="See a file of yours, with a link to it that works for ten minutes",
        tags=["Support"],
        responses={200: serializers.AttachmentSerializer, **READ_REFUSALS},
        examples=examples.ATTACHMENT,
    )
    def get(self, request: Request, attachment_id: UUID) -> Response:
        found = attachments.of_asker(asker=self.asker, attachment_id=attachment_id)
        return Response(serializers.AttachmentSerializer(found).data)

    @extend_schema(
        operation_id="support_attachment_delete",
        summary="Forget a file that was not sent",
        tags=["Support"],
        responses={204: None, 409: ErrorSerializer, **READ_REFUSALS},
    )
    def delete(self, request: Request, attachment_id: UUID) -> Response:
        attachments.remove(asker=self.asker, attachment_id=attachment_id)
        return Response(status=204)


class AttachmentFileView(ChatView):
    authentication_classes = [LinkAuthentication, *ChatView.authentication_classes]
    throttle_classes = [CallerRate]  # links by address

    @extend_schema(
        operation_id="support_attachment_file",
        summary="Download a file, by its link or as its owner",
        tags=["Support"],
        parameters=[OpenApiParameter("token", OpenApiTypes.STR, description="From `download_url`.")],
        responses={(200, "*/*"): OpenApiTypes.BINARY, **READ_REFUSALS},
        examples=examples.FILE,
    )
    def get(self, request: Request, attachment_id: UUID) -> HttpResponse:
        """Always as a download, never shown in a page."""
        found = attachments.of_asker(asker=self.asker, attachment_id=attachment_id)
        return as_download(AttachmentContent.objects.select_related("attachment").get(attachment=found))


def as_download(content: AttachmentContent) -> HttpResponse:
    """For saving: no browser shows it, runs it, keeps it, or guesses what it is."""
    file = content.attachment
    response = HttpResponse(bytes(content.data), content_type=file.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
