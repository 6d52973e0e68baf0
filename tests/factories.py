"""People, businesses and signed-in clients, made the way the product makes them."""

import uuid
from importlib import import_module
from typing import Any

from allauth.headless.tokens.strategies.jwt.internal import create_access_token
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Business, Membership, User
from accounts.services import businesses
from tests import personal
from tests.sandboxes import forbid

PASSWORD = "correct-horse-battery"


def make_user(*, email: str | None = None, name: str = "") -> User:
    user = User.objects.create_user(email or f"{uuid.uuid4().hex[:12]}@shop.test", PASSWORD, name=name)
    forbid(user.email, name)
    return user


def make_business(*, name: str = "Ama Stores", role: str = "owner", email: str | None = None) -> Membership:
    """A new user with a new business and one storefront. The catalogue must have a role for owners."""
    membership = businesses.create(
        owner=make_user(email=email), name=name, storefront="Main shop", now=timezone.now()
    )
    forbid(name, str(membership.business_id))
    if membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def make_member(*, business: Business, role: str = "cashier", email: str | None = None) -> Membership:
    """A new user in an existing business."""
    return Membership.objects.create(business=business, user=make_user(email=email), role=role)


def access_token(user: User) -> str:
    """A real access token of a session of its own."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.save()
    return create_access_token(user, request.session, {})


class Client(APIClient):
    """Forbids the sandbox to see what the feature it asks calls its customers' names, phones and codes."""

    def generic(self, method: str, path: str, data: Any = "", *args: Any, **options: Any) -> Any:  # type: ignore[override]
        forbid(*personal.in_body(path, data))
        return super().generic(method, path, data, *args, **options)


def client_for(membership: Membership) -> APIClient:
    """A client signed in as this member, for this business."""
    client = Client()
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {access_token(membership.user)}",
        HTTP_X_BUSINESS_ID=str(membership.business_id),
    )
    return client
