from config.core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "a successful payment collected exactly what was asked for, or a person decided about it",
        """
        SELECT reference, amount_ghs, paid_ghs FROM payments_payment payment
         WHERE status IN ('SUCCESSFUL', 'REFUNDED') AND paid_ghs IS DISTINCT FROM amount_ghs
           AND NOT EXISTS (SELECT 1 FROM payments_paymentaction action
                            WHERE action.payment_id = payment.id
                              AND ((action.action = 'review_accept' AND paid_ghs > amount_ghs)
                                   OR (action.action = 'review_refund' AND paid_ghs > 0 AND unapplied)))
        """,
    ),
    Invariant(
        "what went back of a payment is the sum of its processed refunds",
        """
        SELECT payment.reference, payment.refunded_ghs, coalesce(sum(refund.amount_ghs), 0) AS refunds
          FROM payments_payment payment
          LEFT JOIN payments_refund refund ON refund.payment_id = payment.id AND refund.status = 'PROCESSED'
         GROUP BY payment.id HAVING payment.refunded_ghs <> coalesce(sum(refund.amount_ghs), 0)
        """,
    ),
    Invariant(
        "a payment is refunded when all of it went back, and only then",
        """
        SELECT reference, status, paid_ghs, refunded_ghs FROM payments_payment
         WHERE (status = 'REFUNDED') <> (refunded_ghs > 0 AND refunded_ghs = paid_ghs)
        """,
    ),
    Invariant(
        "an open refund will be asked about, a finished one will not",
        """
        SELECT id, status, next_check_at FROM payments_refund
         WHERE (status IN ('PROCESSED', 'FAILED')) <> (next_check_at IS NULL)
        """,
    ),
    Invariant(
        "somebody asked for a refund, or the gateway knows it",
        "SELECT id, status FROM payments_refund WHERE requested_by IS NULL AND gateway_refund_id = ''",
    ),
    Invariant(
        "only a payment that was paid has refunds",
        """
        SELECT refund.id, payment.reference, payment.status FROM payments_refund refund
          JOIN payments_payment payment ON payment.id = refund.payment_id
         WHERE payment.status NOT IN ('SUCCESSFUL', 'REFUNDED')
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
