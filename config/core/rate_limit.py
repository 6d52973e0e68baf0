"""How often a caller may call: a moving window in Redis that grows for callers who keep hammering.

Saves work, never guards money: when Redis can't be reached, every process counts on its own, more strictly.
"""

import functools
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import limits
import redis
from django.conf import settings
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from config.settings.services import redis_database

from .errors import DomainError
from .redis_outage import Outage, connection_options

LONGEST_BLOCK_SECONDS = 3600
_REDIS_DATABASE = 2
_REDIS_TIMEOUT_SECONDS = 0.25
_REDIS_PAUSE_SECONDS = (
    2.0  # after a failure Redis is left alone, so an outage doesn't cost a time-out per call
)
_LOCAL_SHARE = 2  # the smallest installation runs two web processes: together they keep to the limit


class RateLimited(DomainError):
    """`data`: `limit` as configured, `retry_after` in seconds, `reset_at` in ISO 8601."""

    code = "rate_limited"
    status_code = 429

    def __init__(self, *, limit: str, amount: int, wait_seconds: float) -> None:
        retry_after = max(1, math.ceil(wait_seconds))
        super().__init__(
            f"Too many requests. Try again in {retry_after} s.",
            limit=limit,
            retry_after=retry_after,
            reset_at=datetime.fromtimestamp(time.time() + retry_after, UTC).isoformat(timespec="seconds"),
        )
        self.headers = Window(amount, 0, retry_after).headers()


@dataclass(frozen=True)
class Window:
    """What is left of a limit after a call. `reset_seconds`: until the oldest counted call is forgotten."""

    amount: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.amount),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


def check(*, scope: str, identity: str, limit: str) -> Window:
    """Counts one call of `identity` in `scope`; `limit` reads like "120/minute" or "10/5 seconds".

    Raises RateLimited. Refused calls don't use the window up, but each further `amount` of them makes the
    caller wait twice as long: one window, two, four, at most an hour.
    """
    item = _parse(limit)
    amount, seconds = item.amount, item.get_expiry()
    limiter = _limiter(redis_database(settings.REDIS_URL, _REDIS_DATABASE))
    allowed, remaining, wait = limiter.count(f"{scope}:{identity}", amount, seconds)
    if not allowed:
        raise RateLimited(limit=limit, amount=amount, wait_seconds=wait)
    return Window(amount, remaining, math.ceil(wait))


_parse = functools.cache(limits.parse)

# One round trip, one atomic step, Redis's own clock. The list holds the times of allowed calls, newest first.
_COUNT = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local amount, window, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and tonumber(oldest) <= now - window do
  redis.call('RPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], -1)
end
local used = redis.call('LLEN', KEYS[1])
local wait = redis.call('PTTL', KEYS[3]) / 1000
if wait <= 0 and used < amount then
  redis.call('LPUSH', KEYS[1], string.format('%.6f', now))
  redis.call('EXPIRE', KEYS[1], window)
  return {1, amount - used - 1, tostring((oldest and tonumber(oldest) or now) + window - now)}
end
if oldest and used >= amount then
  wait = math.max(wait, tonumber(oldest) + window - now)
end
local refused = redis.call('INCR', KEYS[2])
if refused % amount == 0 then
  local block = math.min(window * 2 ^ (refused / amount - 1), longest)
  if block > wait then
    redis.call('SET', KEYS[3], 1, 'PX', math.floor(block * 1000))
    wait = block
  end
end
redis.call('EXPIRE', KEYS[2], math.ceil(2 * math.max(wait, window)))
return {0, 0, tostring(wait)}
"""


class _Limiter:
    """Counts in Redis, or in this process while Redis is away."""

    def __init__(self, url: str) -> None:
        self._script = redis.Redis.from_url(url, **connection_options()).register_script(_COUNT)
        self._outage = Outage("rate limits")

    def count(self, key: str, amount: int, seconds: int) -> tuple[bool, int, float]:
        """Whether the call is allowed, how many are left, and the seconds until the window moves on."""
        return self._outage.ask(
            lambda: self._count(key, amount, seconds),
            otherwise=lambda: _count_locally(key, max(1, amount // _LOCAL_SHARE), seconds),
        )

    def _count(self, key: str, amount: int, seconds: int) -> tuple[bool, int, float]:
        allowed, remaining, wait = self._script(
            keys=[f"calls:{{{key}}}", f"refused:{{{key}}}", f"block:{{{key}}}"],
            args=[amount, seconds, LONGEST_BLOCK_SECONDS],
        )
        return bool(allowed), int(remaining), float(wait)


@functools.cache
def _limiter(url: str) -> _Limiter:
    return _Limiter(url)


@functools.cache
def _local() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


def _count_locally(key: str, amount: int, seconds: int) -> tuple[bool, int, float]:
    item = limits.RateLimitItemPerSecond(amount, seconds)
    allowed = _local().hit(item, key)
    stats = _local().get_window_stats(item, key)
    return allowed, stats.remaining, max(0.0, stats.reset_time - time.time())
