"""How every tenant-scoped endpoint learns who is calling and for which business. Part of the public surface.

A view derives from `BusinessView` and then has `self.membership`, `self.business` and `self.role`. It names
the capability a method needs (`capabilities = {"POST": "buy"}`) and, for API keys, the scope.
"""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from config.core.errors import NotFound

from . import selectors
from .errors import (
    BusinessInactive,
    BusinessRequired,
    NoBusiness,
    PersonRequired,
    RoleNotAllowed,
    ScopeNotAllowed,
)
from .models import ApiKey, Membership, Role, User

if TYPE_CHECKING:
    from .models import Business


class BusinessView(APIView):
    """A view on one business's data. Raises, before the method runs, when the caller has no place there.

    `scopes` says what an API key needs for a method; a method it does not name needs a person.
    `without_business` names methods any signed-in person may call, member of something or not.
    """

    capabilities: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {
        "GET": "read",
        "HEAD": "read",
        "POST": "billing",
        "PATCH": "billing",
        "PUT": "billing",
        "DELETE": "billing",
    }
    without_business: ClassVar[frozenset[str]] = frozenset()

    membership: Membership
    business: "Business"
    role: Role | None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method)
        if method == "OPTIONS" or not hasattr(self, method.lower()):
            return  # answered by REST framework itself
        check_scope(request, self.scopes.get(method))
        if method in self.without_business:
            return
        self.membership = find_membership(request)
        self.business = self.membership.business
        if not self.business.is_active:
            raise BusinessInactive
        self.role = Role.find(self.membership.role, timezone.now())
        needed = self.capabilities.get(method)
        if needed is not None and (self.role is None or needed not in self.role.capabilities):
            raise RoleNotAllowed(needs=needed)


def check_scope(request: Request, scope: str | None) -> None:
    """Raises ScopeNotAllowed for an API key without `scope`; None is a scope no key has."""
    if isinstance(request.auth, ApiKey):
        if scope is None:
            raise PersonRequired
        if scope not in request.auth.scopes:
            raise ScopeNotAllowed(needs=scope)


def person(request: Request) -> User:
    """The signed-in user, or the one a key acts as."""
    assert isinstance(request.user, User)
    return request.user


def find_membership(request: Request) -> Membership:
    """The caller's membership in the business that `X-Business-ID` names (default: the only one).

    Raises NotFound for a business that is not the caller's, exactly as for one that does not exist.
    """
    wanted = chosen_business(request)
    if isinstance(request.auth, ApiKey):
        return request.auth.membership
    user = person(request)
    mine = selectors.memberships_of(user_id=user.pk, business_id=wanted)
    first_two = list(mine.order_by("pk")[:2])
    if not first_two:
        raise NoBusiness if wanted is None else NotFound
    if len(first_two) > 1:
        raise BusinessRequired
    first_two[0].user = user
    return first_two[0]


def chosen_business(request: Request) -> uuid.UUID | None:
    """What `X-Business-ID` names, or the only business an API key can name. Raises NotFound when that differs
    from the header, or the header is no id."""
    text = request.headers.get("X-Business-ID")
    try:
        wanted = uuid.UUID(text) if text is not None else None
    except ValueError:
        raise NotFound from None
    if not isinstance(request.auth, ApiKey):
        return wanted
    if wanted not in (None, request.auth.membership.business_id):
        raise NotFound
    return request.auth.membership.business_id


def current(*, membership_id: int, now: datetime) -> tuple[Membership, Role | None]:
    """A member as of now, with business and role, for what is done later in their name.

    Raises RoleNotAllowed for one who is no longer there.
    """
    members = Membership.objects.select_related("business", "user")
    found = members.filter(pk=membership_id, is_active=True, user__is_active=True).first()
    if found is None:
        raise RoleNotAllowed
    return found, Role.find(found.role, now)


def role_of(membership: Membership, *, now: datetime) -> Role | None:
    """The role of a member as the catalogue has it at `now`; None when it is there no more."""
    return Role.find(membership.role, now)
