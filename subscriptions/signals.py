"""What this app announces to those above it."""

from django.dispatch import Signal

# The lease of an open hold has ended and its credits are about to go back: `hold_id`, `request_id`, `now`.
# Not inside a transaction. A receiver that has the answer the hold was for captures the hold.
lease_ended = Signal()
