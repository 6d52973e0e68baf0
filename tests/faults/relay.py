"""A door in front of the sandbox: passes every call on, and spoils or stops the ones it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from config.core.loopback import App, Drop, Request, Response, Server
from tests.sandboxes import paystack


@dataclass
class Stop:
    """One call is held here: before the sandbox has it, or after it has done the work."""

    method: str
    path: str
    landed: bool
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


class Relay(App):
    """`answer`: what every GET gets in place of the sandbox's answer. `stop`: where a call is held."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Response | None = None
        self.stop: Stop | None = None

    def respond(self, request: Request) -> Response:
        stop = self.stop
        held = stop is not None and (stop.method, stop.path) == (
            request.method,
            request.path[: len(stop.path)],
        )
        if stop is not None and held and not stop.landed:
            _hold(stop)
        if request.method == "GET" and self.answer is not None:
            return self.answer
        answer = paystack.respond(request)
        if stop is not None and held and stop.landed:
            _hold(stop)
        return answer


def _hold(stop: Stop) -> None:
    stop.reached.set()
    stop.go_on.wait(60)
    raise Drop


@contextmanager
def standing() -> Iterator[tuple[Relay, str]]:
    """The relay and its address, to be used as PAYSTACK_BASE_URL."""
    relay = Relay()
    with Server({"/relay": relay}) as server:
        try:
            yield relay, f"{server.url}/relay"
        finally:
            if relay.stop is not None:
                relay.stop.go_on.set()
