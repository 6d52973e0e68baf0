"""Money has moved. Each is sent inside the transaction that records it, with `payment` and `now`.

The row of `payment` is locked. A receiver returns True when the payment was its own and it has done all that
follows from it; an exception, or nobody returning True, undoes everything.
"""

from django.dispatch import Signal

payment_succeeded = Signal()
payment_refunded = Signal()
payment_disputed = Signal()
