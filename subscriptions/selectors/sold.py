"""What a payment paid for."""

from django.db.models import Q

from subscriptions.models import AddonPeriod, AICreditPurchase, CreditGrant, StorefrontPeriod


def grant_sold_by(*, payment_id: int) -> CreditGrant | None:
    """The credits it sold. None for a payment that sold none, was kept as unapplied, or not made at all."""
    return CreditGrant.objects.filter(
        Q(pk__in=AICreditPurchase.objects.filter(paid_by=payment_id).values("grant"))
        | Q(pk__in=AddonPeriod.objects.filter(paid_by=payment_id).values("grant"))
    ).first()


def storefronts_paid_by(*, payment_id: int) -> StorefrontPeriod | None:
    return StorefrontPeriod.objects.filter(paid_by=payment_id).first()
