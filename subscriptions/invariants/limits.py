"""Budgets and tiers."""

from django.conf import settings

from config.core.invariants import Invariant

LIMITS = [
    Invariant(
        "12. a budget counter holds what the open holds that took it may spend",
        """
        SELECT counter.id, counter.held, taken.credits, taken.usd
          FROM subscriptions_budgetcounter counter
          LEFT JOIN (SELECT took.id, sum(hold.credits) AS credits, sum(hold.predicted_cost_usd) AS usd
                       FROM subscriptions_credithold hold CROSS JOIN unnest(hold.budget_counters) AS took (id)
                      WHERE hold.state = 'open' GROUP BY took.id) taken USING (id)
         WHERE counter.held
            <> coalesce(CASE counter.unit WHEN 'credits' THEN taken.credits ELSE taken.usd END, 0)
        """,
    ),
    Invariant(
        "12b. a budget counter's spending = what was spent before it, plus what the calls that took it spent",
        """
        SELECT counter.id, counter.spent, counter.spent_before, taken.credits, taken.usd
          FROM subscriptions_budgetcounter counter
          LEFT JOIN (SELECT took.id, sum(used.credits_charged) AS credits, sum(used.cost_usd) AS usd
                       FROM subscriptions_credithold hold CROSS JOIN unnest(hold.budget_counters) AS took (id)
                       JOIN subscriptions_aitransaction used ON used.hold_id = hold.id
                      GROUP BY took.id) taken USING (id)
         WHERE counter.spent - counter.spent_before
            <> coalesce(CASE counter.unit WHEN 'credits' THEN taken.credits ELSE taken.usd END, 0)
        """,
    ),
    Invariant(
        # `today` may be too high by calls that were given back after midnight had passed on another machine.
        "13. a tier counter counts the calls that took it, but those that never reached a provider",
        f"""
        SELECT counter.id, counter.requests, count(hold.id) AS calls, counter.today
          FROM subscriptions_tiercounter counter
          LEFT JOIN (SELECT hold.id, hold.tier_counter_id,
                            (hold.created_at AT TIME ZONE '{settings.PLATFORM_TIME_ZONE}')::date AS day
                       FROM subscriptions_credithold hold
                       LEFT JOIN subscriptions_aitransaction used ON used.hold_id = hold.id
                      WHERE hold.state <> 'released' OR used.attempts > 0) hold
            ON hold.tier_counter_id = counter.id
         GROUP BY counter.id
        HAVING counter.requests <> count(hold.id)
            OR counter.today < count(*) FILTER (WHERE hold.day = counter.day)
        """,  # noqa: S608 — our own text
    ),
]
