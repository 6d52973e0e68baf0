"""The moving window, its growth for callers who keep hammering, and life without Redis."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings

from config.core import rate_limit
from config.core.rate_limit import RateLimited, check
from config.settings.services import redis_database


@pytest.fixture
def caller():
    return uuid.uuid4().hex


def refused(**kwargs) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        check(**kwargs)
    return caught.value


def allowed_of(calls: int, **kwargs) -> int:
    count = 0
    for _ in range(calls):
        try:
            check(**kwargs)
        except RateLimited:
            continue
        count += 1
    return count


def test_the_window_allows_its_amount_and_says_what_is_left(caller):
    left = [check(scope="t", identity=caller, limit="3/minute").remaining for _ in range(3)]

    error = refused(scope="t", identity=caller, limit="3/minute")

    assert left == [2, 1, 0]
    assert error.status_code == 429
    assert error.code == "rate_limited"
    assert error.data["limit"] == "3/minute"
    assert 59 <= error.data["retry_after"] <= 60
    assert error.headers == {
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(error.data["retry_after"]),
    }


def test_callers_and_scopes_are_counted_apart(caller):
    check(scope="t", identity=caller, limit="1/minute")

    assert check(scope="t", identity=f"{caller}-other", limit="1/minute").remaining == 0
    assert check(scope="other", identity=caller, limit="1/minute").remaining == 0
    refused(scope="t", identity=caller, limit="1/minute")


def test_the_window_moves(caller):
    check(scope="t", identity=caller, limit="2/second")
    check(scope="t", identity=caller, limit="2/second")
    refused(scope="t", identity=caller, limit="2/second")

    time.sleep(1.05)

    assert check(scope="t", identity=caller, limit="2/second").remaining == 1


def test_hammering_doubles_the_wait_up_to_an_hour(caller):
    call = {"scope": "t", "identity": caller, "limit": "4/minute"}
    assert allowed_of(4, **call) == 4

    waits = []
    for _ in range(40):
        error = refused(**call)
        waits.append(error.data["retry_after"])

    # The first refusals only wait for the window; the 4th, 8th, 12th ... double the block.
    assert all(wait <= 60 for wait in waits[:4])
    assert waits[7] == 120
    assert waits[11] == 240
    assert waits[15] == 480
    assert waits[39] == rate_limit.LONGEST_BLOCK_SECONDS


def test_parallel_calls_never_exceed_the_limit(caller):
    call = {"scope": "t", "identity": caller, "limit": "10/minute"}
    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(lambda _: allowed_of(8, **call), range(8)))

    assert allowed == 10


def test_keys_expire_by_themselves(caller):
    check(scope="t", identity=caller, limit="1/minute")
    refused(scope="t", identity=caller, limit="1/minute")

    with redis.Redis.from_url(redis_database(settings.REDIS_URL, 2), decode_responses=True) as client:
        lives = {str(key).split(":")[0]: client.ttl(key) for key in client.keys(f"*{caller}*")}

    assert set(lives) == {"calls", "refused", "block"}
    assert all(0 < life <= 120 for life in lives.values())


def test_without_redis_each_process_counts_half_and_logs_once(caller, settings, caplog, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"

    started = time.monotonic()
    allowed = allowed_of(100, scope="t", identity=caller, limit="20/minute")

    assert allowed == 10
    assert time.monotonic() - started < 1
    error = refused(scope="t", identity=caller, limit="20/minute")
    assert 1 <= error.data["retry_after"] <= 60
    assert caplog.text.count("redis is away") == 1


def test_a_limit_nobody_can_read_is_a_programming_error(caller):
    with pytest.raises(ValueError, match="couldn't parse"):
        check(scope="t", identity=caller, limit="a lot")
