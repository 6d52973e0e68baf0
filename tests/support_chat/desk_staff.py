"""People of the staff, and a conversation that waits for them."""

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from support_chat.models import SupportConversation, SupportMessage
from support_chat.services import escalation
from tests.factories import access_token, make_user
from tests.support_chat.talking import Chatter

ALL = ("view_supportconversation", "change_supportconversation")


def make_staff(*permissions: str, name: str = "Efua") -> User:
    """A member of staff who may read and act, or only what is named."""
    user = make_user(name=name)
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions or ALL))
    return User.objects.get(pk=user.pk)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def api_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def waiting(chatter: Chatter, now: Any, text: str = "I paid by MoMo and got nothing") -> SupportConversation:
    """A conversation whose user has asked for a person; the bot had not answered yet."""
    conversation = chatter.send(text).conversation
    escalation.escalate(asker=chatter.asker, conversation_id=conversation.pk, now=now)
    conversation.refresh_from_db()
    return conversation


def said(conversation: SupportConversation) -> list[tuple[str, str]]:
    """(author, text) of what its user sees, without the bot."""
    rows = SupportMessage.objects.filter(conversation=conversation).exclude(author="bot").order_by("number")
    return list(rows.values_list("author", "text"))
