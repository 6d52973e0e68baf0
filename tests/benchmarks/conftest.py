"""A database server of its own for the benchmarks, as careful with the disk as production's."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import engines

PGBENCH_SCRIPT = Path(__file__).with_name("least.sql")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a durable PostgreSQL with our tables and 200 businesses in it."""
    with engines.running(tmp_path_factory.mktemp("bench")) as running:
        yield running.database_url


def run_worker(database_url: str, *arguments: str) -> float:
    """Runs `worker.py` against the server as a process; what it prints is the result."""
    return float(last_line(database_url, "worker", *arguments))


def last_line(database_url: str, module: str, *arguments: str) -> str:
    """Runs a module of this folder against the server as a process; returns the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        env={"DATABASE_URL": database_url, "SIKA_ENV": "test", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1] if done.stdout else ""
