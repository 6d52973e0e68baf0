"""The statements of the hot path. Each is one round trip and one short transaction.

Whatever changes a business's credits first takes the row lock on its account, so everything below is serial
per business. A statement that had to wait for that lock still reads the other tables as they were before the
wait; four things make that right. Expired, unswept credits can then only be too many, which refuses a hold
that the next try gets. Frozen ones could be too few, so a hold is also refused when `freeze_count`, which is
read after the wait, is no longer what it was; `budget_changes` does the same for budgets. And a capture reads
grants FOR NO KEY UPDATE, which gives their newest version. One that came during the wait it can not see:
where those it sees do not cover the charge, it is refused, and the next look does. Counters are updated in
place, so their newest version counts, too.

Order: the account, then what it guards (grants, the member's day, budgets), last the user's tier, which calls
of other businesses may hold.
"""

from .prepared import Prepared

# Takes everything that limits the call, or nothing. No row: too few credits. Where the member's daily limit,
# a budget or the tier has no room, `counter_id` or `budget_counters` is NULL, or `tier_counter_id` 0, which
# the table refuses, undoing what was taken before.
_HOLD = """
WITH dead AS MATERIALIZED (
    -- Two sums, each by its own small index: the live grants of a busy business are never looked at.
    SELECT seen.freeze_count, seen.budget_changes,
           (SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
             WHERE business_id = %(business)s AND remaining > 0 AND expires_at <= %(now)s)
         + (SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
             WHERE business_id = %(business)s AND frozen_at IS NOT NULL
               AND (expires_at IS NULL OR expires_at > %(now)s)) AS credits
      FROM subscriptions_businessaicredits seen WHERE seen.business_id = %(business)s
), account AS (
    UPDATE subscriptions_businessaicredits SET held = held + %(credits)s
     WHERE business_id = %(business)s AND freeze_count = (SELECT freeze_count FROM dead)
       AND budget_changes = (SELECT budget_changes FROM dead)
       AND balance - held - (SELECT credits FROM dead) >= %(credits)s
    RETURNING business_id, budget_changes
), counter AS (
    INSERT INTO subscriptions_usagecounter AS mine (membership_id, day, spent_usd, held_usd)
    SELECT %(membership)s, (%(now)s AT TIME ZONE business.timezone)::date, 0, %(cost)s
      FROM account JOIN accounts_business business ON business.id = account.business_id
     WHERE %(cost)s <= %(daily_limit)s
    ON CONFLICT (membership_id, day) DO UPDATE SET held_usd = mine.held_usd + %(cost)s
     WHERE mine.spent_usd + mine.held_usd + %(cost)s <= %(daily_limit)s
    RETURNING id
), budget AS MATERIALIZED (
    -- Those that apply; a business that never had any is not looked up.
    SELECT budget.*, date_trunc('month', %(now)s AT TIME ZONE business.timezone)::date AS month,
           CASE budget.unit WHEN 'credits' THEN %(credits)s ELSE %(cost)s END AS wanted
      FROM account JOIN subscriptions_budget budget ON budget.business_id = account.business_id
      JOIN accounts_business business ON business.id = account.business_id
     WHERE account.budget_changes > 0
       AND (budget.membership_id IS NULL OR budget.membership_id = %(membership)s)
       AND budget.feature IN ('', %(feature)s)
), budgeted AS (
    INSERT INTO subscriptions_budgetcounter AS mine (
        budget_id, month, unit, monthly_limit, soft_only, spent_before, spent, held, alerted_percent)
    SELECT id, month, unit, monthly_limit, soft_only, 0, 0, wanted, 0
      FROM budget WHERE soft_only OR wanted <= monthly_limit
    ON CONFLICT (budget_id, month) DO UPDATE SET held = mine.held + excluded.held
     WHERE mine.soft_only OR mine.spent + mine.held + excluded.held <= mine.monthly_limit
    RETURNING id
), limited AS MATERIALIZED (
    SELECT (SELECT id FROM counter) AS counter_id,
           (SELECT CASE WHEN count(*) = (SELECT count(*) FROM budget) THEN coalesce(array_agg(id), '{}') END
              FROM budgeted) AS budget_counters
), tier AS (
    INSERT INTO subscriptions_tiercounter AS mine (user_id, month, requests, day, today)
    SELECT %(user)s, %(tier_month)s, 1, %(tier_day)s, 1
      FROM account, limited
     WHERE counter_id IS NOT NULL AND budget_counters IS NOT NULL
       AND %(per_day)s > 0 AND %(per_month)s > 0
    ON CONFLICT (user_id, month) DO UPDATE
       SET requests = mine.requests + 1, day = greatest(mine.day, excluded.day),
           today = CASE WHEN excluded.day > mine.day THEN 1 ELSE mine.today + 1 END
     WHERE mine.requests < %(per_month)s AND (excluded.day > mine.day OR mine.today < %(per_day)s)
    RETURNING id
)
INSERT INTO subscriptions_credithold (
    business_id, membership_id, user_id, counter_id, budget_counters, tier_counter_id, feature, request_id,
    idempotency_key, credits, captured, predicted_cost_usd, state, created_at, expires_at)
SELECT account.business_id, %(membership)s, %(user)s, limited.counter_id, limited.budget_counters,
       CASE WHEN %(per_day)s IS NOT NULL THEN coalesce((SELECT id FROM tier), 0) END,
       %(feature)s, %(request)s, %(key)s, %(credits)s, 0, %(cost)s, 'open', %(now)s, %(expires)s
  FROM account, limited
RETURNING id
"""

