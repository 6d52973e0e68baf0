"""Businesses and their members."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Business, Membership, Role, Storefront, User


@transaction.atomic
def create(*, owner: User, name: str, storefront: str, now: datetime, **details: Any) -> Membership:
    """A business with its first storefront, owned by `owner`; returns the owner's membership."""
    business = Business.objects.create(name=name, created_at=now, **details)
    Storefront.objects.create(business=business, name=storefront, created_at=now)
    role = next(role for role in Role.in_force(now) if role.is_owner)
    return Membership.objects.create(business=business, user=owner, role=role.slug, created_at=now)
