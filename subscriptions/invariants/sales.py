"""What was sold, paid for, receipted and given back."""

from config.core.invariants import Invariant

# Grants that were sold, each with the payment that paid for it.
_SOLD = """
    SELECT creditgrant.*, payment.id AS payment_id, coalesce(payment.paid_ghs, payment.amount_ghs) AS paid
      FROM (SELECT grant_id, paid_by_id FROM subscriptions_aicreditpurchase WHERE grant_id IS NOT NULL
             UNION ALL
            SELECT grant_id, paid_by_id FROM subscriptions_addonperiod WHERE grant_id IS NOT NULL) sold
      JOIN subscriptions_creditgrant creditgrant ON creditgrant.id = sold.grant_id
      JOIN payments_payment payment ON payment.id = sold.paid_by_id
"""

SALES = [
    Invariant(
        "4. a successful purchase has exactly one grant, no other has any",
        """
        SELECT purchase.id, purchase.status, made.n FROM subscriptions_aicreditpurchase purchase
          LEFT JOIN LATERAL (SELECT count(*) AS n FROM subscriptions_creditgrant
                              WHERE key = 'purchase:' || purchase.id) made ON true
         WHERE made.n <> (purchase.status IN ('SUCCESSFUL', 'REFUNDED'))::int
        """,
    ),
    Invariant(
        "4b. what was given was paid for, by an attempt at that very order",
        """
        SELECT sold.what, sold.id, payment.reference, payment.status FROM (
            SELECT 'purchase' AS what, id::text, payment_id, paid_by_id FROM subscriptions_aicreditpurchase
            UNION ALL
            SELECT 'addon period', id::text, payment_id, paid_by_id FROM subscriptions_addonperiod
            UNION ALL
            SELECT 'storefront period', id::text, payment_id, paid_by_id FROM subscriptions_storefrontperiod
            UNION ALL
            SELECT 'licence month', id::text, payment_id, paid_by_id FROM subscriptions_licencemonth) sold
          JOIN payments_payment payment ON payment.id = sold.paid_by_id
         WHERE payment.status NOT IN ('SUCCESSFUL', 'REFUNDED') OR payment.unapplied
            OR coalesce(payment.first_attempt_id, payment.id) <> sold.payment_id
        """,
    ),
    Invariant(
        "4c. a paid payment gave what was ordered, or waits for its refund",
        """
        SELECT payment.reference, payment.purpose, payment.unapplied FROM payments_payment payment
         WHERE payment.status IN ('SUCCESSFUL', 'REFUNDED') AND NOT payment.unapplied
           AND payment.purpose IN ('credit_purchase', 'addon_period', 'storefront_period', 'licence')
           AND NOT EXISTS (SELECT 1 FROM subscriptions_aicreditpurchase WHERE paid_by_id = payment.id)
           AND NOT EXISTS (SELECT 1 FROM subscriptions_addonperiod WHERE paid_by_id = payment.id)
           AND NOT EXISTS (SELECT 1 FROM subscriptions_storefrontperiod WHERE paid_by_id = payment.id)
           AND NOT EXISTS (SELECT 1 FROM subscriptions_licencemonth WHERE paid_by_id = payment.id)
        """,
    ),
    Invariant(
        "4d. every sale has exactly one receipt, and nothing else has any",
        """
        SELECT payment.reference, payment.status, made.n AS receipts FROM payments_payment payment
          JOIN LATERAL (SELECT count(*) AS n FROM subscriptions_receipt
                         WHERE payment_id = payment.id AND kind = 'SK') made ON true
         WHERE made.n <>
               (EXISTS (SELECT 1 FROM subscriptions_aicreditpurchase WHERE paid_by_id = payment.id)
             OR EXISTS (SELECT 1 FROM subscriptions_addonperiod WHERE paid_by_id = payment.id)
             OR EXISTS (SELECT 1 FROM subscriptions_storefrontperiod WHERE paid_by_id = payment.id)
             OR EXISTS (SELECT 1 FROM subscriptions_licencemonth WHERE paid_by_id = payment.id))::int
        """,
    ),
    Invariant(
        "4e. a receipt or credit note shows the money that moved, and its lines add up to it",
        """
        SELECT receipt.number, receipt.total_ghs, coalesce(refund.amount_ghs, payment.paid_ghs) AS moved
          FROM subscriptions_receipt receipt
          JOIN payments_payment payment ON payment.id = receipt.payment_id
          LEFT JOIN payments_refund refund ON refund.id = receipt.refund_id
         WHERE receipt.total_ghs IS DISTINCT FROM coalesce(refund.amount_ghs, payment.paid_ghs)
            OR receipt.total_ghs <> receipt.base_ghs
               + (SELECT coalesce(sum((tax ->> 'amount_ghs')::numeric), 0)
                    FROM jsonb_array_elements(receipt.taxes) tax)
        """,
    ),
    Invariant(
        "4f. money of a sale that went back has exactly one credit note, never for more than was paid",
        """
        SELECT receipt.number, back.total AS refunded, noted.total AS credited
          FROM subscriptions_receipt receipt
          JOIN LATERAL (SELECT coalesce(sum(amount_ghs), 0) AS total FROM payments_refund
                         WHERE payment_id = receipt.payment_id AND status = 'PROCESSED') back ON true
          JOIN LATERAL (SELECT coalesce(sum(total_ghs), 0) AS total FROM subscriptions_receipt
                         WHERE corrects_id = receipt.id) noted ON true
         WHERE receipt.kind = 'SK' AND (back.total <> noted.total OR noted.total > receipt.total_ghs)
        """,
    ),
    Invariant(
        "4g. the numbers of a year are 1 to n without a gap",
        """
        SELECT kind, year, counter.last, coalesce(issued.n, 0) AS issued, issued.first, issued.latest
          FROM subscriptions_receiptcounter counter
          FULL JOIN (SELECT kind, year, count(*) AS n, min(sequence) AS first, max(sequence) AS latest
                       FROM subscriptions_receipt GROUP BY kind, year) issued USING (kind, year)
         WHERE coalesce(issued.n, 0) <> coalesce(counter.last, 0) OR issued.first <> 1
            OR issued.latest <> issued.n
        """,
    ),
    Invariant(
        "4h. a receipt's number says its kind, its year and its place in it",
        """
        SELECT number, kind, year, sequence, created_at FROM subscriptions_receipt
         WHERE number <> kind || '-' || year
                      || '-' || lpad(sequence::text, greatest(6, length(sequence::text)), '0')
            OR year <> extract(year FROM created_at AT TIME ZONE 'UTC')
        """,
    ),
    Invariant(
        "4i. a purchase is refunded when a refund asked for here was, or all of its money went back",
        """
        SELECT purchase.id, purchase.status, payment.status AS payment
          FROM subscriptions_aicreditpurchase purchase
          JOIN payments_payment payment ON payment.id = purchase.paid_by_id
         WHERE (purchase.status = 'REFUNDED') <> (payment.status = 'REFUNDED' OR EXISTS (
               SELECT 1 FROM payments_refund refund
                 JOIN subscriptions_creditentry entry ON entry.key = 'refund:' || refund.id
                WHERE refund.payment_id = payment.id AND refund.status = 'PROCESSED'))
        """,
    ),
    Invariant(
        "4j. an add-on's paid months follow each other from its anchor, and it runs until the last one ends",
        """
        SELECT addon.id, addon.status, addon.period_end, month.number, month.starts_at, month.ends_at
          FROM subscriptions_aimonthlyaddon addon
          LEFT JOIN LATERAL (
               SELECT *, row_number() OVER (ORDER BY number) - 1 AS place,
                      number = max(number) OVER () AS is_last
                 FROM subscriptions_addonperiod
                WHERE addon_id = addon.id AND grant_id IS NOT NULL) month ON true
         WHERE (addon.status IN ('ACTIVE', 'CANCELLED', 'LAPSED', 'REFUNDED')) <> (month.id IS NOT NULL)
            OR month.number <> month.place OR (month.is_last AND month.ends_at <> addon.period_end)
            OR month.starts_at <> (addon.anchor_at AT TIME ZONE 'UTC' + month.number * interval '1 month')
                                  AT TIME ZONE 'UTC'
            OR month.ends_at <> (addon.anchor_at AT TIME ZONE 'UTC' + (month.number + 1) * interval '1 month')
                                AT TIME ZONE 'UTC'
        """,
    ),
    Invariant(
        "4k. no add-on goes on after the money for its current month went back",
        """
        SELECT addon.id, payment.reference, payment.status FROM subscriptions_aimonthlyaddon addon
          JOIN subscriptions_addonperiod month
            ON month.addon_id = addon.id AND month.ends_at = addon.period_end
          JOIN payments_payment payment ON payment.id = month.paid_by_id
         WHERE addon.status = 'ACTIVE' AND (payment.status = 'REFUNDED'
            OR EXISTS (SELECT 1 FROM payments_dispute
                        WHERE payment_id = payment.id AND status = 'LOST')
            OR EXISTS (SELECT 1 FROM payments_refund refund
                         JOIN subscriptions_creditentry entry ON entry.key = 'refund:' || refund.id
                        WHERE refund.payment_id = payment.id AND refund.status = 'PROCESSED'))
        """,
    ),
    Invariant(
        "9. taken back of a grant = what its entries took, as credits or as debt, less what they returned",
        """
        SELECT creditgrant.id, creditgrant.taken_back, coalesce(sum(entry.debt_change - entry.amount), 0)
               AS entries
          FROM subscriptions_creditgrant creditgrant
          LEFT JOIN subscriptions_creditentry entry ON entry.grant_id = creditgrant.id
         GROUP BY creditgrant.id
        HAVING creditgrant.taken_back <> coalesce(sum(entry.debt_change - entry.amount), 0)
        """,
    ),
    Invariant(
        "10. a grant is frozen while its payment is disputed, and only then",
        f"""
        SELECT creditgrant.id, creditgrant.frozen_at, sold.payment_id
          FROM subscriptions_creditgrant creditgrant
          LEFT JOIN ({_SOLD}) sold ON sold.id = creditgrant.id
         WHERE (creditgrant.frozen_at IS NOT NULL) <> EXISTS (
               SELECT 1 FROM payments_dispute dispute
                WHERE dispute.payment_id = sold.payment_id AND dispute.status IN ('OPEN', 'ANSWERED'))
        """,  # noqa: S608 — our own text
    ),
    Invariant(
        # As `services/clawback.py` computes it. What had expired, or was withdrawn for another reason, counts
        # as taken: it can't be taken again.
        "11. of a grant as much is taken back as money went back",
        f"""
        SELECT sold.id, sold.taken_back, due.credits AS due, lost.credits AS lost_before
          FROM ({_SOLD}) sold
          JOIN LATERAL (
               SELECT coalesce(sum(refund.amount_ghs) FILTER (WHERE entry.id IS NOT NULL), 0) AS requested,
                      coalesce(-sum(entry.amount), 0) AS taken,
                      coalesce(sum(refund.amount_ghs)
                               FILTER (WHERE entry.id IS NULL AND refund.status = 'PROCESSED'), 0)
                    + (SELECT coalesce(sum(amount_ghs), 0) FROM payments_dispute
                        WHERE payment_id = sold.payment_id AND status = 'LOST') AS elsewhere
                 FROM payments_refund refund
                 LEFT JOIN subscriptions_creditentry entry ON entry.key = 'refund:' || refund.id
                WHERE refund.payment_id = sold.payment_id AND refund.status <> 'FAILED') back ON true
          JOIN LATERAL (
               SELECT least(sold.credits, back.taken + trunc(
                      sold.credits * least(back.elsewhere, sold.paid - back.requested) / sold.paid, 2))
                      AS credits) due ON true
          JOIN LATERAL (
               SELECT coalesce(-sum(slice.amount), 0) AS credits FROM subscriptions_creditslice slice
                 JOIN subscriptions_creditentry entry ON entry.id = slice.entry_id
                WHERE due.credits <> sold.taken_back AND slice.grant_id = sold.id
                  AND entry.kind IN ('expiry', 'withdrawal') AND entry.grant_id IS NULL) lost ON true
         WHERE sold.taken_back NOT BETWEEN due.credits - lost.credits AND due.credits
        """,  # noqa: S608 — our own text
    ),
]
