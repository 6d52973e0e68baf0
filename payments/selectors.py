from uuid import UUID

from config.core.errors import NotFound
from payments.models import REFERENCE, Payment


def get_payment(*, reference: str, business_id: UUID) -> Payment:
    """The business's own payment. Raises NotFound for an unknown and for another's alike."""
    if not REFERENCE.fullmatch(reference):
        raise NotFound
    payment = Payment.objects.filter(reference=reference, business_id=business_id).first()
    if payment is None:
        raise NotFound
    return payment
