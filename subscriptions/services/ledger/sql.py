"""The statements of the hot path. Each is one round trip and one short transaction.

Whatever changes a business's credits first takes the row lock on its account, so everything below is serial
per business. A statement that had to wait for that lock still reads the other tables as they were before the
wait; three things make that right. Expired, unswept credits can then only be too many, which refuses a hold
that the next try gets. Frozen ones could be too few, so a hold is also refused when `freeze_count`, which is
read after the wait, is no longer what it was. And a capture reads grants FOR NO KEY UPDATE, which gives their
newest version.
"""

# Takes everything that limits the call, or nothing. No row: too few credits. The member's daily limit is the
# second thing taken; where it has no room, `counter_id` is NULL, which the table refuses, undoing the first.
HOLD = """
WITH dead AS MATERIALIZED (
    -- Two sums, each by its own small index: the live grants of a busy business are never looked at.
    SELECT seen.freeze_count,
           (SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
             WHERE business_id = %(business)s AND remaining > 0 AND expires_at <= %(now)s)
         + (SELECT coalesce(sum(remaining), 0) FROM subscriptions_creditgrant
             WHERE business_id = %(business)s AND frozen_at IS NOT NULL
               AND (expires_at IS NULL OR expires_at > %(now)s)) AS credits
      FROM subscriptions_businessaicredits seen WHERE seen.business_id = %(business)s
), account AS (
    UPDATE subscriptions_businessaicredits SET held = held + %(credits)s
     WHERE business_id = %(business)s AND freeze_count = (SELECT freeze_count FROM dead)
       AND balance - held - (SELECT credits FROM dead) >= %(credits)s
    RETURNING business_id
), counter AS (
    INSERT INTO subscriptions_usagecounter AS mine (membership_id, day, spent_usd, held_usd)
    SELECT %(membership)s, (%(now)s AT TIME ZONE business.timezone)::date, 0, %(cost)s
      FROM account JOIN accounts_business business ON business.id = account.business_id
     WHERE %(cost)s <= %(daily_limit)s
    ON CONFLICT (membership_id, day) DO UPDATE SET held_usd = mine.held_usd + %(cost)s
     WHERE mine.spent_usd + mine.held_usd + %(cost)s <= %(daily_limit)s
    RETURNING id
)
INSERT INTO subscriptions_credithold (
    business_id, membership_id, user_id, counter_id, feature, request_id, idempotency_key,
    credits, captured, predicted_cost_usd, state, created_at, expires_at)
SELECT account.business_id, %(membership)s, %(user)s, (SELECT id FROM counter), %(feature)s, %(request)s,
       %(key)s, %(credits)s, 0, %(cost)s, 'open', %(now)s, %(expires)s
  FROM account
RETURNING id
"""

CAPTURE = """
WITH hold AS (
    UPDATE subscriptions_credithold
       SET state = 'captured', captured = coalesce(%(credits)s, credits), settled_at = %(now)s
     WHERE id = %(hold)s AND state = 'open'
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
       -- NULL, which the table refuses, should the grants not cover the charge.
       (SELECT CASE WHEN sum(slice.amount) = hold.captured THEN sum(slice.amount * slice.unit_value_ghs) END
          FROM slice), %(model)s, %(price_effective_from)s,
       %(input_tokens)s, %(cached_tokens)s, %(output_tokens)s, %(reasoning_tokens)s, %(attempts)s,
       %(cost_usd)s, %(fx_rate)s, %(cost_ghs)s, %(response_time_ms)s, %(now)s
  FROM hold, account
RETURNING id, credits_charged, revenue_ghs,
    (SELECT balance FROM account), (SELECT held FROM account), (SELECT low_credit_threshold FROM account)
"""

# `state` is 'released' (the call failed) or 'expired' (its lease ended and nobody settled it).
RELEASE = """
WITH hold AS (
    UPDATE subscriptions_credithold SET state = %(state)s, settled_at = %(now)s
     WHERE id = %(hold)s AND state = 'open'
    RETURNING *
), account AS (
    UPDATE subscriptions_businessaicredits account SET held = account.held - hold.credits
      FROM hold WHERE account.business_id = hold.business_id
    RETURNING account.*
), counter AS (
    UPDATE subscriptions_usagecounter counter
       SET held_usd = counter.held_usd - hold.predicted_cost_usd, spent_usd = counter.spent_usd + %(cost_usd)s
      FROM hold, account WHERE counter.id = hold.counter_id
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
RETURNING id, (SELECT balance - held FROM account)
"""

# The caller has locked the account in a statement before, so everything read here is as it is. Newest grants
# are filled up first, so the oldest are trimmed first.
ROLL_OVER = """
WITH older AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM subscriptions_credithold WHERE business_id = %(business)s AND state = 'open'
                      AND created_at < %(ended_at)s) AS running
), ended AS MATERIALIZED (
    SELECT creditgrant.id, creditgrant.remaining, creditgrant.taken_back, wanted.place
      FROM unnest(%(grants)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
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
SELECT (SELECT running FROM older), coalesce((SELECT sum(stays) FROM queue), 0)
"""
