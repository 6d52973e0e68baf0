"""Who asks, from a membership, a guest's token, or a conversation that was begun before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core import signing

from accounts import access
from support_chat.errors import GuestTokenInvalid
from support_chat.models import SupportConversation
from support_chat.types import ASSISTANTS, DEFAULT_ASSISTANT, Asker

TOKEN_LIFE = timedelta(days=30)
_SALT = "support_chat.guest"


def member(membership: Any, role: Any) -> Asker:
    """`membership` with its business, and the catalogue's row of its role (None: it may use the least)."""
    return Asker(
        business_id=membership.business_id,
        membership_id=membership.pk,
        user_id=membership.user_id,
        role=membership.role,
        role_name=role.name if role is not None else membership.role,
        guidance=role.guidance if role is not None else "",
        names=tuple(filter(None, [membership.user.name, membership.business.name])),
        assistants=frozenset(role.assistants) & frozenset(ASSISTANTS)
        if role is not None
        else frozenset([DEFAULT_ASSISTANT]),
    )


def guest(guest_id: UUID) -> Asker:
    return Asker(guest_id=guest_id, assistants=frozenset([DEFAULT_ASSISTANT]))


def of_conversation(conversation: SupportConversation, *, now: datetime) -> Asker:
    """Whose conversation it is, as of now. Raises RoleNotAllowed for a member who is no longer there."""
    if conversation.guest_id is not None:
        return guest(conversation.guest_id)
    assert conversation.membership_id is not None
    return member(*access.current(membership_id=conversation.membership_id, now=now))


def new_guest_token() -> str:
    """For a visitor who is not known yet."""
    return signing.dumps(uuid4().hex, salt=_SALT, compress=False)


def guest_of_token(token: str) -> Asker:
    """Raises GuestTokenInvalid for one that we did not sign, or not lately."""
    try:
        return guest(UUID(signing.loads(token, salt=_SALT, max_age=TOKEN_LIFE)))
    except (signing.BadSignature, ValueError):
        raise GuestTokenInvalid from None
