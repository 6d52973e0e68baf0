"""The database, cache and queue settings that follow from DATABASE_URL and REDIS_URL."""

from typing import Any

import dj_database_url


def databases(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Django's DATABASES. Without a URL there is none: enough for checks and to name migrations."""
    if not url:
        return {}
    parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    parsed["OPTIONS"] = {**parsed.get("OPTIONS", {}), **options}
    parsed["CONN_HEALTH_CHECKS"] = True
    return {"default": parsed}


def caches(redis_url: str) -> dict[str, Any]:
    """Django's CACHES: one for everybody, one for sessions, both able to live without Redis.

    During an outage sign-in attempts are still counted, in each process; sessions come from PostgreSQL. A
    session revoked during an outage can't be forgotten by Redis, so no session stays there for long.
    """
    return {
        "default": _cache(redis_url, prefix="sika", stand_in="locmem.LocMemCache"),
        "sessions": _cache(
            redis_url, prefix="sika-session", stand_in="dummy.DummyCache", longest_seconds=300
        ),
    }


def _cache(
    redis_url: str, *, prefix: str, stand_in: str, longest_seconds: int | None = None
) -> dict[str, Any]:
    return {
        "BACKEND": "config.core.cache.RedisCache",
        "LOCATION": redis_database(redis_url, 1),
        "KEY_PREFIX": prefix,
        "OPTIONS": {"stand_in": f"django.core.cache.backends.{stand_in}", "longest_seconds": longest_seconds},
    }


def redis_database(redis_url: str, number: int) -> str:
    """The same server, database `number`."""
    if redis_url.startswith("unix://"):
        return f"{redis_url}?db={number}"
    return f"{redis_url.rstrip('/')}/{number}"


def broker(redis_url: str) -> str:
    """Celery names a Unix socket in its own way."""
    if redis_url.startswith("unix://"):
        return f"redis+socket://{redis_url.removeprefix('unix://')}?virtual_host=0"
    return redis_database(redis_url, 0)
