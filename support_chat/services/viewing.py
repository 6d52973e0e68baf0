"""Staff read what others wrote only through here: each look is stored, with who, what and when."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from config.core.errors import NotFound
from support_chat.models import StaffView, SupportConversation

# A page that stays open is one view; so often its end is moved on.
_STEP = timedelta(seconds=30)


@transaction.atomic
def view(
    *, staff_id: int, conversation_id: UUID, through: str, now: datetime
) -> tuple[SupportConversation, StaffView]:
    """The conversation, and the look at it, stored. Raises NotFound."""
    related = SupportConversation.objects.select_related("business", "user", "membership")
    found = related.filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    seen = StaffView.objects.create(
        staff_id=staff_id, conversation=found, through=through, viewed_at=now, seen_until=now
    )
    return found, seen


def go_on(*, view_id: int, staff_id: int, conversation_id: UUID, now: datetime) -> bool:
    """A page of the desk is still open. False when there was no such view of this person: begin one."""
    mine = StaffView.objects.filter(pk=view_id, staff=staff_id, conversation=conversation_id)
    if mine.filter(seen_until__gt=now - _STEP).exists():
        return True
    return bool(mine.filter(seen_until__gt=now - 4 * _STEP).update(seen_until=now))
