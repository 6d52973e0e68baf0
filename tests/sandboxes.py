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
        reply = requests.post(f"{self.url}/_sandbox/script", json=values, timeout=5)
        assert reply.status_code == 200, reply.text

    def pay(self, reference: str, outcome: str = "approve", channel: str = "mobile_money") -> None:
        values = {"outcome": outcome, "channel": channel}
        reply = requests.post(f"{self.url}/_sandbox/pay/{reference}", json=values, timeout=5)
        assert reply.status_code == 200, reply.text

    def phone(self, reference: str, outcome: str = "approve") -> str:
        """What the payer does with the prompt: approve, decline, timeout, or late. The status it leads to."""
        return str(self._press(f"phone/{reference}", outcome=outcome)["message"])

    def refund_to(self, refund_id: str, status: str) -> None:
        self._press(f"refund/{refund_id}", status=status)

    def open_dispute(self, reference: str, **values: Any) -> str:
        """The dispute's id."""
        return str(self._press(f"dispute/{reference}", **values)["data"]["id"])

    def decide(self, dispute_id: str, resolution: str) -> None:
        self._press(f"decide/{dispute_id}", resolution=resolution)

    def _press(self, path: str, **values: Any) -> Any:
        reply = requests.post(f"{self.url}/_sandbox/{path}", json=values, timeout=5)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def deliveries(self, reference: str) -> list[dict[str, Any]]:
        query = {"reference": reference}
        found: list[dict[str, Any]] = requests.get(
            f"{self.url}/_sandbox/deliveries", params=query, timeout=5
        ).json()
        return found

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.url}/_sandbox/requests", timeout=5).json()
        return found

    def reset(self) -> None:
        requests.post(f"{self.url}/_sandbox/reset", timeout=5)


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
        assert requests.post(f"{self.url}/_sandbox/script", json=body, timeout=5).status_code == 200

    def calls(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = requests.get(f"{self.url}/_sandbox/calls", timeout=5).json()["calls"]
        return made

    def reset(self) -> None:
        requests.post(f"{self.url}/_sandbox/reset", timeout=5)


@pytest.fixture
def model_provider() -> Iterator[AISandbox]:
    driver = AISandbox()
    driver.reset()
    yield driver
    driver.reset()
