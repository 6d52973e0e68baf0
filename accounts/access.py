"""How every tenant-scoped endpoint learns who is calling and for which business. Part of the public surface.

A view derives from `BusinessView` and then has `self.membership`, `self.business` and `self.role`. It names the
capability a method needs (`capabilities = {"POST": "buy"}`) and, for API keys, the scope.
"""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from config.core.errors import NotFound

from .errors import BusinessInactive, BusinessRequired, NoBusiness, RoleNotAllowed, ScopeNotAllowed
from .models import ApiKey, Membership, Role

if TYPE_CHECKING:
    from .models import Business


class BusinessView(APIView):
    """A view on one business's data. Raises, before the method runs, when the caller has no place there."""

    capabilities: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "billing", "PATCH": "billing", "DELETE": "billing"}

    membership: Membership
    business: "Business"
    role: Role | None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method)
        if isinstance(request.auth, ApiKey) and self.scopes.get(method) not in request.auth.scopes:
            raise ScopeNotAllowed(scope=self.scopes.get(method))
        self.membership = find_membership(request)
        self.business = self.membership.business
        if not self.business.is_active:
            raise BusinessInactive
        self.role = Role.find(self.membership.role, timezone.now())
        needed = self.capabilities.get(method)
        if needed is not None and (self.role is None or needed not in self.role.capabilities):
            raise RoleNotAllowed(needs=needed)


def find_membership(request: Request) -> Membership:
    """The caller's membership in the business that `X-Business-ID` names (default: the only one).

    Raises NotFound for a business that is not the caller's, exactly as for one that does not exist.
    """
    wanted = request.headers.get("X-Business-ID")
    if isinstance(request.auth, ApiKey):
        membership = request.auth.membership
        if wanted is not None and wanted != str(membership.business_id):
            raise NotFound
        return membership
    mine = Membership.objects.select_related("business").filter(user_id=request.user.pk, is_active=True)
    if wanted is not None:
        found = mine.filter(business_id=_as_uuid(wanted)).first()
        if found is None:
            raise NotFound
        return found
    first_two = list(mine.order_by("pk")[:2])
    if not first_two:
        raise NoBusiness
    if len(first_two) > 1:
        raise BusinessRequired
    return first_two[0]


def _as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
