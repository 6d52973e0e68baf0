"""Leaves a model alone that keeps failing. Each process learns that by itself; no shared state to lose."""

import threading
import time
from dataclasses import dataclass

FAILURES = 5
PAUSE_SECONDS = 30.0


@dataclass
class _State:
    failures: int = 0
    closed_until: float = 0.0


_lock = threading.Lock()
_states: dict[str, _State] = {}


def allows(model: str) -> bool:
    """Whether `model` may be asked now. After a pause one caller may try, while the others still wait."""
    with _lock:
        state = _states.get(model)
        if state is None or state.failures < FAILURES:
            return True
        now = time.monotonic()
        if now < state.closed_until:
            return False
        state.closed_until = now + PAUSE_SECONDS
        return True


def succeeded(model: str) -> None:
    with _lock:
        _states.pop(model, None)


def failed(model: str, *, retry_after: float | None = None) -> None:
    """Counts a failure. After five in a row, or when the provider asked for it, the model is left alone."""
    with _lock:
        state = _states.setdefault(model, _State())
        state.failures = FAILURES if retry_after else state.failures + 1
        if state.failures >= FAILURES:
            state.closed_until = time.monotonic() + (retry_after or PAUSE_SECONDS)


def forget() -> None:
    """As after a start of the process."""
    with _lock:
        _states.clear()