# The highest of what is told, 50, 75, 90 and 100 per cent, that a budget counter's `{row}` has come to.
BUDGET_MARK = """CASE WHEN {row}.spent >= {row}.monthly_limit THEN 100
                      WHEN {row}.spent >= 0.9 * {row}.monthly_limit THEN 90
                      WHEN {row}.spent >= 0.75 * {row}.monthly_limit THEN 75
                      WHEN {row}.spent >= 0.5 * {row}.monthly_limit THEN 50 ELSE 0 END"""

# A budget that is made takes in the calls that run. A settlement that waited for that would not see the new
# counter, so it is refused when the hold has got one since the statement began; the next look sees it.
_SEEN = "(SELECT budget_counters FROM subscriptions_credithold WHERE id = %(hold)s)"

# Gives back what the hold took of its budgets and books what it spent, the same in every settlement.
_SETTLE_BUDGETS = """
    UPDATE subscriptions_budgetcounter counter
       SET held = counter.held - CASE unit WHEN 'credits' THEN hold.credits ELSE hold.predicted_cost_usd END,
           spent = counter.spent + CASE unit WHEN 'credits' THEN hold.captured ELSE %(cost_usd)s END
      FROM hold, account WHERE counter.id = ANY (hold.budget_counters)
    RETURNING 100 * new.spent / new.monthly_limit AS percent, {before} < {after} AS passed
""".format(before=BUDGET_MARK.format(row="old"), after=BUDGET_MARK.format(row="new"))  # noqa: S608 — our own text

