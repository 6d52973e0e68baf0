"""The lockable row of this app. Receivers lock what is theirs after it, never before."""

from payments.models import Payment


def payment(*, payment_id: int) -> Payment:
    """The payment with its business, locked until the transaction ends. Raises Payment.DoesNotExist."""
    rows = Payment.objects.select_for_update(no_key=True, of=("self",)).select_related("business")
    return rows.get(pk=payment_id)
