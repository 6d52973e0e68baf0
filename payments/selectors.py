from datetime import date
from uuid import UUID

from config.core.errors import NotFound
from payments.models import REFERENCE, Payment, Settlement


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
