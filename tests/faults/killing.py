"""Starts a step of the product in a process of its own, stops it at a chosen point, and kills it there."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from config.core.loopback import Server
from tests.sandboxes import PaystackSandbox

from . import report
from .relay import Relay, Stop

TABLE = "Killed (SIGKILL) between two steps of a payment, then swept"
_LATCH = 20270131  # the advisory lock that a step waits for where it is to die
_SECONDS = 20


@dataclass(frozen=True)
class AtCall:
    """While the gateway is asked: before it has the call, or (`landed`) after it has done the work."""

    path: str
    landed: bool
    method: str = "POST"


@dataclass(frozen=True)
class AtRow:
    """While a row is written: at its statement, or (`at_commit`) with all written and nothing committed.

    `when` is an SQL condition on NEW (and OLD of an UPDATE).
    """

    table: str
    event: str  # INSERT or UPDATE
    when: str = "true"
    at_commit: bool = False


@dataclass(frozen=True)
class AtEnd:
    """After the step, before it has told anybody."""


Point = AtCall | AtRow | AtEnd


def database_url() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


class Victims:
    """The process that does the steps in children, and the door to the gateway that they use."""

    def __init__(self) -> None:
        self.relay = Relay()
        self._server = Server({"/paystack": self.relay}).start()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.victim"],
            env={**os.environ, "DATABASE_URL": database_url(), "SIKA_SANDBOX_URL": self._server.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._wait_for("ready")

    def kill_at(self, point: Point, step: str, **arguments: Any) -> Any:
        """Does the step until it stands at `point`, and kills it. Its answer, had it come to one."""
        with _latched(point) as latch:
            if isinstance(point, AtCall):
                self.relay.stop = Stop(point.method, point.path, point.landed)
            self._say({"step": step, **arguments})
            pid = int(self._wait_for("pid")["pid"])
            try:
                answer = self._wait_until_there(point, latch)
            finally:
                os.kill(pid, signal.SIGKILL)
                _wait_until_dead(pid)
                if self.relay.stop is not None:
                    self.relay.stop.go_on.set()
                    self.relay.stop = None
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(_SECONDS)
        self._reader.join(_SECONDS)
        self._process.stdout.close()
        self._server.stop()

    def _wait_until_there(self, point: Point, latch: "psycopg.Connection[Any] | None") -> Any:
        if isinstance(point, AtEnd):
            return self._wait_for("done")["answer"]
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            stop = self.relay.stop
            if isinstance(point, AtCall) and stop is not None and stop.reached.wait(0.02):
                return None
            if latch is not None and _waiting(latch):
                return None
            assert self._lines.empty(), f"it went past {point}: {self._lines.get()}"
            time.sleep(0.005)
        raise AssertionError(f"it never came to {point}")

    def _say(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line, default=str) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def _wait_for(self, what: str) -> dict[str, Any]:
        line = self._lines.get(timeout=60)
        assert what in line, line
        return line


@contextmanager
def _latched(point: Point) -> "Iterator[psycopg.Connection[Any] | None]":
    """For a row: a trigger that waits for a lock which we hold. What waited is cut off before we let go."""
    if not isinstance(point, AtRow):
        yield None
        return
    with psycopg.connect(database_url(), autocommit=True) as latch:
        latch.execute("SELECT pg_advisory_lock(%s)", [_LATCH])
        latch.execute(_trigger(point).encode())
        try:
            yield latch
        finally:
            for pid in _waiting(latch):
                latch.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            latch.execute(f"DROP TRIGGER tests_latch ON {point.table}".encode())


def _trigger(point: AtRow) -> str:
    timing = f"BEFORE {point.event} ON {point.table}"
    if point.at_commit:
        timing = f"AFTER {point.event} ON {point.table} DEFERRABLE INITIALLY DEFERRED"
    kind = "CONSTRAINT TRIGGER" if point.at_commit else "TRIGGER"
    return f"""
        CREATE OR REPLACE FUNCTION tests_latch() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock({_LATCH}); RETURN NEW; END $$;
        CREATE {kind} tests_latch {timing} FOR EACH ROW WHEN ({point.when}) EXECUTE FUNCTION tests_latch();
    """


def _waiting(latch: "psycopg.Connection[Any]") -> list[int]:
    rows = latch.execute(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [_LATCH],
    )
    return [row[0] for row in rows]


def _wait_until_dead(pid: int) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.002)
    raise AssertionError(f"process {pid} does not die")


def sent(sandbox: PaystackSandbox, path: str) -> int:
    """How often the gateway was told to do it."""
    return sum(one["method"] == "POST" and one["path"] == path for one in sandbox.requests())


def enter(record_property: report.Record, where: str, *, paid: int, credited: int) -> None:
    report.cell(record_property, TABLE, where, "1 paid", str(paid))
    report.cell(record_property, TABLE, where, "2 credited", str(credited))
    report.cell(record_property, TABLE, where, "3 lost", str(max(paid - credited, 0)))
    report.cell(record_property, TABLE, where, "4 doubled", str(max(credited - paid, 0)))
