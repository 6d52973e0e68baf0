"""Accounts, entries, slices, holds and the sums of uses."""

from config.core.invariants import Invariant
from subscriptions.services.rollups_sql import RECENT_DIFFERENCES

BOOKS = [
    Invariant(
        "1. balance = sum of entries = sum of what grants have left",
        """
        SELECT account.business_id, account.balance, entries.total AS entries, grants.total AS grants
          FROM subscriptions_businessaicredits account
          LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS total FROM subscriptions_creditentry
                              WHERE business_id = account.business_id) entries ON true
          LEFT JOIN LATERAL (SELECT coalesce(sum(remaining), 0) AS total FROM subscriptions_creditgrant
                              WHERE business_id = account.business_id) grants ON true
         WHERE account.balance <> entries.total OR account.balance <> grants.total
        """,
    ),
    Invariant(
        "1b. every entry's balance is the one before it plus its amount",
        """
        SELECT id, business_id, balance_after FROM (
            SELECT id, business_id, balance_after, amount,
                   lag(balance_after, 1, 0) OVER (PARTITION BY business_id ORDER BY id) AS before
              FROM subscriptions_creditentry) line
         WHERE balance_after <> before + amount
        """,
    ),
    Invariant(
        "2. held = sum of open holds",
        """
        SELECT account.business_id, account.held, coalesce(sum(hold.credits), 0) AS open
          FROM subscriptions_businessaicredits account
          LEFT JOIN subscriptions_credithold hold
            ON hold.business_id = account.business_id AND hold.state = 'open'
         GROUP BY account.business_id HAVING account.held <> coalesce(sum(hold.credits), 0)
        """,
    ),
    Invariant(
        "3. a captured hold has one successful transaction and entries adding up to its charge",
        """
        SELECT hold.id, hold.captured, used.credits_charged, entry.total
          FROM subscriptions_credithold hold
          LEFT JOIN subscriptions_aitransaction used ON used.hold_id = hold.id
          LEFT JOIN LATERAL (SELECT -sum(amount) AS total FROM subscriptions_creditentry
                              WHERE hold_id = hold.id AND kind = 'capture') entry ON true
         WHERE hold.state = 'captured'
           AND (used.id IS NULL OR used.status <> 'success' OR used.credits_charged <> hold.captured
                OR entry.total IS DISTINCT FROM hold.captured)
        """,
    ),
    Invariant(
        "3b. only a captured hold charges, and a failed use charges nothing",
        """
        SELECT used.id, used.status, used.credits_charged FROM subscriptions_aitransaction used
          LEFT JOIN subscriptions_credithold hold ON hold.id = used.hold_id
         WHERE used.credits_charged > 0 AND (hold.state IS DISTINCT FROM 'captured')
        """,
    ),
    Invariant(
        "5. the slices of a grant add up to what it has left, and those of an entry to its amount",
        """
        SELECT 'grant' AS what, creditgrant.id FROM subscriptions_creditgrant creditgrant
         WHERE creditgrant.remaining <> (SELECT coalesce(sum(amount), 0) FROM subscriptions_creditslice
                                          WHERE grant_id = creditgrant.id)
        UNION ALL
        SELECT 'entry', entry.id FROM subscriptions_creditentry entry
         WHERE entry.amount <> (SELECT coalesce(sum(amount), 0) FROM subscriptions_creditslice
                                 WHERE entry_id = entry.id)
        """,
    ),
    Invariant(
        # What was spent of credits whose money went back is a withdrawal's debt: not used, until it is paid.
        "6. total_used = captures less reversals less withdrawals as debt plus debt paid;"
        " total_purchased = paid credits",
        """
        SELECT account.business_id, account.total_used, used.total AS used, account.total_purchased,
               bought.total AS bought
          FROM subscriptions_businessaicredits account
          LEFT JOIN LATERAL (SELECT coalesce(-sum(amount) FILTER (
                                        WHERE kind IN ('capture', 'reversal', 'debt_payment')), 0)
                                  - coalesce(sum(debt_change) FILTER (WHERE kind = 'withdrawal'), 0) AS total
                               FROM subscriptions_creditentry
                              WHERE business_id = account.business_id) used ON true
          LEFT JOIN LATERAL (SELECT coalesce(sum(credits), 0) AS total FROM subscriptions_creditgrant
                              WHERE business_id = account.business_id AND unit_value_ghs > 0) bought ON true
         WHERE account.total_used <> used.total OR account.total_purchased <> bought.total
        """,
    ),
    Invariant(
        "6b. debt = sum of its changes",
        """
        SELECT account.business_id, account.debt, coalesce(sum(entry.debt_change), 0) AS changes
          FROM subscriptions_businessaicredits account
          LEFT JOIN subscriptions_creditentry entry ON entry.business_id = account.business_id
         GROUP BY account.business_id HAVING account.debt <> coalesce(sum(entry.debt_change), 0)
        """,
    ),
    Invariant(
        # The sweeper runs every minute; five are its grace.
        "7. no open hold is older than its lease",
        "SELECT id, business_id, expires_at FROM subscriptions_credithold"
        " WHERE state = 'open' AND expires_at < clock_timestamp() - interval '5 minutes'",
    ),
    Invariant(
        "8. a member's held allowance = predicted cost of the member's open holds",
        """
        SELECT counter.id, counter.held_usd, coalesce(sum(hold.predicted_cost_usd), 0) AS open
          FROM subscriptions_usagecounter counter
          LEFT JOIN subscriptions_credithold hold ON hold.counter_id = counter.id AND hold.state = 'open'
         GROUP BY counter.id HAVING counter.held_usd <> coalesce(sum(hold.predicted_cost_usd), 0)
        """,
    ),
    # Of the last two days alone, or the audit would read everything; `roll_up_usage --verify` does.
    Invariant("the sums of a day equal its AI uses", RECENT_DIFFERENCES),
]
