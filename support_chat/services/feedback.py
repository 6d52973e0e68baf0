"""What users say of a conversation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from config.core.errors import NotFound
from support_chat import selectors
from support_chat.models import SupportConversation
from support_chat.types import Asker

from . import conversations


@transaction.atomic
def rate(
    *, asker: Asker, conversation_id: UUID, rating: int, comment: str, now: datetime
) -> SupportConversation:
    """Keeps the user's 1 to 5 and their words; a later one replaces it. Raises NotFound.

    Locks the conversation.
    """
    mine = selectors.conversations_of(asker=asker).filter(pk=conversation_id)
    found = mine.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise NotFound
    found.csat, found.csat_comment, found.csat_at = rating, comment, now
    found.save(update_fields=["csat", "csat_comment", "csat_at"])
    conversations.changed(found)
    return found
