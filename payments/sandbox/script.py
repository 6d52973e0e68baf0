"""What the sandbox has been told to do wrong, and what it was asked."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from config.core.loopback import Drop, Request, Response, json_response

STATUSES = ("400", "401", "403", "404", "422", "429", "500", "502")
FAULTS = (*STATUSES, "timeout", "drop", "garbage", "envelope", "drip", "huge", "slow", "landed")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Script:
    """Settable by name through `POST /_sandbox/script`; `reset()` goes back to good behaviour.

    `fail_next` is a fault for the next call, `fail_calls` for how many, `fail_path` for which. `faults` plans
    several: `[{"path": "/charge", "method": "POST", "fault": "landed", "times": 1}]`, each used up in order.
    `landed` does the work, then loses the answer; `slow` answers after `slow_s`; `envelope` says that the
    call worked and the money did not. `tamper` replaces fields of what verify says, e.g. `{"amount": 100}`.

    Webhooks: `webhook_delays` in seconds by event, `lose_events` by name, `webhook_forge` spoils signatures,
    `webhook_key` signs with another key, `webhook_hold` keeps them until `POST /_sandbox/release`.
    """

    webhook_url: str = ""
    webhook_copies: int = 1
    webhook_delay_s: float = 0.0
    lose_webhooks: bool = False
    lose_events: list[str] = field(default_factory=list)
    webhook_delays: dict[str, float] = field(default_factory=dict)
    webhook_forge: bool = False
    webhook_key: str = ""
    webhook_hold: bool = False
    faults: list[dict[str, Any]] = field(default_factory=list)
    slow_s: float = 0.3
    rate_limit_reset: int = 1
    fail_next: str = ""
    fail_calls: int = 1
    fail_path: str = ""
    timeout_s: float = 60.0
    otp: str = "123456"
    prompt_seconds: float = 180.0
    card_charge: str = "success"  # or failed, pending, challenge
    refunds_end: str = "processed"  # where a new refund goes by itself; "pending": nowhere
    settlements: list[dict[str, Any]] = field(default_factory=list)
    tamper: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._home_url = self.webhook_url
        self._lock = threading.Lock()
        self._resets = 0
        self.requests: deque[dict[str, Any]] = deque(maxlen=500)

    def set(self, values: dict[str, Any]) -> str | None:
        """What is wrong with `values`, or None and they hold."""
        known = {one.name: type(getattr(Script(), one.name)) for one in fields(self)}
        for name, value in values.items():
            if name not in known:
                return f"unknown: {name}; there are {', '.join(known)}"
            if known[name] is dict and not isinstance(value, dict):
                return f"{name} must be an object"
            if not isinstance(value, known[name]) and not (known[name] is float and isinstance(value, int)):
                return f"{name} must be a {known[name].__name__}"
        if values.get("fail_next") and values["fail_next"] not in FAULTS:
            return f"fail_next must be one of {', '.join(FAULTS)}"
        for plan in values.get("faults", []):
            if not isinstance(plan, dict) or plan.get("fault") not in FAULTS:
                return f"faults must name one of {', '.join(FAULTS)}"
        if values.get("webhook_url") and urlsplit(values["webhook_url"]).hostname not in _LOOPBACK:
            return "webhook_url must be on this machine"
        with self._lock:
            for name, value in values.items():
                setattr(self, name, value)
        return None

    def reset(self) -> None:
        good = {one.name: getattr(Script(), one.name) for one in fields(self)}
        self.set({**good, "webhook_url": self._home_url})
        self.requests.clear()
        self._resets += 1  # ends the silences

    def state(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def take_fault(self, request: Request) -> str:
        """The fault this call must show, "" for none; counted down."""
        with self._lock:
            for plan in self.faults:
                fits = request.path.startswith(plan.get("path", "")) and plan.get("times", 1) > 0
                if fits and plan.get("method", request.method) == request.method:
                    plan["times"] = plan.get("times", 1) - 1
                    return str(plan["fault"])
            if not self.fail_next or not request.path.startswith(self.fail_path):
                return ""
            fault = self.fail_next
            self.fail_calls -= 1
            if self.fail_calls <= 0:
                self.fail_next, self.fail_calls, self.fail_path = "", 1, ""
            return fault

    def show(self, fault: str) -> Response:
        """The wrong answer itself. Raises Drop for those that say nothing."""
        if fault == "timeout":
            self._stay_silent()
        if fault in ("timeout", "drop", "landed"):
            raise Drop
        if fault == "garbage":
            return Response(b"<html><h1>Bad gateway", 200, {"Content-Type": "text/html"})
        if fault == "envelope":
            data = {"status": "failed", "gateway_response": "Declined"}
            return json_response({"status": True, "message": "Verification successful", "data": data})
        if fault == "drip":
            return Response(_drip(self.slow_s))
        if fault == "huge":
            return Response(b'{"status": true, "data": "' + b"x" * 6_000_000 + b'"}')
        if fault == "429":
            return rate_limited(self.rate_limit_reset)
        return error(int(fault), _MESSAGES.get(fault, "An error occurred"), "invalid_params")

    def _stay_silent(self) -> None:
        until, resets = time.monotonic() + self.timeout_s, self._resets
        while time.monotonic() < until and resets == self._resets:
            time.sleep(0.05)


def error(status: int, message: str, code: str = "", next_step: str = "") -> Response:
    body: dict[str, Any] = {"status": False, "message": message}
    if code:
        body |= {
            "meta": {"nextStep": next_step or "Check the values you sent and try again"},
            "type": "validation_error",
            "code": code,
        }
    return json_response(body, status)


_MESSAGES = {
    "400": "Invalid Email Address Passed",
    "401": "Invalid key",
    "403": "Not permitted for this integration",
    "404": "Resource not found",
    "422": "Invalid state",
}


def _drip(pause: float) -> Iterator[bytes]:
    while True:
        yield b" "
        time.sleep(pause)


def rate_limited(reset: int) -> Response:
    body = {
        "status": False,
        "message": "Rate limit exceeded!",
        "meta": {"nextStep": "Wait a few minutes and try the API call again"},
        "type": "api_error",
        "code": "rate_limited",
    }
    headers = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
    return json_response(body, 429, headers)
