"""The cache with Redis there, away, and away only for a while."""

import time
import uuid

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from config.core import redis_outage
from config.settings import services


@pytest.fixture
def dead(tmp_path):
    """Both caches over a socket where nobody listens."""
    with override_settings(CACHES=services.caches(f"unix://{tmp_path}/nobody.sock")):
        yield caches


def test_both_caches_keep_values_apart():
    key = uuid.uuid4().hex
    caches["default"].set(key, {"a": 1})
    caches["sessions"].set(key, {"b": 2})

    assert caches["default"].get(key) == {"a": 1}
    assert caches["sessions"].get(key) == {"b": 2}
    assert caches["default"].delete(key) is True
    assert caches["default"].get(key) is None


@pytest.mark.parametrize(("asked", "kept"), [(None, 300), (86_400, 300), (60, 60)])
def test_a_session_is_not_kept_long(asked, kept):
    assert caches["sessions"].get_backend_timeout(asked) == kept


def test_without_redis_reading_a_session_is_a_miss(dead):
    cache = dead["sessions"]

    cache.set("k", "v")

    assert cache.get("k") is None
    assert "k" not in cache
    assert cache.get_many(["k", "l"]) == {}
    assert cache.delete("k") is False


def test_without_redis_attempts_are_still_counted_in_this_process(dead):
    cache = dead["default"]
    cache.clear()

    assert cache.add("lock", 1, 10) is True
    assert cache.add("lock", 1, 10) is False
    cache.set_many({"a": 1, "b": 2}, 10)
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2}
    assert cache.incr("a") == 2
    assert cache.touch("a", 20) is True
    cache.delete_many(["a", "b"])
    assert cache.get("a") is None


def test_an_outage_is_logged_once_and_costs_little(dead, caplog):
    started = time.monotonic()
    for _ in range(200):
        dead["sessions"].get("k")

    assert time.monotonic() - started < 1
    assert caplog.text.count("redis is away") == 1


def test_redis_is_asked_again_after_a_pause(dead, caplog, monkeypatch):
    monkeypatch.setattr(redis_outage, "PAUSE_SECONDS", 0.0)
    cache = dead["sessions"]
    cache.get("k")

    cache._cache._servers = [services.redis_database(settings.REDIS_URL, 1)]
    cache._cache._pools.clear()
    cache.set("k", "v", 5)

    assert cache.get("k") == "v"
    assert caplog.text.count("redis is back") == 1
