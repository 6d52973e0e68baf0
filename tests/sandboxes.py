"""The sandboxes, served by each test process on a free loopback port, and the fixture that drives them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from ai_features import sandbox as ai_sandbox
from config.core.loopback import Server
from payments import sandbox as payments_sandbox

_http = requests.Session()  # one connection that is kept: half the time of a new one for each press
_http.trust_env = False


@contextmanager
def serving() -> Iterator[None]:
    """Names its address in SIKA_SANDBOX_URL, so it has to come before Django reads its settings."""
    with Server({"/paystack": payments_sandbox.build(), "/openai/v1": ai_sandbox.app}) as server:
        os.environ["SIKA_SANDBOX_URL"] = server.url
        yield


class PaystackSandbox:
    """The buttons of payments/sandbox/control.py. No webhook is sent: tests take them from `deliveries`."""

    def __init__(self) -> None:
        self.url = f"{os.environ['SIKA_SANDBOX_URL']}/paystack"

    def script(self, **values: Any) -> None:
        """Sets what control.py lists under "Names of the script"; it holds until `reset`."""
        self._press("script", **values)

    def faults(self, plans: list[dict[str, Any]]) -> None:
        """Plans them all, e.g. `[{"path": "/refund", "method": "POST", "fault": "landed", "times": 1}]`."""
        self._press_with("faults", plans)

    def pay(
        self, reference: str, outcome: str = "approve", channel: str = "mobile_money", **values: str
    ) -> None:
        """Whatever it was opened for. Also `network`, `phone`, or the number of a test `card`."""
        self._press(f"pay/{reference}", outcome=outcome, channel=channel, **values)

    def phone(self, reference: str, outcome: str = "approve") -> str:
        """What the payer does with the prompt: approve, decline, timeout, or late. The status it leads to."""
        return str(self._press(f"phone/{reference}", outcome=outcome)["message"])

    def otp(self, code: str) -> None:
        """The code that is right from now on."""
        self.script(otp=code)

    def set_status(self, reference: str, status: str) -> None:
        """Any status, also one that nobody has heard of. No webhook tells it."""
        self._press(f"status/{reference}", status=status)

    def refund_to(self, refund_id: str, status: str) -> None:
        """Moves a refund, with the webhook of its new state."""
        self._press(f"refund/{refund_id}", status=status)

    def open_dispute(self, reference: str, **values: Any) -> str:
        """Of all that was paid, or of `amount` pesewas. The dispute's id."""
        return str(self._press(f"dispute/{reference}", **values)["data"]["id"])

    def decide(self, dispute_id: str, resolution: str) -> None:
        """The last word: merchant-accepted, auto-accepted, or declined."""
        self._press(f"dispute/{dispute_id}/decide", resolution=resolution)

    def remind(self, dispute_id: str) -> None:
        self._press(f"dispute/{dispute_id}/remind")

    def settle(self) -> dict[str, Any]:
        """Pays out all that was paid and not settled yet; the settlement as Paystack lists it."""
        return dict(self._press("settle")["data"])

    def webhook(self, reference: str, event: str = "charge.success", copies: int = 1) -> None:
        """Makes the event about this transaction, whatever its state."""
        self._press(f"webhook/{reference}", event=event, copies=copies)

    def release(self, order: str = "forwards") -> None:
        """Lets the webhooks go that `webhook_hold` keeps."""
        self._press("release", order=order)

    def deliveries(self, reference: str | None = None) -> list[dict[str, Any]]:
        """Webhooks in the order they were sent: of one transaction, or all."""
        query = {"reference": reference} if reference else {}
        reply = _http.get(f"{self.url}/_sandbox/deliveries", params=query, timeout=5)
        return list(reply.json())

    def requests(self) -> list[dict[str, Any]]:
        """API calls in the order they came: method, path, query, body."""
        return list(_http.get(f"{self.url}/_sandbox/requests", timeout=5).json())

    def calls(self) -> list[dict[str, Any]]:
        """The same, with the `fault` each met and the status of its `answer`, 0 for none."""
        return list(_http.get(f"{self.url}/_sandbox/calls", timeout=5).json())

    def reset(self) -> None:
        """Good behaviour, nothing noted; transactions stay."""
        self._press("reset")

    def _press(self, path: str, **values: Any) -> Any:
        return self._press_with(path, values)

    def _press_with(self, path: str, body: Any) -> Any:
        reply = _http.post(f"{self.url}/_sandbox/{path}", json=body, timeout=5)
        assert reply.status_code == 200, reply.text
        return reply.json()


@pytest.fixture
def sandbox() -> Iterator[PaystackSandbox]:
    driver = PaystackSandbox()
    driver.reset()
    yield driver
    driver.reset()


class AISandbox:
    """The stand-in provider: `fail("500")` spoils the next call, `calls()` lists what was asked of it."""

    def __init__(self) -> None:
        self.url = f"{os.environ['SIKA_SANDBOX_URL']}/openai/v1"

    def fail(self, fault: str, times: int = 1) -> None:
        body = {"fault": fault, "times": times}
        assert _http.post(f"{self.url}/_sandbox/script", json=body, timeout=5).status_code == 200

    def calls(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = _http.get(f"{self.url}/_sandbox/calls", timeout=5).json()["calls"]
        return made

    def reset(self) -> None:
        _http.post(f"{self.url}/_sandbox/reset", timeout=5)


@pytest.fixture
def model_provider() -> Iterator[AISandbox]:
    driver = AISandbox()
    driver.reset()
    yield driver
    driver.reset()
