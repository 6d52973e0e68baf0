"""A pytest plugin, loaded before Django: starts PostgreSQL and Valkey once and names them in os.environ."""

import atexit
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

os.environ["SIKA_ENV"] = "test"  # before anything of ours is imported

from config import engines
from config.engines import Engines

_stack = ExitStack()
atexit.register(_stack.close)  # also when pytest ends before it begins


def _engines(**which: bool) -> Engines:
    data = tempfile.TemporaryDirectory(prefix="sika-test-", ignore_cleanup_errors=True)
    path = Path(_stack.enter_context(data))
    return _stack.enter_context(engines.running(path, durable=False, valkey_append_only=False, **which))


if "SIKA_TEST_ENGINES" not in os.environ:  # xdist's workers inherit the environment of the first process
    os.environ["DATABASE_URL"] = _engines(valkey=False).database_url
    os.environ["SIKA_TEST_ENGINES"] = "running"

# Each process has its own Valkey, which tests empty, and its own sandboxes.
os.environ["REDIS_URL"] = _engines(postgres=False).redis_url

from tests import sandboxes  # noqa: E402 — after REDIS_URL is set

_stack.enter_context(sandboxes.serving())
sandbox = sandboxes.sandbox
model_provider = sandboxes.model_provider


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()
