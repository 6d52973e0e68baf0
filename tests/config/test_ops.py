"""Health and readiness against real engines: alive, dead, silent, and half set up."""

import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection
from django.test import Client

from config import engines, ops
from config.tasks import heartbeat


@pytest.fixture
def folder() -> Iterator[Path]:
    # Short: the path of a socket has a limit.
    path = Path(tempfile.mkdtemp(prefix="sika-ops-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def valkey(folder, settings):
    """A server of these tests' own: they take it down."""
    process = engines.start_valkey(folder, folder, append_only=False)
    settings.REDIS_URL = f"unix://{folder}/valkey.sock"
    yield process
    engines.stop(process, signal.SIGTERM)


@pytest.fixture
def ready(db, valkey):
    heartbeat.apply()
    return valkey


def ask(path: str = "/readyz") -> tuple[int, dict[str, str]]:
    response = Client().get(path)
    return response.status_code, json.loads(response.content)


WELL = {"database": "ok", "migrations": "ok", "redis": "ok", "worker": "ok"}


def test_everything_well(ready):
    assert ask() == (200, {"status": "ready", **WELL})


def test_readiness_is_never_cached(ready):
    assert "no-store" in Client().get("/readyz").headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(path, ready):
    assert Client().post(path).status_code == 405


def test_health_asks_no_one(settings, folder, monkeypatch):
    settings.REDIS_URL = f"unix://{folder}/nobody.sock"
    monkeypatch.setitem(connection.settings_dict, "HOST", str(folder))
    assert ask("/healthz") == (200, {"status": "ok"})


def test_no_worker_is_reported_but_the_web_stays(db, valkey):
    assert ask() == (200, {"status": "degraded", **WELL, "worker": "no task has run for 60 s"})


def test_a_silent_worker_is_forgotten_after_a_minute(ready, settings):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        (key,) = client.keys("*worker*")
        assert 58 <= client.ttl(key) <= 60


def test_dead_redis(ready):
    engines.stop(ready, signal.SIGKILL)
    status, body = ask()
    assert (status, body) == (
        503,
        {"status": "unavailable", **WELL, "redis": "no answer", "worker": "no answer"},
    )


def test_hanging_redis(ready, monkeypatch):
    monkeypatch.setattr(ops, "ANSWER_SECONDS", 0.5)
    os.kill(ready.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        status, body = ask()
        assert time.monotonic() - started < 3 * ops.ANSWER_SECONDS
    finally:
        os.kill(ready.pid, signal.SIGCONT)
    assert (status, body["redis"]) == (503, "no answer")


def test_dead_database(ready, folder, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", str(folder))
    assert ask() == (
        503,
        {"status": "unavailable", **WELL, "database": "no answer", "migrations": "no answer"},
    )


def test_hanging_database(ready, folder, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", str(folder))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / ".s.PGSQL.5432"))
        listener.listen()
        started = time.monotonic()
        status, body = ask()
        assert time.monotonic() - started < 4 * ops.ANSWER_SECONDS
    assert (status, body["database"], body["redis"]) == (503, "no answer", "ok")


@pytest.fixture
def empty_database(ready, monkeypatch):
    """A database without tables on the same server; yields a connection to it."""
    name = f"ops_{os.getpid()}"
    options = {**connection.get_connection_params(), "autocommit": True}
    with psycopg.connect(**options) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        monkeypatch.setitem(connection.settings_dict, "NAME", name)
        with psycopg.connect(**{**options, "dbname": name}) as database:
            yield database
        monkeypatch.undo()
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_no_tables(empty_database):
    assert ask() == (
        503,
        {"status": "unavailable", **WELL, "migrations": "none applied; run `manage.py migrate`"},
    )


def test_a_migration_missing(empty_database):
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = cursor.fetchall()
    empty_database.execute("CREATE TABLE django_migrations (app text, name text)")
    with empty_database.cursor() as cursor:
        cursor.executemany("INSERT INTO django_migrations VALUES (%s, %s)", applied)
    assert ask() == (200, {"status": "ready", **WELL})

    empty_database.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0001_initial'")
    assert ask() == (
        503,
        {
            "status": "unavailable",
            **WELL,
            "migrations": "1 not applied, among them accounts.0001_initial; run `manage.py migrate`",
        },
    )


def test_failures_name_no_host_user_or_path(ready, folder, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", str(folder))
    engines.stop(ready, signal.SIGKILL)
    text = Client().get("/readyz").content.decode()
    assert str(folder) not in text
    assert connection.settings_dict["USER"] not in text
