"""Waiting for the web server to say that everything behind it works."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from . import CannotRun

READY_SECONDS = 120


def wait(web: str, still_wanted: Callable[[], None]) -> None:
    """Returns once `/readyz` reports every part well, or when `still_wanted` raises. Raises CannotRun."""
    deadline = time.monotonic() + READY_SECONDS
    said = "no answer"
    while said != "ready":
        still_wanted()
        if time.monotonic() > deadline:
            raise CannotRun(f"{web}/readyz did not become ready within {READY_SECONDS} s: {said}")
        time.sleep(0.1)
        said = _ask(web)


def _ask(web: str) -> str:
    try:
        with urllib.request.urlopen(f"{web}/readyz", timeout=5) as response:  # noqa: S310 — our own address
            body = json.load(response)
    except urllib.error.HTTPError as error:
        return error.read().decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return str(error)
    return "ready" if body["status"] == "ready" else json.dumps(body)
