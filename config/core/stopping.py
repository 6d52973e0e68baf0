"""Tells long-lived responses that this process is asked to stop, so that they end at once.

The server's own handlers stay in charge: this only listens beside them, through the signals' wake-up pipe.
"""

import os
import signal
import threading
from collections.abc import Callable

_STOP = {signal.SIGTERM, signal.SIGINT}
_asked = threading.Event()
_lock = threading.Lock()
_callbacks: list[Callable[[], None]] = []


def watch() -> None:
    """To be called once in a web process, by its main thread."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # asked for by Python: a signal must never wait
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(reading,), name="stopping", daemon=True).start()


def when_stopping(callback: Callable[[], None]) -> None:
    """Calls it when the process is asked to stop; at once when it was already."""
    with _lock:
        _callbacks.append(callback)
    if _asked.is_set():
        callback()


def _listen(reading: int) -> None:
    while not _STOP.intersection(os.read(reading, 64)):
        pass
    _asked.set()
    with _lock:
        callbacks = list(_callbacks)
    for callback in callbacks:
        callback()
