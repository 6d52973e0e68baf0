"""The platform's figures cost the same over five million uses as over fifty thousand."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from subscriptions.selectors import analytics
from subscriptions.services import rollups
from tests.factories import make_business

from .report import add

NOW = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)
BUSINESSES = 100
FEW, MANY = 50_000, 5_000_000
CALLS = 7

# As many uses by every business, spread over 30 days; no trigger looks at rows made in bulk.
_MAKE = """
INSERT INTO subscriptions_aitransaction (
    business_id, membership_id, user_id, request_id, feature, status, source, error_code, partial, late,
    credits_charged, revenue_ghs, model, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT member.business_id, member.id, member.user_id, gen_random_uuid(),
       (ARRAY['product_description', 'report_summary', 'credit_assessment'])[1 + n %% 3], 'success',
       (ARRAY['ai', 'ai', 'local', 'cached'])[1 + n %% 4], '', false, false,
       0, 0.08, 'openai/gpt-6-luna', 500, 0, 300, 0, 1, 0.0002, 16, 0.0032, 900,
       %(now)s::timestamptz - (n * interval '30 days' / %(each)s)
  FROM accounts_membership member, generate_series(1, %(each)s) n
"""


@pytest.mark.django_db(transaction=True)
def test_analytics_at_five_million() -> None:
    """Median time of the 30-day report, all of it summed up but the last minutes. Bar: at most 2 times."""
    for number in range(BUSINESSES):
        make_business(name=f"Shop {number}")
    few = _measure(FEW)
    many = _measure(MANY)
    add(
        f"analytics over {MANY:,} uses",
        f"over {FEW:,}",
        ours=many,
        theirs=few,
        bar="<= 2",
        holds=many <= 2 * few,
        unit="ms",
    )
    assert many <= 2 * few


def _measure(rows: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
        cursor.execute("TRUNCATE subscriptions_aitransaction, subscriptions_staleusage CASCADE")
        cursor.execute(_MAKE, {"now": NOW, "each": rows // BUSINESSES})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    for business_id in rollups.everyone():
        rollups.forget(business_id=business_id)
        rollups.roll_up(business_id=business_id, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE subscriptions_dailyusage, subscriptions_usagewatermark")
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        report = analytics.analytics(days=31, now=NOW + timedelta(minutes=1))
        times.append((time.perf_counter() - started) * 1000)
        assert report["totals"]["queries"] == rows
    return sorted(times)[CALLS // 2]
