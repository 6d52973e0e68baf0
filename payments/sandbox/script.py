"""What the sandbox has been told to do, and what it was asked."""

import threading
from collections import deque
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from config.core.loopback import Request

from . import faults
from .faults import FAULTS, Silence

LOOPBACK = ("127.0.0.1", "localhost", "::1")
REFUND_STATES = ("pending", "processing", "processed", "failed", "needs-attention")
CHOICES = {
    "fail_next": ("", *FAULTS),
    "card_charge": ("success", "failed", "insufficient", "pending", "challenge"),
    "refunds_end": REFUND_STATES,
    "after_otp": ("pay_offline", "pending", "success", "failed"),
    "webhook_signature": ("right", "forged", "missing", "empty", "upper"),
    "webhook_form": (
        "plain",
        "pretty",
        "escaped",
        "unicode",
        "newline",
        "text",
        "form",
        "charset",
        "chunked",
    ),
}
_LEAST = {"webhook_copies": 0, "fail_calls": 0, "webhook_disorder": 0, "lose_next": 0, "rate_limit_reset": 0}
_LEAST |= {
    "webhook_delay_s": 0,
    "timeout_s": 0,
    "slow_s": 0,
    "drip_s": 0,
    "prompt_seconds": 0,
    "otp_wait_s": 0,
}


@dataclass
class Script:
    """Settable by name through `POST /_sandbox/script`; `reset()` goes back to what it was built with.

    What each name means stands at the top of control.py.
    """

    fail_next: str = ""
    fail_calls: int = 1
    fail_path: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    timeout_s: float = 60.0
    slow_s: float = 0.3
    drip_s: float = 0.3
    rate_limit_reset: int = 1
    tamper: dict[str, Any] = field(default_factory=dict)

    prompt_seconds: float = 180.0
    otp: str = "123456"
    otp_wait_s: float = 600.0
    after_otp: str = "pay_offline"
    only_test_phone: bool = False
    card_charge: str = "success"
    refunds_end: str = "processed"
    refunds_refused: str = ""
    settlements: list[dict[str, Any]] = field(default_factory=list)

    webhook_url: str = ""
    webhook_copies: int = 1
    webhook_delay_s: float = 0.0
    webhook_delays: dict[str, float] = field(default_factory=dict)
    webhook_hold: bool = False
    webhook_disorder: int = 0
    lose_webhooks: bool = False
    lose_next: int = 0
    lose_events: list[str] = field(default_factory=list)
    webhook_signature: str = "right"
    webhook_key: str = ""
    webhook_form: str = "plain"

    def __post_init__(self) -> None:
        self._built = self.state()
        self._lock = threading.Lock()
        self.silence = Silence()
        self.requests: deque[dict[str, Any]] = deque(maxlen=2000)

    def set(self, values: dict[str, Any]) -> str | None:
        """What is wrong with `values`, and nothing changed; or None, and they hold."""
        wrong = next(filter(None, (_problem(name, value) for name, value in values.items())), None)
        if wrong is None:
            with self._lock:
                for name, value in values.items():
                    setattr(self, name, value)
        return wrong

    def reset(self) -> None:
        self.set(deepcopy(self._built))
        self.requests.clear()
        self.silence.end()

    def state(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def take_fault(self, request: Request) -> tuple[str, float]:
        """The fault this call must show ("" for none) and its seconds; counted down."""
        with self._lock:
            for plan in self.faults:
                if faults.fits(plan, request):
                    plan["times"] = plan.get("times", 1) - 1
                    self.faults = [one for one in self.faults if one.get("times", 1) > 0]
                    return plan["fault"], plan.get("seconds", self._seconds(plan["fault"]))
            if not self.fail_next or not request.path.startswith(self.fail_path):
                return "", 0
            fault = self.fail_next
            self.fail_calls -= 1
            if self.fail_calls <= 0:
                self.fail_next, self.fail_calls, self.fail_path = "", 1, ""
            return fault, self._seconds(fault)

    def is_lost(self, event: str) -> bool:
        """Whether this event never leaves; counts `lose_next` down."""
        with self._lock:
            if self.lose_webhooks or event in self.lose_events:
                return True
            if self.lose_next > 0:
                self.lose_next -= 1
                return True
            return False

    def _seconds(self, fault: str) -> float:
        return {"slow": self.slow_s, "drip": self.drip_s}.get(fault, self.timeout_s)


def _good() -> dict[str, Any]:
    good = Script()
    return {one.name: getattr(good, one.name) for one in fields(good)}


def _problem(name: str, value: Any) -> str | None:
    good = _good()
    if name not in good:
        return f"unknown: {name}; there are {', '.join(good)}"
    wanted = type(good[name])
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    fits = is_whole if wanted is int else isinstance(value, wanted) or (wanted is float and is_whole)
    if not fits:
        kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
        return f"{name} must be {kinds.get(wanted, 'a number')}"
    if name in CHOICES and value not in CHOICES[name]:
        return f"{name} must be one of {', '.join(filter(None, CHOICES[name]))}"
    if name in _LEAST and value < _LEAST[name]:
        return f"{name} must not be below {_LEAST[name]}"
    if name == "faults":
        return faults.problem(value)
    if name == "webhook_url" and value and urlsplit(value).hostname not in LOOPBACK:
        return "webhook_url must be on this machine"
    if name == "webhook_delays" and not all(
        isinstance(one, int | float) and one >= 0 for one in value.values()
    ):
        return "webhook_delays must be seconds by event"
    if name in ("lose_events", "settlements"):
        kind = str if name == "lose_events" else dict
        return None if all(isinstance(one, kind) for one in value) else f"{name} has the wrong kind of entry"
    return None