_CAPTURE = """
WITH hold AS (
    UPDATE subscriptions_credithold
       SET state = 'captured', captured = coalesce(%(credits)s, credits), settled_at = %(now)s
     WHERE id = %(hold)s AND state = 'open' AND budget_counters = {seen}
    RETURNING *
), account AS (
    UPDATE subscriptions_businessaicredits account
       SET held = account.held - hold.credits, balance = account.balance - hold.captured,
           total_used = account.total_used + hold.captured
      FROM hold WHERE account.business_id = hold.business_id
    RETURNING account.*
), live AS MATERIALIZED (
    -- Usable when the hold was placed; the account's row is locked before any of these is read.
    SELECT creditgrant.* FROM account, hold, subscriptions_creditgrant creditgrant
     WHERE creditgrant.business_id = account.business_id AND creditgrant.remaining > 0
       AND (creditgrant.expires_at IS NULL OR creditgrant.expires_at > hold.created_at)
       AND (creditgrant.frozen_at IS NULL OR creditgrant.frozen_at > hold.created_at)
       FOR NO KEY UPDATE OF creditgrant
), queue AS (
    -- Burn order: soonest expiry, then free before paid, then oldest.
    SELECT id, remaining, unit_value_ghs,
           sum(remaining) OVER (ORDER BY expires_at NULLS LAST, unit_value_ghs > 0, created_at, id)
             - remaining AS before
      FROM live
), slice AS MATERIALIZED (
    SELECT queue.id, least(queue.remaining, hold.captured - queue.before) AS amount, queue.unit_value_ghs
      FROM queue, hold WHERE queue.before < hold.captured
), burnt AS (
    UPDATE subscriptions_creditgrant creditgrant SET remaining = creditgrant.remaining - slice.amount
      FROM slice WHERE creditgrant.id = slice.id
), counter AS (
    UPDATE subscriptions_usagecounter counter
       SET held_usd = counter.held_usd - hold.predicted_cost_usd, spent_usd = counter.spent_usd + %(cost_usd)s
      FROM hold, account WHERE counter.id = hold.counter_id
), budget AS (
    {settle_budgets}
), entry AS (
    INSERT INTO subscriptions_creditentry
           (business_id, kind, amount, debt_change, balance_after, key, hold_id, note, created_at)
    SELECT hold.business_id, 'capture', -hold.captured, 0, account.balance,
           'hold:' || hold.id || ':capture', hold.id, '', %(now)s
      FROM hold, account
    RETURNING id
), sliced AS (
    INSERT INTO subscriptions_creditslice (entry_id, grant_id, amount)
    SELECT entry.id, slice.id, -slice.amount FROM entry, slice
)
INSERT INTO subscriptions_aitransaction (
    business_id, membership_id, user_id, hold_id, request_id, feature, status, source, error_code, partial,
    late, credits_charged, revenue_ghs, model, price_effective_from, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT hold.business_id, hold.membership_id, hold.user_id, hold.id, hold.request_id, hold.feature, 'success',
       'ai', '', hold.captured < hold.credits, false, hold.captured,
       -- NULL, which the table refuses, should the grants not cover the charge: a newer one must, see above.
       (SELECT CASE WHEN sum(slice.amount) = hold.captured THEN sum(slice.amount * slice.unit_value_ghs) END
          FROM slice), %(model)s, %(price_effective_from)s,
       %(input_tokens)s, %(cached_tokens)s, %(output_tokens)s, %(reasoning_tokens)s, %(attempts)s,
       %(cost_usd)s, %(fx_rate)s, %(cost_ghs)s, %(response_time_ms)s, %(now)s
  FROM hold, account
RETURNING id, credits_charged, business_id,
    (SELECT balance FROM account), (SELECT held FROM account), (SELECT low_credit_threshold FROM account),
    (SELECT max(percent) FROM budget),
    (SELECT coalesce(bool_or(passed), false) FROM budget)
      OR (SELECT low_credit_armed AND balance - held < low_credit_threshold FROM account)
""".replace("{seen}", _SEEN).replace("{settle_budgets}", _SETTLE_BUDGETS)

# `state` is 'released' (the call failed) or 'expired' (its lease ended and nobody settled it).
_RELEASE = """
WITH hold AS (
    UPDATE subscriptions_credithold SET state = %(state)s, settled_at = %(now)s
     WHERE id = %(hold)s AND state = 'open' AND budget_counters = {seen}
    RETURNING *
), account AS (
    UPDATE subscriptions_businessaicredits account SET held = account.held - hold.credits
      FROM hold WHERE account.business_id = hold.business_id
    RETURNING account.*
), counter AS (
    UPDATE subscriptions_usagecounter counter
       SET held_usd = counter.held_usd - hold.predicted_cost_usd, spent_usd = counter.spent_usd + %(cost_usd)s
      FROM hold, account WHERE counter.id = hold.counter_id
), budget AS (
    {settle_budgets}
), tier AS (
    -- A call that never reached a provider does not count.
    UPDATE subscriptions_tiercounter counter
       SET requests = counter.requests - 1,
           today = counter.today
                 - (counter.day = (hold.created_at AT TIME ZONE %(tier_zone)s)::date)::int
      FROM hold, account
     WHERE counter.id = hold.tier_counter_id AND %(state)s = 'released' AND %(attempts)s = 0
)
INSERT INTO subscriptions_aitransaction (
    business_id, membership_id, user_id, hold_id, request_id, feature, status, source, error_code, partial,
    late, credits_charged, revenue_ghs, model, price_effective_from, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT hold.business_id, hold.membership_id, hold.user_id, hold.id, hold.request_id, hold.feature,
       %(status)s, 'ai', %(error_code)s, false, false, 0, 0, %(model)s, %(price_effective_from)s,
       %(input_tokens)s, %(cached_tokens)s, %(output_tokens)s, %(reasoning_tokens)s, %(attempts)s,
       %(cost_usd)s, %(fx_rate)s, %(cost_ghs)s, %(response_time_ms)s, %(now)s
  FROM hold, account
RETURNING business_id, (SELECT coalesce(bool_or(passed), false) FROM budget)
""".replace("{seen}", _SEEN).replace("{settle_budgets}", _SETTLE_BUDGETS)

