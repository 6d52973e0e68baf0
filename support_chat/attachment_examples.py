"""What calls about files look like, for the API's document."""

from typing import Any

from config.core.openapi import error, response
from support_chat.errors import AttachmentTooLarge, AttachmentType, LinkInvalid
from support_chat.uploads import kinds

_ID = "1f0e7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10"
NAME: dict[str, Any] = {"id": _ID, "name": "receipt.pdf", "type": "application/pdf", "size": 48211}
_ATTACHMENT: dict[str, Any] = NAME | {
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "pages": 2,
    "text_status": "read",
    "is_sent": False,
    "created_at": "2026-11-21T09:00:00Z",
    "download_url": f"https://sika.example/api/support/attachments/{_ID}/file?token=1f0e…",
}
UPLOAD = [
    response(_ATTACHMENT),
    error(
        "attachment_type_not_allowed",
        AttachmentType.detail,
        415,
        allowed=list(kinds.ALL),
    ),
    error("attachment_too_large", AttachmentTooLarge.detail, 413, limit_bytes=5242880),
]
ATTACHMENT = [response(_ATTACHMENT)]
FILE = [error("link_invalid", LinkInvalid.detail, 403)]
