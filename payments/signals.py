"""Money has moved. Each is sent inside the transaction that records it, with `payment` and `now`.

The row of `payment` is locked. A receiver answers with a `types.Claim` when the payment was its own and it
has done all that follows from it, else None; an exception, or nobody claiming, undoes everything.

`payment_succeeded` also for a retry: what was ordered is known by `payment.order_id`, the first attempt.
`payment_refunded` comes with `refund`, when it has ended: PROCESSED, or FAILED (the money stays here).
`card_kept` comes with `card` when the card that paid was saved; nobody has to claim it.
`payment_disputed` comes with `dispute`, when it is opened and when it is WON or LOST.
"""

from django.dispatch import Signal

payment_succeeded = Signal()
payment_refunded = Signal()
payment_disputed = Signal()
card_kept = Signal()
