"""Looking for what businesses have to be told of, at ten thousand accounts."""

import functools
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from subscriptions.selectors import watch
from tests.benchmarks.report import add

ACCOUNTS = 10_000

# Each account has a grant that lives on and one that will die, and ten days of two uses a day.
GROW = """
SET LOCAL statement_timeout = 0;
INSERT INTO accounts_business (id, name, timezone, phone, is_active, created_at)
SELECT gen_random_uuid(), 'Shop ' || n, 'Africa/Accra', '', true, now()
  FROM generate_series(1, %(accounts)s) n;
INSERT INTO subscriptions_businessaicredits (business_id, balance, held, debt, total_purchased, total_used,
                                             low_credit_threshold)
SELECT id, 150, 0, 0, 100, 0, 10 FROM accounts_business;
INSERT INTO subscriptions_creditgrant (business_id, source, key, credits, remaining, unit_value_ghs,
                                       expires_at, created_at)
SELECT id, 'purchase', 'a:' || id, 100, 100, 0.8, NULL::timestamptz, now() FROM accounts_business
 UNION ALL
SELECT id, 'addon', 'b:' || id, 50, 50, 0.5, now() + interval '40 days', now() FROM accounts_business;
INSERT INTO subscriptions_aitransaction (business_id, request_id, feature, status, source, error_code,
    partial, late, credits_charged, revenue_ghs, model, input_tokens, cached_tokens, output_tokens,
    reasoning_tokens, attempts, cost_usd, cost_ghs, response_time_ms, created_at)
SELECT id, gen_random_uuid(), 'product_description', 'success', 'ai', '', false, false, 0.1, 0, '', 0, 0, 0,
       0, 1, 0, 0, 800, now() - n * interval '12 hours'
  FROM accounts_business, generate_series(0, 19) n;
ANALYZE;
"""


# What each look can't do without.
LEAST = {
    "low credit": "SELECT count(*) FROM subscriptions_businessaicredits"
    " WHERE balance - held < low_credit_threshold",
    "unusual spend": "SELECT business_id, sum(credits_charged) FROM subscriptions_aitransaction"
    " WHERE created_at > now() - interval '26 hours' AND credits_charged > 0 GROUP BY 1",
}
BAR = 6


@pytest.mark.django_db
def test_a_look_at_ten_thousand_accounts() -> None:
    """Bar: a look that finds nothing takes at most six times its least statement. Medians of seven."""
    with connection.cursor() as cursor:
        cursor.execute(GROW.replace("%(accounts)s", str(ACCOUNTS)))
    now = timezone.now()
    looks: dict[str, Callable[[], Any]] = {
        "low credit": lambda: watch.crossed(now=now, limit=500),
        "unusual spend": lambda: watch.unusual_spend(now=now),
    }
    slow: list[str] = []
    for name, look in looks.items():
        ours, theirs = _median(look), _median(functools.partial(_run, LEAST[name]))
        holds = ours <= BAR * theirs
        add(
            f"{name}, {ACCOUNTS:,} accounts",
            "least",
            ours=ours,
            theirs=theirs,
            bar=f"<= {BAR}",
            holds=holds,
            unit="ms",
        )
        slow += [] if holds else [name]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in ("aitransaction", "creditgrant", "businessaicredits"):
            cursor.execute(f"DELETE FROM subscriptions_{table}")
    assert slow == []


def _run(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()
    return []


def _median(look: Callable[[], Any]) -> float:
    times = []
    for _ in range(7):
        started = time.perf_counter()
        assert look() == []
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[3]
