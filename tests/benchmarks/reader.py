"""Run as a process: fills a server with a small and a large business of one year, and reads both in turns.

`fill ROWS ROWS`, `read` (prints a JSON object: path → [ms of the small one, ms of the large one]), or `csv`
(prints seconds and the MB this process grew by while it read every line of the large one's statement).
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.core.management import call_command  # noqa: E402 — Django first
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from accounts.models import Business, Membership, User  # noqa: E402
from accounts.services import api_keys  # noqa: E402
from config.catalogue.sync import FOLDER, sync  # noqa: E402
from config.core import csv_text  # noqa: E402
from subscriptions import statement_csv  # noqa: E402
from subscriptions.models import CreditGrant, UsageCounter  # noqa: E402
from subscriptions.selectors import statement  # noqa: E402

ROUNDS = 40
BASE = "/api/subscriptions/ai"

# One use after the other, evenly over the year up to now: 8 features, 5 people, some cached, some failed.
# Triggers and foreign keys would take minutes.
FILL = """
WITH use AS (
    SELECT n, now() - interval '364 days' * (1 - n::float8 / %(rows)s) AS at,
           (ARRAY['product_description', 'report_summary', 'customer_insight', 'collection_message',
                  'credit_assessment', 'collection_analysis', 'inventory_forecast', 'portfolio_dashboard']
           )[1 + n %% 8] AS feature, 1 + n %% 5 AS person,
           CASE WHEN n %% 7 = 0 THEN 'cached' ELSE 'ai' END AS source,
           CASE WHEN n %% 11 = 0 THEN 'failed' ELSE 'success' END AS status
      FROM generate_series(%(first)s, %(last)s) AS series (n)
), hold AS (
    INSERT INTO subscriptions_credithold (
        business_id, membership_id, user_id, counter_id, feature, request_id, credits, captured,
        predicted_cost_usd, state, created_at, expires_at, settled_at)
    SELECT %(business)s, %(member)s, person, %(counter)s, feature, gen_random_uuid(), 0.1, 0.1, 0, 'captured',
           at, at, at FROM use ORDER BY n
    RETURNING *
), entry AS (
    INSERT INTO subscriptions_creditentry (
        business_id, kind, amount, debt_change, balance_after, key, hold_id, note, created_at)
    SELECT business_id, 'capture', -0.1, 0, 1000000 - 0.1 * (%(first)s - 1 + row_number() OVER (ORDER BY id)),
           'hold:' || id || ':capture', id, '', created_at FROM hold ORDER BY id
)
INSERT INTO subscriptions_aitransaction (
    business_id, membership_id, user_id, request_id, feature, status, source, error_code, partial, late,
    credits_charged, revenue_ghs, model, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT %(business)s, %(member)s, person, gen_random_uuid(), feature, status, source, '', false, false, 0, 0.1,
       'm', 300, 0, 200, 0, 1, 0.0001, 16, 0.0016, 800, at FROM use ORDER BY n
"""
BATCH = 50_000


def fill(sizes: list[int]) -> None:
    call_command("migrate", verbosity=0)
    sync(path=FOLDER / "pos.toml", now=timezone.now())
    for rows in sizes:
        business = Business.objects.create(name=f"{rows} uses")
        user = User.objects.create_user(f"{rows}@shop.test")
        member = Membership.objects.create(business=business, user=user, role="owner")
        counter = UsageCounter.objects.create(membership=member, day=timezone.now().date())
        CreditGrant.objects.create(
            business=business, source="trial", key=str(rows), credits=1, remaining=1, unit_value_ghs=0,
            created_at=timezone.now(),
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for first in range(1, rows + 1, BATCH):
                place = {"rows": rows, "first": first, "last": min(rows, first + BATCH - 1)}
                keys: dict[str, Any] = {"business": business.pk, "member": member.pk, "counter": counter.pk}
                cursor.execute(FILL, {**place, **keys})
            cursor.execute("SET session_replication_role = origin")
    started = time.monotonic()
    call_command("roll_up_usage", stdout=sys.stderr)
    print(f"summed up in {time.monotonic() - started:.1f} s", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")


def _clients() -> list[APIClient]:
    clients = []
    for member in Membership.objects.order_by("pk"):
        _, token = api_keys.create(
            membership=member, name="bench", scopes=["read"], expires_at=None, now=timezone.now()
        )
        clients.append(APIClient(HTTP_AUTHORIZATION=f"Bearer {token}"))
    return clients


def read() -> dict[str, list[float]]:
    small, large = _clients()
    today = timezone.now().date()
    year = f"from={today - timedelta(days=364)}&to={today}"
    paths = [
        "usage-stats/?days=30",
        "usage-stats/?days=366",
        f"statement/?{year}",
        f"statement/?from={today - timedelta(days=200)}&to={today - timedelta(days=190)}",
        f"transactions/?{year}",
    ]
    found = {}
    for path in paths:
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for client, times in zip((small, large), took, strict=True):
                times.append(_ms(partial(_get, client, f"{BASE}/{path}")))
        found[path.partition("&")[0]] = [statistics.median(times[5:]) for times in took]
    return found


def _get(client: APIClient, path: str) -> None:
    reply: Any = client.get(path)
    assert reply.status_code == 200, reply.content


def _ms(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def read_csv() -> list[float]:
    business = Business.objects.order_by("created_at").last()
    assert business is not None
    today = timezone.now().date()
    found = statement.statement(
        business_id=business.pk, first=today - timedelta(days=365), last=today, timezone="UTC"
    )
    lines = csv_text.written(statement_csv.statement_rows(found))
    for _ in range(5000):
        next(lines)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    count = 5000 + sum(1 for _ in lines)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [count, time.monotonic() - started, grown, before / 1024]


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill([int(rows) for rows in sys.argv[2:]])
        print("{}")
    else:
        print(json.dumps(read() if sys.argv[1] == "read" else read_csv()))
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one
