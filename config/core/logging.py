"""Log lines as JSON, each with the id of the request it belongs to. No bodies, no headers, no secrets."""

import logging
import os
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
]


def settings(*, pretty: bool, level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING: `pretty` for a person (`manage.py up` adds the time), JSON otherwise."""
    renderer: Any = structlog.dev.ConsoleRenderer(colors=_coloured(), pad_event_to=0)
    shared = _shared
    if not pretty:
        renderer = structlog.processors.JSONRenderer()
        shared = [*_shared, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can send any Host
            "celery.worker.strategy": {"level": "WARNING"},  # a line a task
            "celery.app.trace": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "openai": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},  # at DEBUG it writes whole bodies
        },
    }


def _coloured() -> bool:
    return not os.environ.get("NO_COLOR") and (sys.stderr.isatty() or bool(os.environ.get("FORCE_COLOR")))


_NOT_LOGGED = ("/healthz", "/readyz", "/metrics", "/static/")


class RequestLog:
    """Middleware: one line a request, and the request id on every line written during it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("sika.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        if not request.path.startswith(_NOT_LOGGED):
            self.log.log(
                logging.INFO if response.status_code < 500 else logging.ERROR,
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.monotonic() - started) * 1000),
            )
        return response
