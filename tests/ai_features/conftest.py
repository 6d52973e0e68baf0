import json
import urllib.request

import pytest

from ai_features.sandbox import app
from config.core.loopback import Server


class Sandbox:
    """The stand-in provider: `fail("500")` makes the next call fail, `calls()` lists what was asked of it."""

    def __init__(self, server: Server) -> None:
        self.url = f"{server.url}/openai/v1"

    def fail(self, fault: str, times: int = 1) -> None:
        self._post("/_sandbox/script", {"fault": fault, "times": times})

    def reset(self) -> None:
        self._post("/_sandbox/reset", {})

    def calls(self) -> list[dict]:
        with urllib.request.urlopen(f"{self.url}/_sandbox/calls") as response:
            return json.load(response)["calls"]

    def _post(self, path: str, body: dict) -> None:
        request = urllib.request.Request(self.url + path, data=json.dumps(body).encode())
        with urllib.request.urlopen(request):
            pass


@pytest.fixture(scope="session")
def running_sandbox():
    with Server({"/openai/v1": app}) as server:
        yield Sandbox(server)


@pytest.fixture
def sandbox(running_sandbox, settings):
    settings.AI_PROVIDER_BASE_URL = running_sandbox.url
    running_sandbox.reset()
    return running_sandbox
