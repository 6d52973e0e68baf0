"""A charge costs the same when the books are long, and a rate-limit check little more than asking Redis."""

import time
from collections.abc import Callable

import redis
from django.conf import settings

from config.core import rate_limit
from config.settings.services import redis_database

from .conftest import run_worker
from .report import add

SECONDS = 4
ROUNDS = 3
ROWS = 1_000_000
CHECKS = 2_000


def test_charge_at_a_million_rows(server: str) -> None:
    """Pairs a second of one business in one thread, with a thousand uses behind it and with a million.

    Bar: at most 1.2 times as slow. The middle of three rounds counts, on either side.
    """
    run_worker(server, "prepare")
    run_worker(server, "grow", "1000")
    few = _middle(server)
    run_worker(server, "grow", str(ROWS))
    many = _middle(server)
    add(
        f"charge at {ROWS:,} ledger rows",
        "at 1,000 rows",
        ours=1000 / many,
        theirs=1000 / few,
        bar="<= 1.2",
        holds=few <= 1.2 * many,
        unit="ms",
    )
    assert few <= 1.2 * many


def _middle(server: str) -> float:
    return sorted(run_worker(server, "pairs", str(SECONDS), "1", "1", "1") for _ in range(ROUNDS))[
        ROUNDS // 2
    ]


def test_rate_limit_beside_ping() -> None:
    """Medians in one thread, taken in turns. Bar: at most 4 times one PING."""
    client = redis.Redis.from_url(redis_database(settings.REDIS_URL, 2))
    checks, pings = [], []
    for number in range(CHECKS):
        checks.append(_took(lambda: rate_limit.check(scope="bench", identity="1", limit="1000000/minute")))
        pings.append(_took(client.ping))
        if number == 50:  # connections are open and the script is loaded
            checks.clear()
            pings.clear()
    ours, theirs = sorted(checks)[len(checks) // 2], sorted(pings)[len(pings) // 2]
    add(
        "rate-limit check",
        "one PING",
        ours=ours,
        theirs=theirs,
        bar="<= 4",
        holds=ours <= 4 * theirs,
        unit="ms",
    )
    assert ours <= 4 * theirs


def _took(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
