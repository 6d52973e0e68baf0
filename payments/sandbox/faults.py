"""Faults: what an answer can be instead of the right one, and the plan of which call gets which."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from config.core.loopback import Drop, Request, Response, json_response

from .answers import error, rate_limited

STATUSES = ("400", "401", "403", "404", "422", "429", "500", "502")
# The work is done; the answer is not told.
LANDED = ("landed", "landed-500", "landed-timeout")
FAULTS = (*STATUSES, "timeout", "drop", "garbage", "envelope", "huge", "slow", "drip", *LANDED)

_REFUSALS = {
    "400": ("Invalid Email Address Passed", "invalid_params"),
    "401": ("Invalid key", ""),
    "403": ("You are not permitted to do this on this integration", ""),
    "404": ("Resource not found", "not_found"),
    "422": ("The value is in the wrong state", "invalid_params"),
    "500": ("An error occurred", ""),
}
_KNOWN: dict[str, Any] = {
    "path": str,
    "exact": bool,
    "method": str,
    "fault": str,
    "times": int,
    "seconds": int | float,
}
_HUGE_PIECES = 128  # of 64 kB


def problem(plans: Any) -> str | None:
    """What is wrong with a list of plans, or None."""
    if not isinstance(plans, list):
        return "faults must be a list"
    for plan in plans:
        if not isinstance(plan, dict) or plan.get("fault") not in FAULTS:
            return f"each of faults must have a fault: {', '.join(FAULTS)}"
        for name, value in plan.items():
            if name not in _KNOWN:
                return f"unknown in faults: {name}; there are {', '.join(_KNOWN)}"
            is_number_wanted = name in ("times", "seconds")
            if not isinstance(value, _KNOWN[name]) or (isinstance(value, bool) and is_number_wanted):
                return f"{name} in faults has the wrong type"
        if plan.get("times", 1) < 1 or plan.get("seconds", 0) < 0:
            return "times in faults must be 1 or more, seconds not below 0"
    return None


def fits(plan: dict[str, Any], request: Request) -> bool:
    path = plan.get("path", "")
    matches = request.path == path if plan.get("exact") else request.path.startswith(path)
    return matches and plan.get("method", request.method).upper() == request.method


class Silence:
    """Waiting that a reset ends."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def wait(self, seconds: float) -> None:
        self._over.wait(seconds)

    def end(self) -> None:
        over, self._over = self._over, threading.Event()
        over.set()


def show(
    fault: str, work: Callable[[], Response], *, silence: Silence, seconds: float, reset_seconds: int
) -> Response:
    """The answer with this fault; `work` gives the right one. Raises Drop where nothing is said."""
    if fault in LANDED or fault in ("", "slow", "drip"):
        if fault == "slow":
            silence.wait(seconds)
        right = work()
        if fault in ("", "slow"):
            return right
        if fault == "drip":
            return Response(_drip(right.body, silence, seconds), right.status, right.headers)
        if fault == "landed-500":
            return error(500, "An error occurred")
    if fault in ("timeout", "landed-timeout"):
        silence.wait(seconds)
    if fault in ("timeout", "drop", "landed", "landed-timeout"):
        raise Drop
    return _wrong(fault, reset_seconds)


def _wrong(fault: str, reset_seconds: int) -> Response:
    if fault == "429":
        return rate_limited(reset_seconds)
    if fault in ("garbage", "502"):
        status = 200 if fault == "garbage" else 502
        return Response(b"<html><h1>Bad gateway", status, {"Content-Type": "text/html"})
    if fault == "envelope":
        return json_response({"success": True, "result": {"status": "success", "amount": 1}})
    if fault == "huge":
        return Response(_huge(), 200, {"Content-Type": "application/json"})
    message, code = _REFUSALS[fault]
    return error(int(fault), message, code)


def _drip(body: bytes | Iterator[bytes], silence: Silence, seconds: float) -> Iterator[bytes]:
    whole = body if isinstance(body, bytes) else b"".join(body)
    for index in range(len(whole)):
        yield whole[index : index + 1]
        silence.wait(seconds)


def _huge() -> Iterator[bytes]:
    yield b'{"status": true, "message": "'
    for _ in range(_HUGE_PIECES):
        yield b"x" * 65_536
        time.sleep(0)
    yield b'"}'
