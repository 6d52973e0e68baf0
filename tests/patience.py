"""Waiting for locks. A setting of the session would stay with its connection, which others get after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def impatient() -> Iterator[None]:
    """What this thread does meanwhile waits a tenth of a second for a lock."""

    def hurry(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if connection.in_atomic_block:
            execute("SET LOCAL lock_timeout = '100ms'", None, False, context)
            return execute(sql, params, many, context)
        own = connection.connection
        own.execute("SET lock_timeout = '100ms'")
        try:
            return execute(sql, params, many, context)
        finally:
            own.execute("RESET lock_timeout")

    with connection.execute_wrapper(hurry):
        yield
