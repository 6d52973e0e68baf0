"""The sandboxes, served by each test process on a free loopback port, and the fixture that drives them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ai_features import sandbox as ai_sandbox
from ai_features.sandbox.server import watch
from config.core.loopback import HOST, App, Request, Response, Server
from payments import sandbox as payments_sandbox

# A gateway that keeps silent hangs up before our own patience ends: that ends with the machine's, too.
paystack = payments_sandbox.build(timeout_s=0.2)


@contextmanager
def serving() -> Iterator[None]:
    """Names its address in SIKA_SANDBOX_URL, so it has to come before Django reads its settings."""
    models = {"/openai/v1": ai_sandbox.app, "/anthropic": ai_sandbox.anthropic_app}
    with Server({"/paystack": paystack, **models}) as server:
        os.environ["SIKA_SANDBOX_URL"] = server.url
        yield


def press(
    app: App, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
) -> Response:
    """A button of a sandbox, without HTTP: tests press thousands. The product has to go by HTTP."""
    return app.respond(
        Request(
            method=method,
            path=f"/_sandbox/{path}",
            base_url="",
            headers={"host": HOST},
            body=b"" if body is None else json.dumps(body).encode(),
            query=query or {},
        )
    )


def told(response: Response) -> Any:
    assert response.status == 200, response.body
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


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
        return list(told(press(paystack, "GET", "deliveries", query=query)))

    def requests(self) -> list[dict[str, Any]]:
        """API calls in the order they came: method, path, query, body."""
        return list(told(press(paystack, "GET", "requests")))

    def calls(self) -> list[dict[str, Any]]:
        """The same, with the `fault` each met and the status of its `answer`, 0 for none."""
        return list(told(press(paystack, "GET", "calls")))

    def reset(self) -> None:
        """Good behaviour, nothing noted; transactions stay."""
        self._press("reset")

    def _press(self, path: str, **values: Any) -> Any:
        return self._press_with(path, values)

    def _press_with(self, path: str, body: Any) -> Any:
        return told(press(paystack, "POST", path, body))


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
        told(press(ai_sandbox.app, "POST", "script", {"fault": fault, "times": times}))

    def calls(self) -> list[dict[str, Any]]:
        return list(told(press(ai_sandbox.app, "GET", "calls"))["calls"])

    def reset(self) -> None:
        """Good behaviour, nothing noted. Leaks stay: see `nothing_personal_leaves` in conftest.py."""
        told(press(ai_sandbox.app, "POST", "reset", {}))


def forbid(*texts: str) -> None:
    """What must not reach the stand-in provider until the test ends."""
    watch.forbid(texts)


def allow() -> None:
    """Forgets what was forbidden and what leaked."""
    watch.allow()


def leaks() -> list[dict[str, str]]:
    """What reached the stand-in provider and should not have."""
    return watch.report()


@pytest.fixture
def model_provider() -> Iterator[AISandbox]:
    driver = AISandbox()
    driver.reset()
    yield driver
    driver.reset()
