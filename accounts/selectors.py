"""What a business may read about itself. Every query is scoped to one business or one user."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from config.core.errors import NotFound

from .models import ApiKey, Business, Membership, Role, Storefront


def memberships_of(*, user_id: int, business_id: UUID | None = None) -> QuerySet[Membership]:
    """The user's active memberships with their businesses; only the one in `business_id` if given."""
    mine = Membership.objects.select_related("business").filter(user=user_id, is_active=True)
    return mine if business_id is None else mine.filter(business=business_id)


def business(*, business_id: UUID) -> Business | None:
    return Business.objects.filter(pk=business_id).first()


def zone(*, business_id: UUID) -> ZoneInfo:
    """Whose days and months a business lives by."""
    return ZoneInfo(Business.objects.values_list("timezone", flat=True).get(pk=business_id))


def business_exists(*, business_id: UUID) -> bool:
    return Business.objects.filter(pk=business_id).exists()


def storefronts(*, business_id: UUID) -> QuerySet[Storefront]:
    return Storefront.objects.filter(business=business_id)


def members(*, business_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.select_related("user").filter(business=business_id)


def member(*, business_id: UUID, member_id: int) -> Membership:
    """An active member. Raises NotFound for an unknown and for another business's alike."""
    found = members(business_id=business_id).filter(pk=member_id, is_active=True).first()
    if found is None:
        raise NotFound("There is no such member. GET /api/business/members/ lists them.")
    return found


def api_keys(*, business_id: UUID) -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("membership__user").filter(membership__business=business_id)


def roles(*, now: datetime) -> list[Role]:
    """The roles of the catalogue, in its order. No query while this process's copy is fresh."""
    return Role.in_force(now)


def addresses_to_tell(*, business_id: UUID, with_managers: bool, now: datetime) -> list[str]:
    """E-mail addresses of the owners, and of all who may manage the business when asked for."""
    roles = [
        role.slug
        for role in Role.in_force(now)
        if role.is_owner or (with_managers and "manage" in role.capabilities)
    ]
    told = Membership.objects.filter(
        business=business_id, role__in=roles, is_active=True, user__is_active=True
    )
    return list(told.order_by("pk").values_list("user__email", flat=True))
