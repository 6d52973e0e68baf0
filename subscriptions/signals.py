"""What this app announces to those above it."""

from django.dispatch import Signal

# The lease of an open hold has ended and its credits are about to go back: `hold_id`, `request_id`, `now`.
# Not inside a transaction. A receiver that has the answer the hold was for captures the hold.
lease_ended = Signal()

# A budget of `business_id` came past 50, 75, 90 or 100 per cent, or its credits below what its owner wants to
# know: somebody should look, once this transaction is committed.
mark_passed = Signal()
