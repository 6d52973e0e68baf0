"""A pytest plugin, loaded before Django: starts PostgreSQL and Valkey once and names them in os.environ."""

import atexit
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

_stack = ExitStack()
atexit.register(_stack.close)  # also when pytest ends before it begins

if "SIKA_TEST_ENGINES" not in os.environ:  # xdist's workers inherit the environment of the first process
    os.environ["SIKA_ENV"] = "test"
    from config import engines

    _data = Path(
        _stack.enter_context(tempfile.TemporaryDirectory(prefix="sika-test-", ignore_cleanup_errors=True))
    )
    _running = _stack.enter_context(engines.running(_data, durable=False, valkey_append_only=False))
    os.environ["SIKA_TEST_ENGINES"] = str(_data)
    os.environ["DATABASE_URL"] = _running.database_url
    os.environ["REDIS_URL"] = _running.redis_url

from tests import sandboxes  # noqa: E402 — after SIKA_ENV is set

_stack.enter_context(sandboxes.serving())  # each process has its own
sandbox = sandboxes.sandbox
model_provider = sandboxes.model_provider


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()
