"""The database, cache and queue settings that follow from DATABASE_URL and REDIS_URL."""

from collections.abc import Callable
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

AI_COMPANIES = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


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


def ai_providers(names: list[str], env: Callable[[str], str]) -> dict[str, dict[str, str]]:
    """AI_PROVIDERS: what the catalogue's models may name. `NAME_BASE_URL` and `NAME_API_KEY` say the rest.

    A name that is not a company we know speaks OpenAI's protocol at its own address, often without a key.
    """
    found = {}
    for name in names:
        prefix = name.upper().replace("-", "_")
        base_url = env(f"{prefix}_BASE_URL") or AI_COMPANIES.get(name, "")
        if not base_url:
            raise ImproperlyConfigured(f"AI_PROVIDERS names {name}: set {prefix}_BASE_URL; see .env.example")
        found[name] = {"base_url": base_url, "api_key": env(f"{prefix}_API_KEY")}
    return found


def ai_sandboxes(sandbox_url: str, env: Callable[[str], str]) -> dict[str, dict[str, str]]:
    """The companies, each played by the sandbox unless the environment has an address or a key for it."""
    own = {"OPENAI_BASE_URL": f"{sandbox_url}/openai/v1", "ANTHROPIC_BASE_URL": f"{sandbox_url}/anthropic"}
    played = {
        name: value
        for name, value in own.items()
        if not env(name) and not env(name.replace("BASE_URL", "API_KEY"))
    }
    keys = {name.replace("BASE_URL", "API_KEY"): "sandbox-not-a-real-key" for name in played}
    values = {**played, **keys}
    names = list(dict.fromkeys([*AI_COMPANIES, *env("AI_PROVIDERS").split(",")]))
    return ai_providers([name.strip() for name in names if name.strip()], lambda n: values.get(n) or env(n))
