"""Run as a process: prepares the server, or makes hold + capture pairs and prints how many a second.

`prepare`, `grow ROWS` (past uses of the first business), or `pairs SECONDS PROCESSES THREADS BUSINESSES`.
"""

import os
import random
import subprocess
import sys
import threading
import time
from decimal import Decimal
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.core.management import call_command  # noqa: E402 — Django first
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Business, Membership, User  # noqa: E402
from subscriptions.ai_billing import AIBillingService  # noqa: E402
from subscriptions.models import UsageCounter  # noqa: E402
from subscriptions.services import ledger  # noqa: E402
from subscriptions.types import ProviderUsage  # noqa: E402

BUSINESSES = 200
USAGE = ProviderUsage(
    model="openai/gpt-6-luna",
    input_tokens=300,
    cached_tokens=0,
    output_tokens=200,
    reasoning_tokens=0,
    cost_usd=Decimal("0.0001"),
    cost_ghs=Decimal("0.0016"),
    fx_rate=Decimal(16),
    price_effective_from=None,
)


def prepare() -> None:
    call_command("migrate", verbosity=0)
    now = timezone.now()
    user = User.objects.create_user("bench@shop.test")
    for number in range(BUSINESSES):
        business = Business.objects.create(name=f"Shop {number}")
        member = Membership.objects.create(business=business, user=user, role="owner")
        UsageCounter.objects.create(membership=member, day=now.date())
        ledger.grant(
            business_id=business.pk,
            credits=Decimal(1_000_000),
            source="purchase",
            key=f"bench:{number}",
            unit_value_ghs=Decimal("0.8"),
            now=now,
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench AS SELECT row_number() OVER () AS n, member.business_id,"
            " member.id AS membership_id, bucket.id AS grant_id, counter.id AS counter_id"
            " FROM accounts_membership member"
            " JOIN subscriptions_creditgrant bucket ON bucket.business_id = member.business_id"
            " JOIN subscriptions_usagecounter counter ON counter.membership_id = member.id"
        )
        cursor.execute("CREATE UNIQUE INDEX ON bench (n)")
        cursor.execute("ANALYZE")


# As many past uses as a busy shop has in years: hold, entry, slice and transaction of each.
GROW = """
WITH first AS (SELECT * FROM bench ORDER BY membership_id LIMIT 1),
past AS (
    INSERT INTO subscriptions_credithold (
        business_id, membership_id, user_id, counter_id, feature, request_id, credits, captured,
        predicted_cost_usd, state, created_at, expires_at, settled_at)
    SELECT business_id, membership_id, 1, counter_id, 'product_description', gen_random_uuid(), 0.1, 0.1, 0,
           'captured', now() - series.n * interval '1 second', now(), now()
      FROM first, generate_series(1, %(rows)s) AS series (n)
    RETURNING *
), entry AS (
    INSERT INTO subscriptions_creditentry (
        business_id, kind, amount, debt_change, balance_after, key, hold_id, note, created_at)
    SELECT business_id, 'capture', -0.1, 0, 1, 'hold:' || id || ':capture', id, '', created_at FROM past
    RETURNING id
), slice AS (
    INSERT INTO subscriptions_creditslice (entry_id, grant_id, amount)
    SELECT entry.id, first.grant_id, -0.1 FROM entry, first
)
INSERT INTO subscriptions_aitransaction (
    business_id, membership_id, user_id, hold_id, request_id, feature, status, source, error_code, partial,
    late, credits_charged, revenue_ghs, model, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
    attempts, cost_usd, fx_rate, cost_ghs, response_time_ms, created_at)
SELECT business_id, membership_id, 1, id, request_id, feature, 'success', 'ai', '', false, false, 0.1, 0.1,
       'm', 1, 0, 1, 0, 1, 0, 16, 0, 800, created_at FROM past
"""


def grow(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for batch in range(0, rows, 20_000):  # foreign keys are checked at the end of each
            cursor.execute(GROW, {"rows": min(20_000, rows - batch)})
        cursor.execute("ANALYZE")


def pairs(seconds: float, threads: int, businesses: int) -> float:
    """Pairs a second of this process."""
    members = list(Membership.objects.order_by("pk").values_list("business_id", "pk", "user_id")[:businesses])
    done = [0] * threads
    end = time.monotonic() + seconds

    def work(index: int) -> None:
        while time.monotonic() < end:
            business_id, membership_id, user_id = random.choice(members)
            hold = AIBillingService.hold(
                business_id=business_id,
                membership_id=membership_id,
                user_id=user_id,
                feature="product_description",
                credits=Decimal("0.1"),
                request_id=uuid4(),
                idempotency_key=None,
                predicted_cost_usd=Decimal("0.0001"),
                daily_limit_usd=Decimal(1_000_000),
                now=timezone.now(),
            )
            AIBillingService.capture(hold_id=hold.id, usage=USAGE, response_time_ms=800, now=timezone.now())
            done[index] += 1
        connection.close()

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done) / seconds


def main(command: str, *arguments: str) -> None:
    if command == "prepare":
        prepare()
        print(0)
        return
    if command == "grow":
        grow(int(arguments[0]))
        print(0)
        return
    seconds, processes, threads, businesses = float(arguments[0]), *map(int, arguments[1:])
    if processes == 1:
        print(pairs(seconds, threads, businesses))
        return
    command_line = [sys.executable, "-m", __spec__.name, "pairs", arguments[0], "1", *arguments[2:]]
    children = [subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    print(sum(float(child.communicate()[0]) for child in children))


if __name__ == "__main__":
    main(*sys.argv[1:])
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one
