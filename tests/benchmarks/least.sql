-- The least that does the same two commits: hold, then capture, one row of each table a pair touches.
\set n random(1, 200)
BEGIN;
UPDATE subscriptions_businessaicredits SET held = held + 0.10
 WHERE business_id = (SELECT business_id FROM bench WHERE n = :n) AND balance - held >= 0.10;
UPDATE subscriptions_usagecounter SET held_usd = held_usd + 0.0001
 WHERE id = (SELECT counter_id FROM bench WHERE n = :n);
INSERT INTO subscriptions_credithold (business_id, membership_id, user_id, counter_id, feature, request_id,
    credits, captured, predicted_cost_usd, state, created_at, expires_at)
SELECT business_id, membership_id, 1, counter_id, 'product_description', gen_random_uuid(), 0.10, 0, 0.0001,
       'open', now(), now() + interval '15 minutes' FROM bench WHERE n = :n RETURNING id AS hold \gset
COMMIT;
BEGIN;
UPDATE subscriptions_credithold SET state = 'captured', captured = credits, settled_at = now() WHERE id = :hold;
UPDATE subscriptions_businessaicredits
   SET held = held - 0.10, balance = balance - 0.10, total_used = total_used + 0.10
 WHERE business_id = (SELECT business_id FROM bench WHERE n = :n);
UPDATE subscriptions_creditgrant SET remaining = remaining - 0.10
 WHERE id = (SELECT grant_id FROM bench WHERE n = :n);
UPDATE subscriptions_usagecounter SET held_usd = held_usd - 0.0001, spent_usd = spent_usd + 0.0001
 WHERE id = (SELECT counter_id FROM bench WHERE n = :n);
INSERT INTO subscriptions_creditentry (business_id, kind, amount, debt_change, balance_after, key, hold_id, note,
    created_at)
SELECT business_id, 'capture', -0.10, 0, 1, 'hold:' || :hold || ':capture', :hold, '', now()
  FROM bench WHERE n = :n RETURNING id AS entry \gset
INSERT INTO subscriptions_creditslice (entry_id, grant_id, amount)
SELECT :entry, grant_id, -0.10 FROM bench WHERE n = :n;
INSERT INTO subscriptions_aitransaction (business_id, membership_id, user_id, hold_id, request_id, feature, status,
    source, error_code, partial, late, credits_charged, revenue_ghs, model, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT business_id, membership_id, 1, :hold, gen_random_uuid(), 'product_description', 'success', 'ai', '', false,
       false, 0.10, 0.10, 'openai/gpt-6-luna', 300, 0, 200, 0, 1, 0.0001, 16, 0.0016, 800, now()
  FROM bench WHERE n = :n;
COMMIT;
