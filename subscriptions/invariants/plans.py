"""Storefront plans and licences."""

from config.core.invariants import Invariant

PLANS = [
    Invariant(
        "14. monthly free credits are those of one paid month, cost nothing and end with it",
        """
        SELECT creditgrant.id, creditgrant.key, creditgrant.credits, month.id AS month, month.free_credits
          FROM (SELECT * FROM subscriptions_creditgrant WHERE source = 'monthly_free') creditgrant
          FULL JOIN (SELECT * FROM subscriptions_storefrontperiod WHERE free_credits > 0) month
            ON month.grant_id = creditgrant.id
         WHERE creditgrant.id IS NULL OR month.id IS NULL OR creditgrant.credits <> month.free_credits
            OR creditgrant.key <> 'storefront:' || month.plan_id || ':period:' || month.number || ':free'
            OR creditgrant.unit_value_ghs <> 0 OR creditgrant.expires_at IS DISTINCT FROM month.ends_at
        """,
    ),
    Invariant(
        "15. an active storefront plan is what its current month was paid for",
        """
        SELECT plan.id, plan.period_end, plan.storefronts, paid.storefronts AS paid, paid.ends_at
          FROM subscriptions_storefrontplan plan
          LEFT JOIN LATERAL (SELECT * FROM subscriptions_storefrontperiod
                              WHERE plan_id = plan.id AND paid_by_id IS NOT NULL
                              ORDER BY number DESC, added LIMIT 1) paid ON true
         WHERE plan.status = 'ACTIVE'
           AND (paid.ends_at IS DISTINCT FROM plan.period_end OR paid.void_at IS NOT NULL)
        """,
    ),
    Invariant(
        # As `services/licences.py` computes it.
        "16. a paid month of a licence is taken back while less than its price is here or it is disputed,"
        " and only then",
        """
        SELECT month.id, month.status, month.price_ghs, back.ghs AS gone
          FROM subscriptions_licencemonth month
          JOIN payments_payment payment ON payment.id = month.paid_by_id
          JOIN LATERAL (
               SELECT (SELECT coalesce(sum(amount_ghs), 0) FROM payments_refund
                        WHERE payment_id = payment.id AND status <> 'FAILED'
                          AND (status = 'PROCESSED' OR requested_by IS NOT NULL))
                    + (SELECT coalesce(sum(amount_ghs), 0) FROM payments_dispute
                        WHERE payment_id = payment.id AND status = 'LOST') AS ghs,
                      EXISTS (SELECT 1 FROM payments_dispute
                               WHERE payment_id = payment.id AND status IN ('OPEN', 'ANSWERED')) AS disputed
               ) back ON true
         WHERE (month.status = 'taken_back') <>
               (back.disputed OR payment.paid_ghs - back.ghs < month.price_ghs)
        """,
    ),
    Invariant(
        "17. a licence ends with its last paid month, or when that was taken back",
        """
        SELECT licence.id, licence.expires_at, last.ends_at FROM subscriptions_licence licence
          JOIN LATERAL (SELECT max(ends_at) FILTER (WHERE status = 'paid') AS ends_at,
                               max(taken_back_at) AS taken_back_at
                          FROM subscriptions_licencemonth WHERE licence_id = licence.id) last ON true
         WHERE last.ends_at > coalesce(licence.expires_at, '-infinity')
            OR licence.expires_at > coalesce(greatest(last.ends_at, last.taken_back_at), '-infinity')
        """,
    ),
]
