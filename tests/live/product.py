"""`manage.py up` as a process of its own, the way a person runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 90
_OF_THE_TESTS = re.compile(r"SIKA_|DATABASE_URL|REDIS_URL|DJANGO_SETTINGS_MODULE|PAYSTACK_|OPENAI_|PYTEST_")


@dataclass
class Product:
    """One running `up`. `environment` lets any `manage.py` command find the same engines and sandbox."""

    url: str
    sandbox_url: str
    data: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Sends the signal to `up` alone and returns its exit code."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command in another terminal."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def left_behind(self) -> list[str]:
        """Command lines of processes, engines included, that belong to this data folder."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                line = " ".join(process.cmdline())
                marked = process.environ().get("SIKA_UP") == str(self.data)
                if process.pid != self.process.pid and (marked or str(self.data) in line):
                    found.append(line)
        return found


@contextmanager
def running(data: Path, *options: str) -> Iterator[Product]:
    """Starts `up` over `data` on free ports and waits for its word that it is ready; ends it afterwards."""
    environment = {name: value for name, value in os.environ.items() if not _OF_THE_TESTS.match(name)}
    environment["SIKA_DATA_DIR"] = str(data)
    port, sandbox_port = _free_ports()
    output = data / "terminal.txt"
    with output.open("wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", f"--port={port}", f"--sandbox-port={sandbox_port}", *options],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    product = Product(
        url=f"http://127.0.0.1:{port}",
        sandbox_url=f"http://127.0.0.1:{sandbox_port}",
        data=data,
        environment=environment,
        process=process,
        output=output,
    )
    try:
        _wait_until_ready(product)
        yield product
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_until_ready(product: Product) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Sika is ready" not in product.said():
        assert product.process.poll() is None, f"`up` ended by itself:\n{product.said()}"
        assert time.monotonic() < deadline, f"`up` was not ready in {START_SECONDS} s:\n{product.said()}"
        time.sleep(0.1)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
