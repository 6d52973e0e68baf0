"""Small truths about database connections."""

from django.db import connection


def release_connection() -> None:
    """Gives this thread's connection back to the pool, so that none is held during a network call.

    Raises RuntimeError inside a transaction: a network call there would hold locks.
    """
    if not connection.in_atomic_block:
        connection.close()
    # The same exception Django makes for atomic(durable=True): a test's own outermost transaction.
    elif not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise RuntimeError("a network call was about to be made inside a database transaction")
