"""One helper per lockable row.

Order: Payment, Refund or Dispute, Purchase or Add-on or Licence, Hold, Credits, Grants, counters;
last the receipt counter.
"""

from uuid import UUID

from subscriptions.models import (
    AICreditPurchase,
    AIMonthlyAddon,
    BusinessAICredits,
    CreditHold,
    Licence,
    StorefrontPlan,
)


def lock_purchase(*, order_id: int) -> AICreditPurchase:
    """`order_id`: the first payment that was opened for it."""
    return AICreditPurchase.objects.select_for_update(no_key=True, of=("self",)).get(payment_id=order_id)


def lock_purchase_paid_by(*, payment_id: int) -> AICreditPurchase | None:
    """The purchase that this very attempt paid for, if it is one."""
    purchases = AICreditPurchase.objects.select_for_update(no_key=True, of=("self",))
    return purchases.filter(paid_by_id=payment_id).first()


def lock_addon(*, addon_id: UUID) -> AIMonthlyAddon:
    return AIMonthlyAddon.objects.select_for_update(no_key=True, of=("self",)).get(pk=addon_id)


def lock_addon_ordered_by(*, order_id: int) -> AIMonthlyAddon:
    """`order_id`: the first payment that was opened for one of its months."""
    rows = AIMonthlyAddon.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(periods__payment_id=order_id)


def lock_active_addons(*, business_id: UUID) -> list[AIMonthlyAddon]:
    rows = AIMonthlyAddon.objects.select_for_update(no_key=True, of=("self",))
    return list(rows.filter(business_id=business_id, status="ACTIVE"))


def lock_addon_paid_by(*, payment_id: int) -> AIMonthlyAddon | None:
    """The add-on of which this very attempt paid for a month, if it did."""
    rows = AIMonthlyAddon.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(periods__paid_by_id=payment_id).first()


def lock_storefront_plan(*, plan_id: UUID) -> StorefrontPlan:
    return StorefrontPlan.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan_id)


def lock_active_storefront_plan(*, business_id: UUID) -> StorefrontPlan | None:
    plans = StorefrontPlan.objects.select_for_update(no_key=True, of=("self",))
    return plans.filter(business_id=business_id, status="ACTIVE").first()


def lock_licence(*, licence_id: int) -> Licence:
    """Whoever moves its months holds this lock."""
    return Licence.objects.select_for_update(no_key=True, of=("self",)).get(pk=licence_id)


def lock_hold(*, hold_id: int) -> CreditHold:
    return CreditHold.objects.select_for_update(no_key=True, of=("self",)).get(pk=hold_id)


def lock_open_holds(*, business_id: UUID, wait: bool = True) -> list[CreditHold]:
    """Those of a business that nobody has settled yet."""
    holds = CreditHold.objects.select_for_update(no_key=True, of=("self",), nowait=not wait)
    return list(holds.filter(business=business_id, state="open").order_by("pk"))


def lock_account(*, business_id: UUID) -> BusinessAICredits:
    """The business's account, opened on first use. Whoever changes its credits holds this lock."""
    accounts = BusinessAICredits.objects.select_for_update(no_key=True, of=("self",)).filter(pk=business_id)
    found = accounts.first()
    if found is not None:
        return found
    # Not armed: where there never were enough credits, nothing can fall.
    new = BusinessAICredits(business_id=business_id, low_credit_armed=False)
    BusinessAICredits.objects.bulk_create([new], ignore_conflicts=True)
    return accounts.get()
