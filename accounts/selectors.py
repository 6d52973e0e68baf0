"""What a business may read about itself. Every query is scoped to one business or one user."""

from uuid import UUID

from django.db.models import QuerySet

from .models import ApiKey, Business, Membership, Storefront


def memberships_of(*, user_id: int, business_id: UUID | None = None) -> QuerySet[Membership]:
    """The user's active memberships with their businesses; only the one in `business_id` if given."""
    mine = Membership.objects.select_related("business").filter(user=user_id, is_active=True)
    return mine if business_id is None else mine.filter(business=business_id)


def business_exists(*, business_id: UUID) -> bool:
    return Business.objects.filter(pk=business_id).exists()


def storefronts(*, business_id: UUID) -> QuerySet[Storefront]:
    return Storefront.objects.filter(business=business_id)


def members(*, business_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.select_related("user").filter(business=business_id)


def api_keys(*, business_id: UUID) -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("membership__user").filter(membership__business=business_id)