_USAGE = {
    "model": "text",
    "price_effective_from": "timestamptz",
    "input_tokens": "integer",
    "cached_tokens": "integer",
    "output_tokens": "integer",
    "reasoning_tokens": "integer",
    "attempts": "integer",
    "cost_usd": "numeric",
    "fx_rate": "numeric",
    "cost_ghs": "numeric",
    "response_time_ms": "integer",
    "now": "timestamptz",
    "hold": "bigint",
}
HOLD = Prepared(
    "sika_hold",
    {
        "business": "uuid",
        "membership": "bigint",
        "user": "bigint",
        "feature": "text",
        "request": "uuid",
        "key": "text",
        "credits": "numeric",
        "cost": "numeric",
        "daily_limit": "numeric",
        "tier_day": "date",
        "tier_month": "date",
        "per_day": "integer",
        "per_month": "integer",
        "now": "timestamptz",
        "expires": "timestamptz",
    },
    _HOLD,
)
CAPTURE = Prepared("sika_capture", {**_USAGE, "credits": "numeric"}, _CAPTURE)
RELEASE = Prepared(
    "sika_release",
    {**_USAGE, "state": "text", "status": "text", "error_code": "text", "tier_zone": "text"},
    _RELEASE,
)

# The caller has locked the account in a statement before, so everything read here is as it is. Newest grants
# are filled up first, so the oldest are trimmed first.
_ROLL_OVER = """
WITH older AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM subscriptions_credithold WHERE business_id = %(business)s AND state = 'open'
                      AND created_at < %(ended_at)s) AS running
), ended AS MATERIALIZED (
    SELECT creditgrant.id, creditgrant.remaining, creditgrant.taken_back, wanted.place
      FROM unnest(%(grants)s) WITH ORDINALITY AS wanted (id, place)
      JOIN subscriptions_creditgrant creditgrant ON creditgrant.id = wanted.id
     WHERE (creditgrant.remaining > 0 OR creditgrant.taken_back > 0) AND creditgrant.expires_at = %(ended_at)s
       AND NOT (SELECT running FROM older)
       FOR NO KEY UPDATE OF creditgrant
), queue AS MATERIALIZED (
    SELECT id, remaining, taken_back,
           least(remaining, greatest(
               %(cap)s - (sum(remaining) OVER (ORDER BY place DESC) - remaining), 0)) AS stays
      FROM ended
), moved AS (
    UPDATE subscriptions_creditgrant creditgrant
       SET remaining = queue.stays,
           expires_at = CASE WHEN queue.stays > 0 OR queue.taken_back > 0 THEN %(expires_at)s
                             ELSE creditgrant.expires_at END
      FROM queue WHERE creditgrant.id = queue.id
), cut AS MATERIALIZED (
    SELECT sum(remaining - stays) AS credits FROM queue HAVING sum(remaining - stays) > 0
), account AS (
    UPDATE subscriptions_businessaicredits account SET balance = account.balance - cut.credits
      FROM cut WHERE account.business_id = %(business)s
    RETURNING account.balance
), entry AS (
    INSERT INTO subscriptions_creditentry
           (business_id, kind, amount, debt_change, balance_after, key, note, created_at)
    SELECT %(business)s, 'expiry', -cut.credits, 0, account.balance, %(key)s, '', %(now)s FROM cut, account
    RETURNING id
), sliced AS (
    INSERT INTO subscriptions_creditslice (entry_id, grant_id, amount)
    SELECT entry.id, queue.id, queue.stays - queue.remaining FROM entry, queue
     WHERE queue.stays < queue.remaining
)
SELECT (SELECT running FROM older), coalesce((SELECT sum(stays) FROM queue), 0),
       (SELECT debt FROM subscriptions_businessaicredits WHERE business_id = %(business)s)
"""
ROLL_OVER = Prepared(
    "sika_roll_over",
    {
        "business": "uuid",
        "grants": "bigint[]",
        "ended_at": "timestamptz",
        "expires_at": "timestamptz",
        "cap": "numeric",
        "key": "text",
        "now": "timestamptz",
    },
    _ROLL_OVER,
)
