"""The web as processes of their own, on the database, Redis and sandbox of the running test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import requests
from django.db import connection

from tests.live.product import ROOT

SECONDS = 60.0


@dataclass
class Web:
    url: str
    process: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """Those that serve."""
        return [child for child in self.process.children() if "resource_tracker" not in str(child.cmdline())]


@contextmanager
def web(*, workers: int, threads: int = 64) -> Iterator[Web]:
    """Granian as production runs it: a worker that dies is replaced."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "--interface": "wsgi",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        "--workers-kill-timeout": "20",
        "--log-level": "error",
    }
    words = [word for pair in options.items() for word in pair]
    settings = connection.get_connection_params()
    database = f"postgresql://{settings['user']}@/{settings['dbname']}?host={settings['host']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--respawn-failed-workers", "config.wsgi:application"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        yield Web(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(SECONDS)


def wait_for(url: str) -> None:
    ends_at = time.monotonic() + SECONDS
    while True:
        try:
            requests.get(f"{url}/healthz", timeout=5)
            return
        except requests.ConnectionError:
            assert time.monotonic() < ends_at
            time.sleep(0.1)
