"""From the lock to the last child, and back in the opposite order."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.db import connection

from config import engines
from config.settings.base import env
from config.settings.engines import data_dir

from . import CannotRun, banner, children, instance, ports, readiness
from .processes import Processes, Terminal

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(Exception):
    """Somebody asked for the end before everything was up."""


class Run:
    """One run of the product. `say` shows a line to the person who started it."""

    def __init__(self, *, say: Callable[[str], Any], coloured: bool) -> None:
        self._say = say
        self._coloured = coloured
        self._asked_to_stop = threading.Event()

    def until_stopped(self, *, port: int | None, sandbox_port: int | None) -> None:
        """Returns after SIGINT, SIGTERM or SIGHUP, with nothing left running. Raises CannotRun, likewise."""
        for number in _STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            with ExitStack() as stack:
                self._run(stack, data_dir(), port, sandbox_port)
        except _Stopped:
            pass
        except (CannotRun, engines.EngineError) as error:
            if not self._asked_to_stop.is_set():  # else the Ctrl-C itself may have ended what failed
                raise CannotRun(str(error)) from error
        self._say("Sika has stopped; the next start finds the same data.")

    def _run(self, stack: ExitStack, data: Path, port: int | None, sandbox_port: int | None) -> None:
        started = time.monotonic()
        mine = stack.enter_context(instance.only_one(data))
        leftovers = instance.end_leftovers(data)
        if leftovers:
            self._say(f"Ended {leftovers} processes that an earlier run left behind.")
        addresses = children.Addresses(
            web_port=self._claim(stack, "web server", 8000, port, "--port"),
            sandbox_port=self._claim(stack, "sandbox", 8400, sandbox_port, "--sandbox-port"),
        )
        running = self._start_engines(stack, data)
        self._prepare()
        mine.publish(addresses.environment())
        processes = self._start_children(stack, data, addresses)
        readiness.wait(addresses.web, lambda: self._still_wanted(processes, running))
        processes.answering = True
        self._say(banner.ready(addresses, data, time.monotonic() - started))
        while not self._asked_to_stop.wait(0.2):
            _check_alive(processes, running)

    def _claim(self, stack: ExitStack, what: str, first: int, fixed: int | None, option: str) -> int:
        port = stack.enter_context(ports.claimed(first=first, fixed=fixed, option=option))
        if fixed is None and port != first:
            self._say(f"Port {first} is taken; the {what} uses {port}.")
        return port

    def _start_engines(self, stack: ExitStack, data: Path) -> engines.Engines:
        postgres, valkey = not env("DATABASE_URL"), not env("REDIS_URL")
        self._step("PostgreSQL" if postgres else "PostgreSQL of DATABASE_URL")
        self._step("Valkey" if valkey else "Redis of REDIS_URL")
        return stack.enter_context(engines.running(data, postgres=postgres, valkey=valkey))

    def _prepare(self) -> None:
        """Migrations, catalogue and demo in this process, which has imported everything already."""
        for what, command in (
            ("database tables", "migrate"),
            ("catalogue", "sync_catalogue"),
            ("help articles", "import_articles"),
            ("demo shop", "seed_demo"),
        ):
            self._step(what)
            call_command(command, verbosity=0)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one

    def _start_children(self, stack: ExitStack, data: Path, addresses: children.Addresses) -> Processes:
        self._step("sandbox, beat, workers and web")
        terminal = Terminal(sys.stdout, data / "up.log", width=len("sandbox"))
        stack.callback(terminal.close)
        stack.callback(instance.end_leftovers, data)
        processes = Processes(terminal)
        stack.callback(processes.stop)
        children.start_all(processes, data, addresses, coloured=self._coloured)
        return processes

    def _step(self, what: str) -> None:
        if self._asked_to_stop.is_set():
            raise _Stopped
        self._say(f"  {what} ...")

    def _still_wanted(self, processes: Processes, running: engines.Engines) -> None:
        if self._asked_to_stop.is_set():
            raise _Stopped
        _check_alive(processes, running)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Only a flag: an exception here could fall between the birth of a process and its being noted down.
        if not self._asked_to_stop.is_set():
            self._asked_to_stop.set()
            self._say("\nStopping; a task that runs may take up to a minute to finish.")


def _check_alive(processes: Processes, running: engines.Engines) -> None:
    ended = processes.first_ended()
    if ended is not None:
        raise CannotRun(f"{ended}; everything else was stopped. Its last lines are above and in up.log.")
    for name, engine in (("PostgreSQL", running.postgres), ("Valkey", running.valkey)):
        if engine is not None and engine.poll() is not None:
            raise CannotRun(
                f"{name} has ended; everything else was stopped. Read its log in the data folder."
            )
