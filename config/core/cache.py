"""Django's Redis cache, made to outlive its server."""

import functools
from typing import Any

from django.core.cache.backends import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.utils.module_loading import import_string

from .redis_outage import Outage, connection_options

_INSISTENT = {"delete", "delete_many", "clear"}


def _outage_safe(method: str) -> Any:
    def call(self: "_Client", *args: Any) -> Any:
        return self.outage.ask(
            lambda: getattr(super(_Client, self), method)(*args),
            otherwise=lambda: getattr(self.stand_in, method)(*args),
            insist=method in _INSISTENT,
        )

    call.__name__ = method
    return call


@functools.cache
def _outage(name: str, servers: tuple[str, ...]) -> Outage:
    # Django makes a cache object for every thread; they all live through the same outage.
    return Outage(f"cache {name}")


@functools.cache
def _pools(servers: tuple[str, ...]) -> dict[int, Any]:
    # For the same reason: else 300 threads that hold a stream would hold 300 connections to each cache.
    return {}


class _Client(redis.RedisCacheClient):
    add = _outage_safe("add")
    get = _outage_safe("get")
    set = _outage_safe("set")
    touch = _outage_safe("touch")
    delete = _outage_safe("delete")
    get_many = _outage_safe("get_many")
    has_key = _outage_safe("has_key")
    incr = _outage_safe("incr")
    set_many = _outage_safe("set_many")
    delete_many = _outage_safe("delete_many")
    clear = _outage_safe("clear")

    def __init__(self, servers: list[str], *, name: str, stand_in: str) -> None:
        super().__init__(servers, **connection_options())
        self._pools = _pools(tuple(servers))
        self.outage = _outage(name, tuple(servers))
        self.stand_in = import_string(stand_in)(f"stand-in-{name}", {})


class RedisCache(redis.RedisCache):
    """A cache that never raises because Redis is away.

    OPTIONS: `stand_in` is the backend that answers in the meantime (a DummyCache makes every read a miss, a
    LocMemCache keeps counting sign-in attempts); `longest_seconds` caps how long anything is kept.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        options = params["OPTIONS"]
        self._longest_seconds: int | None = options.get("longest_seconds")
        self._class = _Client
        self._options = {"name": self.key_prefix, "stand_in": options["stand_in"]}

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> int | None:
        seconds = super().get_backend_timeout(timeout)
        if self._longest_seconds is None:
            return None if seconds is None else int(seconds)
        return self._longest_seconds if seconds is None else min(int(seconds), self._longest_seconds)
