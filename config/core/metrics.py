"""What this process has answered, and how fast, for `/metrics`.

With PROMETHEUS_MULTIPROC_DIR, a folder of one machine's web processes, each writes its numbers there, and any
of them tells the sum.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _FOLDER:
    Path(_FOLDER).mkdir(parents=True, exist_ok=True)  # before the import, which looks for it
else:
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # empty, it would mean the working folder

from django.http import HttpRequest, HttpResponse  # noqa: E402
from prometheus_client import CollectorRegistry, Histogram  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_here = CollectorRegistry()
_seconds = Histogram(
    "sika_request_seconds",
    "Time until the first byte of an answer, by the route that gave it.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_here,
)


class RequestMetrics:
    """Middleware: counts each answer. A path or a method that callers make up adds no series of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = self.get_response(request)
        found = request.resolver_match
        route = "/" + found.route if found is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        _seconds.labels(method, route, response.status_code).observe(time.monotonic() - started)
        return response


def registry() -> CollectorRegistry:
    """A new one with what all web processes of this machine have answered."""
    whole = CollectorRegistry()
    if _FOLDER:
        MultiProcessCollector(whole, path=_FOLDER)
    else:
        whole.register(_here)
    return whole
