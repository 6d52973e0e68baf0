"""Statements that a connection plans once: planning took longer than carrying them out."""

import re
from contextlib import nullcontext
from typing import Any
from weakref import WeakSet

from django.db import OperationalError, connection, transaction


class Prepared:
    """`text` with `%(name)s` for each parameter in `types`, which says the SQL type of each."""

    def __init__(self, name: str, types: dict[str, str], text: str) -> None:
        self.types, self.text = types, text
        place = {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
        numbered = re.sub(r"%\((\w+)\)s", lambda found: place[found[1]], text)
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {numbered}"
        self._execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"
        self._prepared_on: WeakSet[Any] = WeakSet()

    def one_row(self, parameters: dict[str, Any]) -> Any:
        """The row it returns, or None. Joins the caller's transaction, or is one by itself.

        The caller's lives on when a constraint refuses it.
        """
        # By itself: no BEGIN and COMMIT round trips with the account locked.
        inside = transaction.atomic() if connection.in_atomic_block else nullcontext()
        try:
            with inside:
                return self.row(parameters)
        except OperationalError:
            # As atomic() would: whoever handles this can ask again, on a connection that works.
            connection.close_if_unusable_or_obsolete()
            raise

    def row(self, parameters: dict[str, Any]) -> Any:
        """The row it returns, or None. What refuses it ends the caller's transaction."""
        with connection.cursor() as cursor:
            if connection.connection not in self._prepared_on:
                cursor.execute(self._prepare)
                self._prepared_on.add(connection.connection)
            cursor.execute(self._execute, parameters)
            return cursor.fetchone()
