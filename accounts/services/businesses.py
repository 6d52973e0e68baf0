"""Businesses, their storefronts and members."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.errors import AlreadyExists, CatalogueMissing
from accounts.models import Business, Membership, Role, Storefront, User


@transaction.atomic
def create(
    *, owner: User, name: str, storefront: str, phone: str = "", timezone: str = "Africa/Accra", now: datetime
) -> Membership:
    """A business with its first storefront, owned by `owner`; returns the owner's membership.

    Raises CatalogueMissing when no role is marked as the owner's.
    """
    role = next((role for role in Role.in_force(now) if role.is_owner), None)
    if role is None:
        raise CatalogueMissing
    business = Business.objects.create(name=name, phone=phone, timezone=timezone, created_at=now)
    Storefront.objects.create(business=business, name=storefront, created_at=now)
    return Membership.objects.create(business=business, user=owner, role=role.slug, created_at=now)


def update(*, business_id: UUID, **changes: str) -> Business:
    """Sets `name`, `phone` or `timezone`."""
    if changes:
        Business.objects.filter(pk=business_id).update(**changes)
    return Business.objects.get(pk=business_id)


def add_storefront(*, business_id: UUID, name: str, location: str = "", now: datetime) -> Storefront:
    """Raises AlreadyExists when the business has a storefront of that name."""
    try:
        with transaction.atomic():
            return Storefront.objects.create(
                business_id=business_id, name=name, location=location, created_at=now
            )
    except IntegrityError:
        raise AlreadyExists(f"A storefront named {name!r} exists already. Choose another name.") from None
