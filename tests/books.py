"""The audit, fast enough to follow every test."""

from typing import Any
from weakref import WeakSet

from django.db import connection

from config.audit import INVARIANTS
from config.core.invariants import violations

_ANY_BROKEN = " UNION ALL ".join(f"SELECT 1 WHERE EXISTS ({one.sql})" for one in INVARIANTS)
_prepared_on: WeakSet[Any] = WeakSet()


def audit() -> None:
    """Asked in one prepared statement, 0.5 ms; one by one, which takes 10 ms, only to name what is broken."""
    with connection.cursor() as cursor:
        if connection.connection not in _prepared_on:
            cursor.execute(f"PREPARE any_broken AS {_ANY_BROKEN}")
            _prepared_on.add(connection.connection)
        cursor.execute("EXECUTE any_broken")
        if cursor.fetchone() is not None:
            broken = violations(INVARIANTS)
            assert broken == [], broken  # named: this file's asserts are not rewritten by pytest
