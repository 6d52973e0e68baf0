"""What the owner orders and pays: the first month of the plan, or more storefronts in the middle of one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from payments.services import payments
from payments.types import PaymentStatus
from subscriptions.errors import (
    NoStorefrontPlan,
    PaymentFailed,
    StorefrontPlanActive,
    StorefrontPlanEnds,
    StorefrontRenewalDue,
)
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import storefronts as selectors
from subscriptions.services import locks

from .completing import PURPOSE


def subscribe(
    *,
    business_id: UUID,
    user_id: int,
    email: str,
    storefronts: int,
    way_to_pay: dict[str, Any],
    now: datetime,
) -> StorefrontPeriod:
    """Orders the plan and starts the payment of its first month. `way_to_pay`: as `payments.open_payment`.

    A saved card that pays, or a card that is saved, is charged at each renewal. Raises StorefrontPlanActive,
    StorefrontRenewalDue, TooFewStorefronts, TooManyStorefronts, NotOnSale, PaymentFailed when a charge is
    declined at once, and what payments raises.
    """
    active = selectors.active_plan(business_id=business_id, now=now)
    if active is not None:
        raise StorefrontRenewalDue if selectors.is_due(active, now) else StorefrontPlanActive
    found = selectors.price(storefronts=storefronts, now=now)
    selectors.check_covers(business_id=business_id, storefronts=storefronts)
    with transaction.atomic(durable=True):
        plan = StorefrontPlan.objects.create(
            business_id=business_id,
            user_id=user_id,
            storefronts=storefronts,
            price_ghs=found.price_ghs,
            next_storefronts=storefronts,
            next_price_ghs=found.price_ghs,
            created_at=now,
        )
        period = order(
            plan=plan,
            number=0,
            amount_ghs=found.price_ghs,
            email=email,
            started_by_id=user_id,
            way_to_pay=way_to_pay,
            now=now,
        )
    return _start(period, now)


def order(
    *,
    plan: StorefrontPlan,
    number: int,
    amount_ghs: Decimal,
    email: str,
    started_by_id: int | None,
    way_to_pay: dict[str, Any],
    now: datetime,
    storefronts: int | None = None,
    added: int = 0,
    price_ghs: Decimal | None = None,
) -> StorefrontPeriod:
    """A row and its payment, in the caller's transaction: a month of what the plan says comes next, or more
    storefronts. Raises what `payments.open_payment` raises."""
    payment = payments.open_payment(
        business_id=plan.business_id,
        purpose=PURPOSE,
        amount_ghs=amount_ghs,
        email=email,
        started_by_id=started_by_id,
        now=now,
        **way_to_pay,
    )
    return StorefrontPeriod.objects.create(
        plan=plan,
        number=number,
        storefronts=storefronts or plan.next_storefronts,
        added=added,
        price_ghs=price_ghs or plan.next_price_ghs,
        payment=payment,
    )


@dataclass(frozen=True, kw_only=True)
class Changed:
    """`order` waits to be paid and counts from then on; without one the change is noted."""

    plan: StorefrontPlan
    cost: selectors.Change
    order: StorefrontPeriod | None


def change(
    *,
    business_id: UUID,
    user_id: int,
    email: str,
    storefronts: int,
    way_to_pay: dict[str, Any],
    now: datetime,
) -> Changed:
    """Has the plan cover another number of storefronts.

    More: once the difference for the rest of the month is paid, for which a payment is started. Fewer: from
    the next renewal on. Locks the plan. Raises NoStorefrontPlan, StorefrontPlanEnds
    and as `subscribe`.
    """
    selectors.check_covers(business_id=business_id, storefronts=storefronts)
    with transaction.atomic(durable=True):
        plan = locks.lock_active_storefront_plan(business_id=business_id)
        if plan is None or not (plan.renews or not selectors.is_due(plan, now)):
            raise NoStorefrontPlan
        if selectors.is_due(plan, now):
            raise StorefrontRenewalDue
        if not plan.renews:
            raise StorefrontPlanEnds
        cost = selectors.change(plan=plan, storefronts=storefronts, now=now)
        if not cost.now_ghs:
            _take_over(plan, storefronts, cost)
            return Changed(plan=plan, cost=cost, order=None)
        extra = order(
            plan=plan,
            number=selectors.current_month(plan).number,
            amount_ghs=cost.now_ghs,
            email=email,
            started_by_id=user_id,
            way_to_pay=way_to_pay,
            now=now,
            storefronts=storefronts,
            added=storefronts - plan.storefronts,
            price_ghs=cost.next_ghs,
        )
    return Changed(plan=plan, cost=cost, order=_start(extra, now))


def _take_over(plan: StorefrontPlan, storefronts: int, cost: selectors.Change) -> None:
    plan.next_storefronts, plan.next_price_ghs = storefronts, cost.next_ghs
    if cost.raises:  # and costs nothing more: the tariff has become cheaper
        plan.storefronts, plan.price_ghs = storefronts, cost.next_ghs
    plan.save()


def _start(period: StorefrontPeriod, now: datetime) -> StorefrontPeriod:
    period.payment = payments.start(payment_id=period.payment_id, now=now)
    if period.payment.status == PaymentStatus.FAILED:
        raise PaymentFailed(reason=period.payment.gateway_response, reference=period.payment.reference)
    return period
