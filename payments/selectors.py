from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from config.core.errors import NotFound
from payments.models import REFERENCE, Payment, SavedCard, Settlement


def get_payment(*, reference: str, business_id: UUID) -> Payment:
    """The business's own payment. Raises NotFound for an unknown and for another's alike."""
    if not REFERENCE.fullmatch(reference):
        raise NotFound
    payment = Payment.objects.filter(reference=reference, business_id=business_id).first()
    if payment is None:
        raise NotFound
    return payment


def settlements(*, since: date) -> list[Settlement]:
    """Payouts of that day and later, the latest first."""
    return list(Settlement.objects.filter(settled_on__gte=since).order_by("-settled_on", "-pk"))


def attempts(payment: Payment) -> QuerySet[Payment]:
    """Every attempt at the same thing, this one among them; newest first."""
    order_id = payment.order_id
    return Payment.objects.filter(Q(pk=order_id) | Q(first_attempt_id=order_id)).order_by("-pk")


def saved_cards(*, business_id: UUID) -> QuerySet[SavedCard]:
    return SavedCard.objects.filter(business_id=business_id, removed_at=None)
