"""An HTTP client whose calls end: by a moment for the whole call, and by a size for the whole answer.

httpx's own timeouts are for each read, so a server that sends a byte a second is never late for it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

_MAX_CONNECTIONS = 64
_KEEP_ALIVE_SECONDS = 15.0

_call = threading.local()  # a call of ours runs in one thread from beginning to end


class TooLarge(httpcore2.ReadError):
    """The answer is longer than was agreed."""


BROKEN_STREAM = (httpx2.HTTPError, httpcore2.NetworkError, httpcore2.TimeoutException)


def reason(error: BaseException | None) -> str:
    """A short word for how reading failed."""
    while error is not None:
        if isinstance(error, TooLarge):
            return "answer_too_large"
        if isinstance(error, httpx2.TimeoutException | httpcore2.TimeoutException):
            return "timeout"
        error = error.__cause__
    return "connection"


@contextmanager
def bounded(*, deadline: float, max_bytes: int) -> Iterator[None]:
    """Every read and write of this thread inside the block ends by `deadline` (`time.monotonic()`)."""
    _call.deadline, _call.bytes_left = deadline, max_bytes
    try:
        yield
    finally:
        del _call.deadline, _call.bytes_left


def client() -> httpx2.Client:
    """Shared by all threads of a process. Only for use inside `bounded`."""
    transport = httpx2.HTTPTransport()
    # HTTPTransport does not pass a network backend on. The test with a dripping server fails if this ever
    # stops taking effect.
    transport._pool = httpcore2.ConnectionPool(
        ssl_context=transport._pool._ssl_context,
        max_connections=_MAX_CONNECTIONS,
        max_keepalive_connections=_MAX_CONNECTIONS,
        keepalive_expiry=_KEEP_ALIVE_SECONDS,
        network_backend=_Backend(),
    )
    # Without compression, bytes on the wire are bytes of the answer.
    return httpx2.Client(transport=transport, headers={"Accept-Encoding": "identity"}, follow_redirects=False)


def _time_left(timeout: float | None, late: type[Exception]) -> float:
    left: float = _call.deadline - time.monotonic()
    if left <= 0:
        raise late("the deadline of the call has passed")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self) -> None:
        self._sync = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        left = _time_left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._sync.connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _time_left(timeout, httpcore2.ReadTimeout))
        _call.bytes_left -= len(data)
        if _call.bytes_left < 0:
            raise TooLarge("the answer is too long")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _time_left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None) -> Any:
        left = _time_left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
