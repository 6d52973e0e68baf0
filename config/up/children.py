"""The commands of the product's own processes on one machine."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from config.settings.engines import BASE_DIR

from .instance import MARK
from .ports import HOST
from .processes import Processes

# Two of each, so that what several processes do to each other shows on a developer's machine already.
WEB_PROCESSES = 2
WEB_THREADS = 400  # an open stream of the support chat holds one; they are started when needed
WORKER_PROCESSES = 2
CHAT_THREADS = 16  # replies written at the same time; they wait for a model, not for this machine
# A web process may be waiting for a model; a worker finishes its task, whose hard limit is 120 s.
WEB_STOP_SECONDS = 40
WORKER_STOP_SECONDS = 60
STOP_SECONDS = 10
_ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


@dataclass(frozen=True)
class Addresses:
    web_port: int
    sandbox_port: int

    @property
    def web(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    @property
    def sandbox(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"

    def environment(self) -> dict[str, str]:
        """Where the web and the sandbox answer. What the caller's environment names already stays."""
        return {
            "SIKA_PUBLIC_URL": os.environ.get("SIKA_PUBLIC_URL") or self.web,
            "SIKA_SANDBOX_URL": os.environ.get("SIKA_SANDBOX_URL") or self.sandbox,
        }


def start_all(processes: Processes, data: Path, addresses: Addresses, *, coloured: bool) -> None:
    """Starts what others need first; `Processes.stop` ends them the other way round."""
    metrics = data / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)  # what earlier processes counted
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        **addresses.environment(),
        MARK: str(data),
        "PYTHONUNBUFFERED": "1",
        # The worker forks; without this macOS ends a fork that touches its network settings.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        **({"FORCE_COLOR": "1"} if coloured else {}),
    }
    for name, command, stop_seconds in (
        ("sandbox", _sandbox(addresses), STOP_SECONDS),
        ("beat", _beat(data), STOP_SECONDS),
        ("worker", _worker(), WORKER_STOP_SECONDS),
        ("chat", _chat_worker(), WORKER_STOP_SECONDS),
        ("web", _web(addresses), WEB_STOP_SECONDS),
    ):
        processes.start(name, [sys.executable, *command], environment, stop_seconds=stop_seconds)


def _sandbox(addresses: Addresses) -> list[str]:
    webhook_url = f"{addresses.web}/api/payments/webhooks/paystack/"
    return [
        str(BASE_DIR / "manage.py"),
        "sandbox",
        "--port",
        str(addresses.sandbox_port),
        "--webhook-url",
        webhook_url,
    ]


def _beat(data: Path) -> list[str]:
    options = ["--schedule", str(data / "beat-schedule"), "--pidfile", "", "--loglevel", "WARNING"]
    return ["-m", "celery", "--quiet", "--app", "config", "beat", *options]


def _worker() -> list[str]:
    return _celery_worker("--pool", "prefork", "--concurrency", str(WORKER_PROCESSES))


def _chat_worker() -> list[str]:
    """Writes the support chat's replies; the first queue is emptied before the second."""
    queues = ["--queues", "chat_priority,chat", "--hostname", "chat@%h"]
    return _celery_worker("--pool", "threads", "--concurrency", str(CHAT_THREADS), *queues)


def _celery_worker(*options: str) -> list[str]:
    quiet = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]  # the two need not talk
    return ["-W", _ROOT_WARNING, "-m", "celery", "--quiet", "--app", "config", "worker", *options, *quiet]


def _web(addresses: Addresses) -> list[str]:
    options = {
        "--interface": "wsgi",
        "--host": HOST,
        "--port": str(addresses.web_port),
        "--workers": str(WEB_PROCESSES),
        "--blocking-threads": str(WEB_THREADS),
        "--workers-kill-timeout": str(WEB_STOP_SECONDS - 5),
        "--log-level": "error",  # its one warning is about the number of threads, which is meant
    }
    words = [word for pair in options.items() for word in pair]
    return ["-m", "granian", *words, "--no-ws", "config.wsgi:application"]
