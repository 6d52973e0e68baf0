from config.core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "a successful payment collected exactly what was asked for",
        """
        SELECT reference, amount_ghs, paid_ghs FROM payments_payment
         WHERE status IN ('SUCCESSFUL', 'REFUNDED') AND paid_ghs IS DISTINCT FROM amount_ghs
        """,
    ),
    Invariant(
        "a settled payment names the mode it was paid in",
        """
        SELECT reference FROM payments_payment
         WHERE status IN ('SUCCESSFUL', 'REFUNDED') AND gateway_domain = ''
        """,
    ),
    Invariant(
        "a finished payment is not asked about again",
        """
        SELECT reference, status, next_check_at FROM payments_payment
         WHERE status IN ('SUCCESSFUL', 'REFUNDED', 'REVIEW') AND next_check_at IS NOT NULL
        """,
    ),
    Invariant(
        "an open payment will be asked about",
        """
        SELECT reference, created_at FROM payments_payment
         WHERE status = 'PENDING' AND next_check_at IS NULL
        """,
    ),
    Invariant(
        "only a payment that still waits may have a prompt on a phone",
        """
        SELECT reference, status, phone FROM payments_payment WHERE prompt_open AND status <> 'PENDING'
        """,
    ),
    Invariant(
        "an applied event belongs to a payment that has left the start",
        """
        SELECT event.id, event.reference FROM payments_webhookevent AS event
          LEFT JOIN payments_payment AS payment ON payment.reference = event.reference
         WHERE event.outcome = 'applied' AND event.event = 'charge.success'
           AND (payment.id IS NULL OR payment.status IN ('PENDING', 'FAILED'))
        """,
    ),
    Invariant(
        "an event is processed after it came, and counted",
        """
        SELECT id, event, reference FROM payments_webhookevent
         WHERE processed_at IS NOT NULL AND (processed_at < received_at OR attempts = 0)
        """,
    ),
]
