"""What is read of conversations, scoped to one asker; and the desk's list, which shows nothing that was said.

Staff read what was said through `services/viewing.py`, which keeps who looked.
"""

import secrets
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, FilteredRelation, Q, QuerySet

from config.core.errors import NotFound
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.types import Asker

LIST_SECONDS = 300


def conversations_of(*, asker: Asker) -> QuerySet[SupportConversation]:
    """Of this member of this business, or of this guest."""
    if asker.guest_id is not None:
        return SupportConversation.objects.filter(guest_id=asker.guest_id)
    return SupportConversation.objects.filter(membership=asker.membership_id, business=asker.business_id)


def conversation(*, asker: Asker, conversation_id: UUID) -> SupportConversation:
    """Raises NotFound for an unknown and for somebody else's alike."""
    found = conversations_of(asker=asker).filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def desk_list() -> QuerySet[SupportConversation]:
    """Everybody's, each with what its open ticket says, if it has one: `ticket__…` can be filtered by."""
    open_ticket = FilteredRelation("tickets", condition=Q(tickets__status="open"))
    rows = SupportConversation.objects.select_related("business", "user").annotate(ticket=open_ticket)
    return rows.annotate(
        priority=F("ticket__priority"),
        category=F("ticket__category"),
        waiting_since=F("ticket__waiting_since"),
        assigned_to_id=F("ticket__assigned_to_id"),
        assigned_to_email=F("ticket__assigned_to__email"),
    )


def open_ticket(*, conversation_id: UUID) -> SupportTicket | None:
    tickets = SupportTicket.objects.select_related("assigned_to")
    return tickets.filter(conversation=conversation_id, status=SupportTicket.Status.OPEN).first()


def messages(*, conversation_id: UUID) -> QuerySet[SupportMessage]:
    """What its user may see. A reply that was not given, because staff took over meanwhile, is not there."""
    shown = SupportMessage.objects.filter(conversation=conversation_id)
    return shown.exclude(status="failed", error_code="with_staff").prefetch_related("attachments")


def ended_numbers(*, conversation_id: UUID) -> list[int]:
    """Of the newest messages, those that have ended."""
    newest = SupportMessage.objects.filter(conversation=conversation_id).order_by("-number")[:50]
    return [number for number, ended in newest.values_list("number", "finished_at") if ended]


def list_version(*, asker: Asker) -> str:
    """Changes with every write to a list, so that what was cached of it is not found any more."""
    name = f"chat-lists:{asker.key}"
    return str(cache.get_or_set(name, secrets.token_hex(8), LIST_SECONDS * 2))


def forget_lists(*, asker_key: str) -> None:
    """After a write: cached lists of this asker are read anew."""
    cache.set(f"chat-lists:{asker_key}", secrets.token_hex(8), LIST_SECONDS * 2)


def asker_key(conversation: SupportConversation) -> str:
    """As `Asker.key`."""
    if conversation.guest_id:
        return f"guest:{conversation.guest_id.hex}"
    return f"member:{conversation.membership_id}"
