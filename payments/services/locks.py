"""The lockable row of this app. Receivers lock what is theirs after it, never before."""

from payments.models import Payment


def payment(*, payment_id: int) -> Payment:
    """The payment, locked until the transaction ends. Raises Payment.DoesNotExist."""
    return Payment.objects.select_for_update(no_key=True, of=("self",)).get(pk=payment_id)
