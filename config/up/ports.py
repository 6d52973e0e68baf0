"""Ports on this machine's own address."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import CannotRun

HOST = "127.0.0.1"
_TRIES = 100


@contextmanager
def claimed(*, first: int, fixed: int | None, option: str) -> Iterator[int]:
    """`fixed`, or the first free port from `first` on. Raises CannotRun.

    The claim also holds off another checkout that starts at the same moment: the web server itself would
    not notice, because its workers share the port by design.
    """
    with ExitStack() as stack:
        for port in [fixed] if fixed is not None else range(first, first + _TRIES):
            if _lock(port, stack) and is_free(port):
                yield port
                return
        if fixed is not None:
            raise CannotRun(
                f"Port {fixed} is taken. Choose another {option}, or leave it out for the next free one."
            )
        raise CannotRun(f"No port from {first} to {first + _TRIES - 1} is free. Choose one with {option}.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT can be used again
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _lock(port: int, stack: ExitStack) -> bool:
    folder = Path("/tmp") / f"sika-ports-{os.geteuid()}"  # noqa: S108 — one for all checkouts of this user
    folder.mkdir(mode=0o700, exist_ok=True)
    file = stack.enter_context((folder / str(port)).open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
