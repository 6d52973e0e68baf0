"""Files that members upload: checked, read, kept in the database, given to the assistant as information.

In the database, not on a disk: several web processes see them at once, containers are read-only, one backup
has all, and they go in the transaction in which their message goes.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection, transaction

from ai_features.privacy.sanitise import sanitise
from ai_features.services import house
from config.core.db import release_connection
from config.core.errors import NotFound
from support_chat.errors import (
    AttachmentRefused,
    AttachmentTooLarge,
    AttachmentType,
    AttachmentUnknown,
    AttachmentUsed,
    LinkInvalid,
    UploadsNotInPlan,
    UploadsUsedUp,
)
from support_chat.models import Attachment, AttachmentContent, SupportConversation, SupportMessage
from support_chat.types import Asker, Limits
from support_chat.uploads import kinds
from support_chat.uploads.refused import Refused

from . import reading

LINK_LIFE = timedelta(minutes=10)
_SALT = "support_chat.attachment"
_DAY = timedelta(hours=24)
_LONGEST_NAME = 120
_UNSAFE = re.compile(r'[\\/:*?"<>|]+')
_LOCK_NAMESPACE = 71_001  # of advisory locks: uploads of one person wait for each other
_WHAT_TO_DO = {
    kinds.OFFICE: "Office files can't be read, as they may hold macros. Save it as PDF or CSV and send that.",
    kinds.ARCHIVE: "Archives are not unpacked. Send the files in it one by one.",
    kinds.MARKUP: "HTML, XML and SVG may hold scripts. Send a picture, a PDF or plain text instead.",
    kinds.OTHER_IMAGE: "Pictures of this kind can't be read. Save it as JPEG or PNG and send that.",
    kinds.PROGRAM: "Programs and scripts are not taken.",
}
_REFUSALS = {
    "broken": "The file is damaged, or not what it says it is. Save it anew and send it again.",
    "encrypted": "The PDF has a password. Save it without one and send it again.",
    "active": (
        "The PDF holds scripts, forms that send, or other files. Print it to a new PDF and send that one."
    ),
    "too_long": "The PDF has more than 100 pages. Send the pages that matter.",
    "too_large": "The picture has more than 25 million pixels. Make it smaller and send it again.",
    "too_heavy": "The file takes too much to read. Send a simpler one, or a picture of the page.",
}


def check_may_upload(*, limits: Limits) -> None:
    """Raises UploadsNotInPlan."""
    if not limits.uploads:
        raise UploadsNotInPlan


def upload(*, asker: Asker, limits: Limits, name: str, content: bytes, now: datetime) -> Attachment:
    """Keeps one file. The same file again, while the first waits for a message, is the first.

    Raises UploadsNotInPlan, UploadsUsedUp, AttachmentTooLarge, AttachmentType, AttachmentRefused, Busy; then
    nothing is stored. Reads in a process of its own: call it outside any transaction.
    """
    check_may_upload(limits=limits)
    assert asker.business_id is not None and asker.membership_id is not None and asker.user_id is not None
    if len(content) > settings.CHAT_UPLOAD_BYTES:
        raise AttachmentTooLarge(limit_bytes=settings.CHAT_UPLOAD_BYTES)
    kind = _allowed_kind(content)
    sha256 = hashlib.sha256(content).hexdigest()
    _check_room(asker, now)
    if first := _waiting(asker, sha256):
        return first
    release_connection()
    found = _read(content, kind)
    text, status = _for_assistant(found.text)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_NAMESPACE, asker.user_id])
        if first := _waiting(asker, sha256):
            return first
        _check_room(asker, now)
        kept = Attachment.objects.create(
            business_id=asker.business_id,
            membership_id=asker.membership_id,
            user_id=asker.user_id,
            name=safe_name(name, kind),
            media_type=kind,
            size=len(found.data),
            sha256=sha256,
            pages=found.pages,
            text_status=status,
            created_at=now,
        )
        AttachmentContent.objects.create(attachment=kept, data=found.data, text=text)
    return kept


def remove(*, asker: Asker, attachment_id: UUID) -> None:
    """Forgets a file. Raises NotFound for an unknown and another's, AttachmentUsed for one that was sent."""
    found = of_asker(asker=asker, attachment_id=attachment_id)
    if not Attachment.objects.filter(pk=found.pk, message=None).delete()[0]:
        raise AttachmentUsed("It was sent with a message and stays with it.")


def attach(*, message: SupportMessage, asker: Asker, limits: Limits, ids: Sequence[UUID]) -> None:
    """Gives waiting files to the message, in its transaction: all of them or none.

    Raises UploadsNotInPlan, AttachmentUnknown, AttachmentUsed.
    """
    if not ids:
        return
    check_may_upload(limits=limits)
    mine = Attachment.objects.filter(pk__in=ids, membership=asker.membership_id, business=asker.business_id)
    if mine.filter(message=None).update(message=message) == len(set(ids)):
        return
    there = set(mine.values_list("pk", flat=True))
    if missing := [str(one) for one in ids if one not in there]:
        raise AttachmentUnknown(attachments=missing)
    raise AttachmentUsed


