"""How we live without Redis: nobody waits for a server that is away, and the log says so once."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

PAUSE_SECONDS = 2.0
_TIMEOUT_SECONDS = 0.25

log = structlog.get_logger("sika.redis")
T = TypeVar("T")


def connection_options() -> dict[str, Any]:
    """What a client on the way of a request gets: short time-outs, and one retry for a connection that a
    restart of Redis has cut."""
    return {
        "socket_timeout": _TIMEOUT_SECONDS,
        "socket_connect_timeout": _TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 1),
    }


class Outage:
    """Knows whether one use of Redis (`name`) fails at the moment."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ask_again_at = 0.0

    def ask(self, question: Callable[[], T], *, otherwise: Callable[[], T], insist: bool = False) -> T:
        """The answer of Redis, or of `otherwise` when it fails or failed in the last PAUSE_SECONDS.

        `insist` asks in any case: for what must not be skipped, like forgetting a revoked session.
        """
        if insist or time.monotonic() >= self._ask_again_at:
            try:
                answer = question()
            except redis.RedisError as error:
                if not self._ask_again_at:
                    log.warning("redis is away; going on without it", use=self._name, error=str(error))
                self._ask_again_at = time.monotonic() + PAUSE_SECONDS
            else:
                if self._ask_again_at:
                    log.warning("redis is back", use=self._name)
                    self._ask_again_at = 0.0
                return answer
        return otherwise()
