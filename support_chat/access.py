"""How the chat's views learn who asks: a member, by token or API key, or a guest by `X-Guest-Token`."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import BusinessView
from accounts.admin_site import second_steps
from accounts.authentication import ApiKeyAuthentication, BearerAuthentication
from accounts.throttling import CallerRate
from config.core import rate_limit
from config.core.client_ip import client_ip
from support_chat import selectors
from support_chat.models import SupportConversation
from support_chat.services import askers, viewing
from support_chat.types import Asker


class GuestAuthentication(BaseAuthentication):
    """`X-Guest-Token: …` from POST /api/support/guest/. `request.auth` is the Asker."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = request.headers.get("X-Guest-Token")
        if token is None:
            return None
        return AnonymousUser(), askers.guest_of_token(token)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class GuestScheme(OpenApiAuthenticationExtension):
    target_class = GuestAuthentication
    name = "guestToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Guest-Token"}


class MemberOrGuest(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.is_authenticated or isinstance(request.auth, Asker)


class ChatRate(CallerRate):
    """Guests by guest, and with a high ceiling by address, which a mobile network's customers share."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, Asker):
            return super().allow_request(request, view)
        limits = settings.RATE_LIMITS
        rate_limit.check(scope="guest_address", identity=client_ip(request), limit=limits["guest_address"])
        window = rate_limit.check(scope="guest", identity=str(request.auth.guest_id), limit=limits["guest"])
        view.headers.update(window.headers())
        return True


class AlwaysJson(BaseContentNegotiation):
    """Errors are JSON, also for who asks for an event stream; a view streams when it can."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((one for one in parsers if one.media_type == "application/json"), parsers[0])

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ChatView(BusinessView):
    """A view that has `asker`, and for members also what BusinessView has."""

    authentication_classes = [ApiKeyAuthentication, BearerAuthentication, GuestAuthentication]
    permission_classes = [MemberOrGuest]
    throttle_classes = [ChatRate]
    content_negotiation_class = AlwaysJson
    scopes: ClassVar[dict[str, str]] = {"GET": "read", "HEAD": "read", "POST": "ai", "DELETE": "ai"}

    asker: Asker

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if isinstance(request.auth, Asker):
            super(BusinessView, self).initial(request, *args, **kwargs)
            self.asker = request.auth
            return
        super().initial(request, *args, **kwargs)
        if hasattr(self, "membership"):
            self.asker = askers.member(self.membership, self.role)


class ReaderView(ChatView):
    """Members and guests have their own conversations. Staff with the permission have everybody's: then
    `staff_id` is set, there is no `asker`, and whoever reads what was said goes through `viewing`."""

    staff_id: int | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if is_desk_staff(request):
            super(BusinessView, self).initial(request, *args, **kwargs)
            self.staff_id = request.user.pk
            return
        super().initial(request, *args, **kwargs)

    def find(self, conversation_id: UUID, *, now: datetime) -> SupportConversation:
        """Raises NotFound. Staff's look at it is stored."""
        if self.staff_id is None:
            return selectors.conversation(asker=self.asker, conversation_id=conversation_id)
        found, _ = viewing.view(
            staff_id=self.staff_id, conversation_id=conversation_id, through="api", now=now
        )
        return found


def is_desk_staff(request: Request) -> bool:
    """In person, never by an API key; with the second step where the admin asks for one."""
    user: Any = request.user
    return (
        isinstance(request.successful_authenticator, BearerAuthentication)
        and user.is_staff
        and user.has_perm("support_chat.view_supportconversation")
        and (not settings.ADMIN_REQUIRE_MFA or bool(second_steps(user)))
    )


def wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("Accept", "")