def told(*, conversation: SupportConversation, up_to: int) -> list[dict[str, Any]]:
    """What a model is told of the segment's files up to message `up_to`, the newest first. One query.

    Within CHAT_ATTACHMENT_TOKENS. Their texts are without personal data and never read like orders.
    """
    rows = (
        AttachmentContent.objects.filter(
            attachment__message__conversation=conversation,
            attachment__message__segment=conversation.segment,
            attachment__message__number__lte=up_to,
        )
        .select_related("attachment__message")
        .defer("data")
        .order_by("-attachment__message__number", "attachment__created_at")
    )
    left, files = settings.CHAT_ATTACHMENT_TOKENS, []
    for row in rows:
        text = _beginning(row.text, left)
        left -= house.estimate_tokens(text)
        files.append(_as_data(row, text, up_to))
    return files


def of_asker(*, asker: Asker, attachment_id: UUID) -> Attachment:
    """Raises NotFound for an unknown and for another's alike."""
    mine = Attachment.objects.filter(membership=asker.membership_id, business=asker.business_id)
    found = mine.filter(pk=attachment_id).first() if asker.membership_id else None
    if found is None:
        raise NotFound
    return found


def link(*, attachment: Attachment) -> str:
    """An address that gives this one file to whoever has it, for LINK_LIFE."""
    token = signing.TimestampSigner(salt=_SALT).sign(f"{attachment.pk.hex}.{attachment.membership_id}")
    return f"{settings.PUBLIC_URL}/api/support/attachments/{attachment.pk}/file?token={token}"


def owner_of_link(*, token: str, attachment_id: UUID) -> Asker:
    """Whose file a link gives. Raises LinkInvalid for one that is not ours, too old, or for another file."""
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=LINK_LIFE)
        named, _, membership = value.partition(".")
        owner = Attachment.objects.filter(pk=attachment_id, membership=int(membership)).first()
    except (signing.BadSignature, ValueError):
        raise LinkInvalid from None
    if owner is None or named != attachment_id.hex:
        raise LinkInvalid
    return Asker(business_id=owner.business_id, membership_id=owner.membership_id)


def safe_name(name: str, kind: str) -> str:
    """A name to save it under: no folders, nothing unseen, and an ending that fits what it is."""
    bare = _UNSAFE.sub("_", PurePath(kinds.clean(name).replace("\\", "/").replace("\n", " ")).name)
    bare = bare.strip(". ") or "file"
    endings = kinds.ENDINGS[kind]
    ending = PurePath(bare).suffix if bare.lower().endswith(endings) else endings[0]
    stem = bare.removesuffix(ending) or "file"
    return stem[: _LONGEST_NAME - len(ending)] + ending


def _allowed_kind(content: bytes) -> str:
    if not content:
        raise AttachmentType("The file is empty.", allowed=list(kinds.ALL))
    kind = kinds.kind_of(content)
    if kind not in kinds.ALL:
        raise AttachmentType(_WHAT_TO_DO.get(kind), allowed=list(kinds.ALL))
    return kind


def _read(content: bytes, kind: str) -> reading.FileRead:
    try:
        found = reading.read(content, kind)
    except Refused as refused:
        raise AttachmentRefused(_REFUSALS[refused.reason], reason=refused.reason) from None
    if len(found.data) > settings.CHAT_UPLOAD_BYTES:
        raise AttachmentTooLarge(limit_bytes=settings.CHAT_UPLOAD_BYTES)
    return found


def _for_assistant(text: str) -> tuple[str, str]:
    """Its text without personal data, and whether the assistant may be told."""
    seen, _ = sanitise(kinds.clean(text))
    if not seen.strip():
        return "", Attachment.Text.EMPTY
    if house.reads_like_orders(seen):
        return "", Attachment.Text.WITHHELD
    return seen, Attachment.Text.READ


def _check_room(asker: Asker, now: datetime) -> None:
    lately = Attachment.objects.filter(user=asker.user_id, created_at__gt=now - _DAY)
    if lately.count() >= settings.CHAT_UPLOADS_PER_DAY:
        raise UploadsUsedUp(limit=settings.CHAT_UPLOADS_PER_DAY)


def _waiting(asker: Asker, sha256: str) -> Attachment | None:
    return Attachment.objects.filter(membership=asker.membership_id, sha256=sha256, message=None).first()


def _beginning(text: str, tokens: int) -> str:
    while text and house.estimate_tokens(text) > tokens:
        text = text[: len(text) * max(tokens, 0) // house.estimate_tokens(text)]
    return text


def _as_data(row: AttachmentContent, text: str, question: int) -> dict[str, Any]:
    file = row.attachment
    assert file.message is not None
    name = file.name
    if house.reads_like_orders(PurePath(name).stem.replace("_", " ").replace("-", " ")):
        name = f"file{PurePath(name).suffix}"
    sent_with = "question" if file.message.number == question else "earlier"
    data: dict[str, Any] = {"name": name, "type": file.media_type, "of": sent_with}
    if file.text_status == Attachment.Text.READ:
        return {**data, "text": text, **({"only_its_beginning": True} if len(text) < len(row.text) else {})}
    if file.text_status == Attachment.Text.WITHHELD:
        return {**data, "note": "Its text is not shown: it reads like orders to an assistant."}
    return {
        **data,
        "note": "It has no text that you can read. Say so; a person of the team can look at it.",
    }
