from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from unfold.decorators import action

from config.core.admin import ReadOnlyAdmin
from support_chat.models import Attachment, AttachmentContent
from support_chat.views.attachments import as_download


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "business", "name", "media_type", "size", "pages", "text_status", "is_sent"]
    list_select_related = ["business"]
    list_filter = ["media_type", "text_status", "created_at"]
    search_fields = ["=id", "=sha256", "business__name"]
    ordering = ["-created_at"]
    actions_detail = ["download"]

    @admin.display(description="sent", boolean=True)
    def is_sent(self, attachment: Attachment) -> bool:
        return attachment.message_id is not None

    @action(description="Download", url_path="download", permissions=["download"])
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Somebody's own file: who takes it is written down first."""
        contents = AttachmentContent.objects.select_related("attachment")
        content = get_object_or_404(contents, pk=object_id)
        self.log_change(request, content.attachment, "Downloaded.")
        return as_download(content)

    def has_download_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        return bool(request.user.has_perm("support_chat.change_attachment"))
