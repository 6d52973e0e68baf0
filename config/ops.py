"""What a proxy, a deploy and an alarm ask: `/healthz` for this process, `/readyz` for all it stands on."""

import functools
from collections.abc import Callable

import psycopg
import redis
import structlog
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_HEARTBEAT_KEY = "sika:worker-heartbeat"
_WORKER_SILENT_SECONDS = 60
ANSWER_SECONDS = 2

log = structlog.get_logger("sika.ops")


class _Bad(Exception):
    """The text is shown to whoever asks: it names no host, user or secret."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers. Touches neither the database nor Redis."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """`{status, database, migrations, redis, worker}`; each part is `ok` or says what is wrong.

    503 `unavailable` when the database, its tables or Redis fail. 200 `degraded` when only the worker does:
    the web still sells and serves, and taking it away as well would help nobody.
    """
    said = parts()
    failed = [name for name, words in said.items() if words != "ok"]
    status = "ready" if not failed else "degraded" if failed == ["worker"] else "unavailable"
    return JsonResponse({"status": status, **said}, status=503 if status == "unavailable" else 200)


def parts() -> dict[str, str]:
    """What the product stands on: `ok`, or what is wrong with it. Waits two seconds for each at most."""
    checks = {
        "database": _check_database,
        "migrations": _check_migrations,
        "redis": _check_redis,
        "worker": _check_worker,
    }
    return {name: _said(name, check) for name, check in checks.items()}


def note_worker() -> None:
    """Called by a task: a worker is there, and the queue moves."""
    with _redis() as client:
        client.set(_HEARTBEAT_KEY, "1", ex=_WORKER_SILENT_SECONDS)


def _said(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except _Bad as error:
        return str(error)
    except (psycopg.Error, redis.RedisError) as error:
        log.warning("not ready", part=name, error=type(error).__name__)
        return "no answer"
    return "ok"


def _check_database() -> None:
    with database() as server:
        server.execute("SELECT 1")


def _check_migrations() -> None:
    with database() as server:
        try:
            applied = {tuple(row) for row in server.execute("SELECT app, name FROM django_migrations")}
        except psycopg.errors.UndefinedTable:
            raise _Bad("none applied; run `manage.py migrate`") from None
    missing = sorted(_migrations() - applied)
    if missing:
        first = ".".join(missing[0])
        raise _Bad(f"{len(missing)} not applied, among them {first}; run `manage.py migrate`")


def _check_redis() -> None:
    with _redis() as client:
        client.ping()


def _check_worker() -> None:
    with _redis() as client:
        if not client.exists(_HEARTBEAT_KEY):
            raise _Bad(f"no task has run for {_WORKER_SILENT_SECONDS} s")


@functools.cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Every migration this code needs."""
    return frozenset(MigrationLoader(None).graph.nodes)


def database() -> "psycopg.Connection":
    """A connection of its own, which gives up after two seconds."""
    # Not from the pool: that would wait until the server is back, and a full pool is no fault of the server.
    options = {**connection.get_connection_params(), "connect_timeout": ANSWER_SECONDS}
    return psycopg.connect(**options)


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )
