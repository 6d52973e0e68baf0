"""Who asks, and for which business. Views and tasks make one and hand it to the gateway."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Caller:
    business_id: UUID
    business_is_active: bool
    membership_id: int
    user_id: int
    role: str
    features: frozenset[str]
    daily_limit_usd: Decimal
    guidance: str
    idempotency_key: str | None = None


def from_membership(membership: Any, role: Any, *, idempotency_key: str | None = None) -> Caller:
    """`membership` with its business, and the catalogue's row of its role (None: it may use nothing)."""
    return Caller(
        business_id=membership.business_id,
        business_is_active=membership.business.is_active,
        membership_id=membership.pk,
        user_id=membership.user_id,
        role=membership.role,
        features=frozenset(role.features) if role is not None else frozenset(),
        daily_limit_usd=role.daily_ai_cost_usd if role is not None else Decimal(0),
        guidance=role.guidance if role is not None else "",
        idempotency_key=idempotency_key,
    )
